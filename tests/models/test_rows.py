from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from benchmark.errors import BenchmarkError
from benchmark.interfaces import Model
from benchmark.models._rows import Rows, averaged_rows, known, labelled_rows
from benchmark.models.extra_trees import ExtraTrees
from benchmark.models.ridge import Ridge
from benchmark.models.xgboost_summary import XgboostSummary
from benchmark.records import SongFrames
from benchmark.views import Summary

MakeSongs = Callable[..., list[SongFrames]]
VIEW = Summary(2.0)


def vector(name: str, labels: list[list[float]]) -> SongFrames:
    frames = np.random.default_rng(list(name.encode())).normal(size=(1, 3)).astype(np.float32)
    times = 15 + 0.5 * np.arange(len(labels))
    return SongFrames(name, frames, math.inf, times, np.array(labels))


def test_there_is_a_row_per_complete_label(make_songs: MakeSongs) -> None:
    first, second = make_songs(1, 2, n_targets=2)
    labels = first.labels.copy()
    labels[3, 1] = labels[5] = np.nan
    songs = [replace(first, labels=labels), second]
    rows = labelled_rows(VIEW, songs)
    kept = [0, 1, 2, 4, 6, 7]
    np.testing.assert_array_equal(rows.inputs[:6], VIEW.rows(first)[kept])
    np.testing.assert_array_equal(rows.inputs[6:], VIEW.rows(second))
    np.testing.assert_array_equal(rows.labels[:6], labels[kept])
    np.testing.assert_array_equal(rows.weights, np.ones(14))
    owners = np.repeat([0, 1], [len(known(song).which) for song in songs])
    np.testing.assert_array_equal(owners, 6 * [0] + 8 * [1])


def test_of_one_vector_a_song_the_labels_become_one_row() -> None:
    songs = [
        vector("a", [[0.1], [0.3], [np.nan]]),
        vector("b", [[np.nan]]),
        vector("c", [[0.5], [0.5], [0.8]]),
    ]
    rows = labelled_rows(VIEW, songs)
    np.testing.assert_array_equal(rows.inputs, [songs[0].frames[0], songs[2].frames[0]])
    np.testing.assert_allclose(rows.labels, [[0.2], [0.6]])
    np.testing.assert_array_equal(rows.weights, [2, 3])
    owners = np.repeat([0, 1, 2], [len(known(song).which) for song in songs])
    np.testing.assert_array_equal(owners, [0, 2])


@pytest.mark.parametrize("n_targets", [1, 2])
def test_merging_rows_changes_no_squared_error_but_by_a_constant(n_targets: int) -> None:
    random = np.random.default_rng(0)
    songs = [
        vector(name, random.normal(size=(length, n_targets)).tolist())
        for name, length in [("a", 3), ("b", 7), ("c", 1)]
    ]
    merged, full = labelled_rows(VIEW, songs), every_row(songs)

    def error(rows: Rows, weights: np.ndarray) -> float:
        squared = np.square(rows.inputs @ weights - rows.labels).sum(axis=1)
        return float(rows.weights @ squared)

    apart = [error(full, w) - error(merged, w) for w in random.normal(size=(5, 3, n_targets))]
    np.testing.assert_allclose(apart, apart[0])


@pytest.mark.parametrize(
    "model",
    [
        Ridge(alphas=(1.0,)),
        ExtraTrees(n_estimators=3),
        XgboostSummary(n_estimators=200, subsample=1.0),
    ],
    ids=lambda model: model.name,
)
def test_a_song_counts_by_its_labels(model: Model) -> None:
    """Two songs that sound alike, one of them rated nine times as long."""
    short, long = vector("a", [[0.0]]), replace(vector("a", 9 * [[1.0]]), id="b")
    (values,) = model.fit([short, long], [], seed=0).predict([short])
    np.testing.assert_allclose(values, 0.9, atol=1e-3)


@pytest.mark.parametrize("seconds", [0.5, 1.0, 1.6, 60.0])
def test_rows_are_averaged_song_by_song(make_songs: MakeSongs, seconds: float) -> None:
    first, second = make_songs(1, 2, n_targets=2)
    labels = first.labels.copy()
    labels[3, 1] = np.nan
    songs = [replace(first, labels=labels), second]
    several = {0.5: 1, 1.0: 2, 1.6: 3, 60.0: 120}[seconds]
    inputs, means, weights = [], [], []
    for song in songs:
        complete = np.flatnonzero(np.isfinite(song.labels).all(axis=1))
        for start in range(0, len(complete), several):
            which = complete[start : start + several]
            inputs.append(VIEW.rows(song)[which].mean(axis=0))
            means.append(song.labels[which].mean(axis=0))
            weights.append(len(which))
    rows = averaged_rows(VIEW, songs, seconds)
    np.testing.assert_allclose(rows.inputs, inputs, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(rows.labels, means)
    np.testing.assert_array_equal(rows.weights, weights)
    assert rows.inputs.dtype == np.float32


def test_averaged_over_one_label_rows_are_as_they_were(make_songs: MakeSongs) -> None:
    songs = make_songs(1, 3)
    averaged, plain = averaged_rows(VIEW, songs, 0.5), labelled_rows(VIEW, songs)
    np.testing.assert_array_equal(averaged.inputs, plain.inputs)
    np.testing.assert_array_equal(averaged.labels, plain.labels)


def test_of_one_vector_a_song_there_is_one_row_and_of_no_label_none() -> None:
    songs = [vector("a", [[0.1], [0.3]]), vector("b", [[np.nan]]), vector("c", [[0.5]])]
    rows = averaged_rows(VIEW, songs, 3.0)
    np.testing.assert_array_equal(rows.inputs, [songs[0].frames[0], songs[2].frames[0]])
    np.testing.assert_allclose(rows.labels, [[0.2], [0.5]])
    np.testing.assert_array_equal(rows.weights, [2, 1])


def every_row(songs: list[SongFrames]) -> Rows:
    """Return what is merged, unmerged."""
    return Rows(
        inputs=np.concatenate([VIEW.rows(song) for song in songs]),
        labels=np.concatenate([song.labels for song in songs]),
        weights=np.ones(sum(len(song.times) for song in songs)),
    )


def test_songs_without_any_complete_label_are_nothing_to_average() -> None:
    with pytest.raises(BenchmarkError, match="nothing can be learned"):
        averaged_rows(VIEW, [vector("a", [[np.nan]])], 3.0)
