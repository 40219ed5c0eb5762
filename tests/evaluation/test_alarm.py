"""Labels of the planted results: two a song, 0.5 below and above 0, so knowing the mean gives 0.5.

A prediction is off by the planted error on every label, so its RMSE is that error.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from results import Results, many

from benchmark.evaluation.alarm import Alarm, alarms, kinds, of_folds
from benchmark.evaluation.oracles import song_mean
from benchmark.evaluation.scores import score
from benchmark.records import RaterErrors, Shared

SONG_MEAN = "oracle: song mean"


def found(
    place: Path,
    *,
    error: Any = 0.6,
    shared: Shared | None = None,
    raters: float | None = None,
    known: int = 4,
    **published: Any,
) -> tuple[Alarm, ...]:
    """Return the alarms of one planted row; `raters` is the standard error of their mean."""
    results = Results(place, labels=many(4), folds=(("1", "2"), ("3", "4")))
    results.add(error=error, shared=shared)
    if raters is not None:
        per_song = RaterErrors(2, 2 * raters**2, between_halves=9.0, of_one=9.0)
        published["raters"] = {"arousal": {str(n): per_song for n in range(1, known + 1)}}
    results.publish(**published)
    (manifest,) = results.store.manifests()
    (cell,) = manifest.cells
    records = [record for key in cell.jobs if (record := results.store.read(key))]
    reached, oracle = score(records, "arousal"), song_mean(records, "arousal")
    return alarms(manifest, cell, records, "arousal", reached=reached, song_mean=oracle)


def test_a_fair_honest_row_has_no_alarm(tmp_path: Path) -> None:
    assert found(tmp_path, raters=0.3, floors={"arousal": 0.4}) == ()


def test_half_seconds_on_both_sides_are_caught_though_the_score_looks_fair(tmp_path: Path) -> None:
    shared = Shared(
        test_songs=4, trained_on=4, chosen_on=4, test_labels=8, overlapping=7, example="song 3"
    )
    (alarm,) = found(tmp_path, shared=shared)
    assert alarm.kind == "leaky"
    assert alarm.words == (
        "4 of 4 test songs are also trained on, for example song 3; around 88% of the test labels "
        "the model hears what it trained on"
    )


def test_a_model_that_hears_nothing_is_leaky_all_the_same() -> None:
    shared = Shared(
        test_songs=4, trained_on=3, test_labels=8, example="song 3, the same recording as song 4"
    )
    (alarm,) = of_folds(shared)
    words = (
        "3 of 4 test songs are also trained on, for example song 3, the same recording as song 4"
    )
    assert (alarm.kind, alarm.words) == ("leaky", words)


def test_choosing_on_test_songs_is_optimistic(tmp_path: Path) -> None:
    (alarm,) = found(tmp_path, shared=Shared(test_songs=4, test_labels=8, chosen_on=2))
    assert alarm.kind == "optimistic"
    assert alarm.words == (
        "2 of 4 test songs are handed to the model for its choices: when to stop, which parameters "
        "to take"
    )


def test_folds_that_share_nothing_have_no_alarm() -> None:
    assert of_folds(Shared(test_songs=4, test_labels=8)) == ()


@pytest.mark.parametrize(("error", "raised"), [(0.501, 0), (0.499, 1)])
def test_a_score_below_knowing_the_mean_of_each_song_is_too_good(
    tmp_path: Path, error: float, raised: int
) -> None:
    alarm = found(tmp_path, error=error)
    assert [one.kind for one in alarm] == raised * ["too good"]
    for one in alarm:
        assert one.words.startswith(f"pooled RMSE 0.4990 lies below 0.5000 ({SONG_MEAN}). Likely")
        for cause in ("test labels reach the model", "one recording under two ids", "scale"):
            assert cause in one.words


def test_one_average_below_the_floor_is_enough(tmp_path: Path) -> None:
    """Pooled, one bad song hides three that are too good: it stays above, the mean does not."""
    good = dict.fromkeys("123", 0.1)
    (alarm,) = found(tmp_path / "one", error={**good, "4": 1.4})
    assert alarm.words.startswith(f"RMSE per song 0.4250 lies below 0.5000 ({SONG_MEAN})")
    assert found(tmp_path / "other", error={**good, "4": 2.0}) == ()


@pytest.mark.parametrize(("raters", "raised"), [(0.59, []), (0.61, ["too good"])])
def test_a_score_below_the_standard_error_of_the_raters_is_too_good(
    tmp_path: Path, raters: float, raised: list[str]
) -> None:
    alarm = found(tmp_path, raters=raters)
    assert [one.kind for one in alarm] == raised
    for one in alarm:
        assert "lies below 0.6100 (raters: standard error of their mean)" in one.words


def test_raters_are_a_floor_where_they_are_known_for_every_test_song(tmp_path: Path) -> None:
    """Those of some songs have a row; the score is that of all of them."""
    for known in (1, 2, 3):
        assert found(tmp_path / str(known), raters=0.61, known=known) == ()
    (alarm,) = found(tmp_path / "more", raters=0.61, known=5)
    assert "(raters: standard error of their mean)" in alarm.words


@pytest.mark.parametrize(("floor", "raised"), [(0.59, []), (0.61, ["too good"])])
def test_a_score_below_the_floor_of_the_dataset_is_too_good(
    tmp_path: Path, floor: float, raised: list[str]
) -> None:
    alarm = found(tmp_path, floors={"arousal": floor})
    assert [one.kind for one in alarm] == raised
    for one in alarm:
        assert "pooled RMSE 0.6000 lies below 0.6100 (plausible floor of this dataset)" in one.words
    assert found(tmp_path / "b", floors={"valence": 0.61}) == ()


def test_every_floor_a_score_lies_below_is_told_once(tmp_path: Path) -> None:
    alarm = found(
        tmp_path,
        error=0.01,
        raters=0.2,
        floors={"arousal": 0.1},
        shared=Shared(test_songs=4, chosen_on=4),
    )
    assert [one.kind for one in alarm] == ["optimistic", *3 * ["too good"]]
    assert kinds(alarm) == "optimistic, too good"
    named = [one.words.partition(" lies below ")[2].partition(". ")[0] for one in alarm[1:]]
    assert named == [
        f"0.5000 ({SONG_MEAN})",
        "0.2000 (raters: standard error of their mean)",
        "0.1000 (plausible floor of this dataset)",
    ]


def test_an_undefined_floor_raises_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, floors={"arousal": math.nan}) == ()
