from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from results import LABELS, Results

from benchmark.evaluation.averages import averages
from benchmark.records import JobRecord, Predictions


def jobs_of(results: Results) -> list[JobRecord]:
    (cell,) = results.cells
    return [record for key in cell.jobs if (record := results.store.read(key))]


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return Results(tmp_path)


def test_every_song_has_the_mean_of_the_seeds_that_tested_it(results: Results) -> None:
    results.add(error={"1": 0.1, "2": 0.2, "3": 0.0, "4": -0.1}, step=0.3, seeds=(0, 1))
    found = averages(jobs_of(results), "arousal")
    assert sorted(found) == ["1", "2", "3", "4"]
    for song, error in {"1": 0.1, "2": 0.2, "3": 0.0, "4": -0.1}.items():
        np.testing.assert_array_equal(found[song].times, [15.0, 15.5])
        np.testing.assert_array_equal(found[song].annotated, LABELS[song])
        expected = np.nan_to_num(LABELS[song]) + error + 0.3 / 2
        np.testing.assert_allclose(found[song].predicted, expected)


@pytest.mark.parametrize("change", [{"failing": 1}, {"missing": 1}])
def test_jobs_that_have_not_finished_leave_out_their_songs(
    results: Results, change: dict[str, int]
) -> None:
    results.add(**change)
    assert sorted(averages(jobs_of(results), "arousal")) == ["1", "2"]


def test_a_song_in_several_folds_is_averaged_over_them(tmp_path: Path) -> None:
    """As a split of single labels has it, where each fold knows other ratings."""
    times = np.array([15.0, 15.5, 16.0])
    known = np.array([[0.1, 0.2], [np.nan, 0.4], [np.nan, np.nan]])

    def job(labels: np.ndarray, value: float) -> JobRecord:
        return JobRecord(
            "key",
            {"targets": ["valence", "arousal"]},
            predictions=Predictions(
                songs=np.array(["7"] * 3),
                times=times,
                labels=np.stack([np.full(3, 9.0), labels], axis=1),
                values=np.stack([np.full(3, 9.0), np.full(3, value)], axis=1),
            ),
        )

    found = averages([job(known[:, 0], 0.0), job(known[:, 1], 1.0)], "arousal")
    np.testing.assert_array_equal(found["7"].predicted, [0.5, 0.5, 0.5])
    np.testing.assert_allclose(found["7"].annotated, [0.15, 0.4, np.nan])
    assert averages([], "arousal") == {}
