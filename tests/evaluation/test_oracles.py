from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from benchmark.datasets.deam import Deam
from benchmark.evaluation.oracles import Anchor, previous_label, raters, song_mean
from benchmark.records import TARGETS, JobRecord, Predictions, RaterErrors

Oracle = Callable[[Sequence[JobRecord], str], Anchor]
NAN = math.nan
SONGS = {
    "a": [0.1, 0.3],
    "b": [0.5, NAN, 0.5, 0.8],
    "c": [NAN, NAN],
}
"""Means 0.2 and 0.6: errors .02 and .06. Steps 0.2 and, where both are rated, 0.3."""
FIRST_OF_RATERS = RaterErrors(n_labels=2, of_mean=0.02, between_halves=0.08, of_one=0.5)
SECOND_OF_RATERS = RaterErrors(n_labels=4, of_mean=0.16, between_halves=0.64, of_one=1.0)


def record(songs: Mapping[str, Sequence[float]], *, error: str = "") -> JobRecord:
    """A job that predicts nonsense: oracles do not look at predictions."""
    lengths = [len(labels) for labels in songs.values()]
    labels = np.concatenate([np.asarray(labels, dtype=float) for labels in songs.values()])
    predictions = Predictions(
        songs=np.repeat(list(songs), lengths),
        times=np.zeros(len(labels)),
        labels=np.stack([np.linspace(0, 9, len(labels)), labels], axis=1),
        values=np.full((len(labels), 2), 7.0),
    )
    return JobRecord(
        "key", {"targets": ["valence", "arousal"]}, error, None if error else predictions
    )


def test_knowing_the_mean_of_each_song_by_hand() -> None:
    anchor = song_mean([record(SONGS)], "arousal")
    assert anchor.name == "oracle: song mean"
    assert anchor.rmse == pytest.approx((math.sqrt(0.02 / 2) + math.sqrt(0.06 / 3)) / 2)
    assert anchor.rmse_pooled == pytest.approx(math.sqrt(0.08 / 5))


def test_repeating_the_previous_label_by_hand() -> None:
    """Song b counts once: across its missing label there is nothing to repeat."""
    anchor = previous_label([record(SONGS)], "arousal")
    assert anchor.name == "oracle: previous label"
    assert anchor.rmse == pytest.approx((0.2 + 0.3) / 2)
    assert anchor.rmse_pooled == pytest.approx(math.sqrt((0.2**2 + 0.3**2) / 2))


@pytest.mark.parametrize("oracle", [song_mean, previous_label])
def test_a_song_counts_once_however_often_it_was_tested(oracle: Oracle) -> None:
    a, b = ({song: SONGS[song]} for song in "ab")
    once = oracle([record(a), record(b)], "arousal")
    assert oracle([record(a), record(b), record(a), record(a | b)], "arousal") == once
    assert oracle([record(a, error="failed"), record(a), record(b)], "arousal") == once


@pytest.mark.parametrize("oracle", [song_mean, previous_label])
def test_without_labels_an_oracle_is_undefined(oracle: Oracle) -> None:
    anchor = oracle([record({"c": SONGS["c"]})], "arousal")
    assert math.isnan(anchor.rmse) and math.isnan(anchor.rmse_pooled)


def test_rows_of_raters_by_hand() -> None:
    apart = {"a": FIRST_OF_RATERS, "b": SECOND_OF_RATERS, "unasked": FIRST_OF_RATERS}
    mean, halves, one = raters(apart, ["a", "b"])
    assert mean.name == "raters: standard error of their mean"
    assert mean.rmse == pytest.approx((0.1 + 0.2) / 2)
    assert mean.rmse_pooled == pytest.approx(math.sqrt(0.18 / 6))
    assert halves.name == "raters: one half against the other"
    assert halves.rmse == pytest.approx((0.2 + 0.4) / 2)
    assert halves.rmse_pooled == pytest.approx(math.sqrt(0.72 / 6))
    assert one.name == "raters: one against the others (no ceiling)"
    assert one.rmse == pytest.approx((0.5 + 0.5) / 2)
    assert one.rmse_pooled == pytest.approx(math.sqrt(1.5 / 6))


def test_raters_have_a_row_where_known_for_half_of_the_songs_and_say_so() -> None:
    known = {"a": FIRST_OF_RATERS}
    rows = raters(known, ["a", "b"])
    assert [row.name for row in rows] == [
        "raters: standard error of their mean, 1 of 2 songs",
        "raters: one half against the other, 1 of 2 songs",
        "raters: one against the others (no ceiling), 1 of 2 songs",
    ]
    assert [row.rmse for row in rows] == pytest.approx([0.1, 0.2, 0.5])
    assert raters(known, ["a", "b", "c"]) == ()
    assert raters({}, ["a"]) == raters(known, []) == ()


def test_floors_of_the_excerpts_of_deam(shared_datasets: Path) -> None:
    corpus = Deam(root=shared_datasets / "deam", songs="excerpts").load()
    assert len(corpus.songs) == 1744
    values = np.concatenate([song.values(TARGETS) for song in corpus.songs])
    lengths = [len(song.times) for song in corpus.songs]
    every = JobRecord(
        "key",
        {"targets": list(TARGETS)},
        predictions=Predictions(
            songs=np.repeat([song.id for song in corpus.songs], lengths),
            times=np.concatenate([song.times for song in corpus.songs]),
            labels=values,
            values=values,
        ),
    )
    pooled = [song_mean([every], target).rmse_pooled for target in TARGETS]
    assert pooled == pytest.approx([0.045, 0.038], abs=0.0006)
    pooled = [previous_label([every], target).rmse_pooled for target in TARGETS]
    assert pooled == pytest.approx([0.0115, 0.0115], abs=0.0015)
