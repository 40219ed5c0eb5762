from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from benchmark.records import StudyRecord, TrialRecord


def trial(number: int, score: float | None = None, **about: Any) -> TrialRecord:
    """Return a trial that is complete if it has a score, and was given up if not."""
    state = "pruned" if score is None else "complete"
    return TrialRecord(number, **{"state": state, "parameters": {}, "score": score, **about})


def study(*trials: TrialRecord, untuned: int = 0) -> StudyRecord:
    return StudyRecord("k", "a study", "arousal", 0, {"untuned": untuned}, trials)


@pytest.mark.parametrize(
    ("scores", "best"),
    [
        ((0.3, 0.1, 0.2), 1),
        ((0.3, 0.2, 0.2), 1),
        ((None, 0.2, None, 0.1), 3),
        ((0.1, 0.0), 1),
        ((0.0, 0.1), 0),
        ((0.0, 0.0), 0),
    ],
)
def test_the_best_trial_has_the_lowest_score_and_is_the_first_of_equals(
    scores: tuple[float | None, ...], best: int
) -> None:
    trials = [trial(number, score) for number, score in enumerate(scores)]
    for order in (trials, trials[::-1]):
        assert study(*order).best == trials[best]


@pytest.mark.parametrize("trials", [(), (trial(0), trial(1, state="failed"))])
def test_without_a_complete_trial_there_is_no_best(trials: tuple[TrialRecord, ...]) -> None:
    assert study(*trials).best is None
    assert study(*trials, untuned=2).untuned is None


def test_untuned_is_the_best_of_those_tried_first() -> None:
    trials = [trial(0), trial(1, 0.3), trial(2, 0.2), trial(3, 0.2), trial(4, 0.1)]
    assert study(*trials, untuned=0).untuned is None
    assert study(*trials, untuned=1).untuned is None
    assert study(*trials, untuned=2).untuned == trials[1]
    assert study(*trials, untuned=4).untuned == trials[2]


def test_an_untuned_trial_may_be_perfect() -> None:
    trials = [trial(0, 0.1), trial(1, 0.0), trial(2, 0.0)]
    assert study(*trials, untuned=2).untuned == trials[1]


def test_a_trial_that_is_still_running_makes_no_later_one_untuned() -> None:
    """A study that was stopped holds those that have ended: numbers may be missing."""
    trials = [trial(1, 0.2), trial(2, 0.1)]
    assert study(*trials, untuned=1).untuned is None
    assert study(*trials, untuned=2).untuned == trials[0]


def test_trials_are_counted_by_how_they_ended() -> None:
    record = study(trial(0, 0.0), trial(1), trial(2, state="failed"), trial(3), trial(4, 0.2))
    assert record.count("complete") == 2
    assert record.count("pruned") == 2
    assert record.count("failed") == 1
    assert study().count("complete") == 0


def test_failures_are_counted_by_reason() -> None:
    record = study(
        trial(0, 0.2),
        trial(1, state="failed", reason="out of memory"),
        trial(2, state="failed", reason="diverged"),
        trial(3, reason="given up, which is no failure"),
        trial(4, state="failed", reason="out of memory"),
    )
    assert record.failures == Counter({"out of memory": 2, "diverged": 1})
    assert record.failures.most_common(1) == [("out of memory", 2)]
