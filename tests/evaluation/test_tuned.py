from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from results import Results, study, tuning

from benchmark.evaluation.tuned import TunedRow, tuned_row
from benchmark.records import StudyRecord

FOLDS = (("1",), ("2", "3", "4"))
ERRORS = {"1": 0.3, "2": 0.5, "3": 0.6, "4": 0.7}
"""With two seeds 0.1 apart the folds reach 0.35 and 0.65, mean 0.5; all songs together 0.575."""


def row(
    place: Path, *studies: StudyRecord, missing: StudyRecord | None = None, target: str = "arousal"
) -> TunedRow | None:
    """Return the row of one song in fold 0, three in fold 1, all with two seeds."""
    results = Results(place, folds=FOLDS)
    results.add(error=ERRORS, step=0.1, seeds=(0, 1), studies=studies, target=target)
    (cell,), store = results.cells, results.store
    if missing:
        cell = replace(cell, tuning=tuning(*studies, missing))
    return tuned_row(cell, [store.read(key) for key in cell.jobs], target, store.read_study)


def test_optimism_by_hand_is_inner_less_outer_of_each_fold(tmp_path: Path) -> None:
    """0.30 - 0.35 and 0.50 - 0.65: each study beside the jobs of its own fold, a fold a vote."""
    found = row(tmp_path, study(0, 0.4, 0.3, None), study(1, 0.6, "broke", 0.5))
    assert found
    assert [fold.inner for fold in found.folds] == [0.3, 0.5]
    assert [fold.outer for fold in found.folds] == [pytest.approx(0.35), pytest.approx(0.65)]
    assert [fold.untuned for fold in found.folds] == [0.4, 0.6]
    assert (found.inner, found.outer) == (pytest.approx(0.4), pytest.approx(0.5))
    assert found.untuned == pytest.approx(0.5)
    assert found.optimism == pytest.approx(-0.1)


def test_a_study_is_held_against_its_own_fold_wherever_it_is_listed(tmp_path: Path) -> None:
    found = row(tmp_path, study(1, 0.5), study(0, 0.3))
    assert found
    assert [fold.outer for fold in found.folds] == [pytest.approx(0.65), pytest.approx(0.35)]
    assert found.optimism == pytest.approx(-0.1)


def test_optimism_is_positive_where_a_study_believed_too_little(tmp_path: Path) -> None:
    found = row(tmp_path, study(0, 0.45), study(1, 0.75), target="valence")
    assert found
    assert found.optimism == pytest.approx(0.1)


@pytest.mark.parametrize(
    "other",
    [study(1, 0.5, untuned=0), study(1, None, 0.5), study(1, "broke", 0.5)],
    ids=["not tried", "pruned", "failed"],
)
def test_a_mean_over_some_folds_is_no_untuned_score(tmp_path: Path, other: StudyRecord) -> None:
    found = row(tmp_path, study(0, 0.4, 0.3), other)
    assert found
    assert found.folds[0].untuned == 0.4
    assert found.untuned is None
    assert found.optimism == pytest.approx(-0.1)


def test_of_a_study_that_is_lost_or_has_no_winner_nothing_is_said(tmp_path: Path) -> None:
    assert row(tmp_path / "lost", study(0, 0.3), missing=study(1, 0.5)) is None
    assert row(tmp_path / "none won", study(0, 0.3), study(1, None, "broke")) is None


def test_a_row_that_was_not_tuned_has_no_studies(tmp_path: Path) -> None:
    assert row(tmp_path) is None
