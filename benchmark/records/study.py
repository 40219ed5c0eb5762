"""What a study leaves behind: its trials, and what it was to choose from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

STUDY_VERSION = 1

State = Literal["complete", "pruned", "failed"]


@dataclass(frozen=True)
class TrialRecord:
    """A trial that has ended.

    Attributes
    ----------
    parameters : mapping
        What was chosen, by the names it has in the study.
    feature, model : str
        The labels of what that makes; empty where it makes none.
    score : float or None
        RMSE per song, averaged over songs and then inner folds; only of a complete trial.
    steps : tuple of (int, float)
        What was reported on the way, and at which step.
    started_at, seconds : float
        Seconds since the epoch; of fitting and predicting.
    reason : str
        Why it failed.
    """

    number: int
    state: State
    parameters: Mapping[str, Any]
    feature: str = ""
    model: str = ""
    score: float | None = None
    steps: tuple[tuple[int, float], ...] = ()
    started_at: float = 0.0
    seconds: float = 0.0
    reason: str = ""


@dataclass(frozen=True)
class StudyRecord:
    """The trials of a study, by number.

    `description` is everything that decides them, in plain types; `key` is a digest of it and of
    `name`, as two files may search the same. `target`
    and `fold` say what its winner is for; the fold of a study on all songs is None.
    """

    key: str
    name: str
    target: str
    fold: int | None
    description: Mapping[str, Any]
    trials: tuple[TrialRecord, ...]
    schema_version: int = STUDY_VERSION

    @property
    def best(self) -> TrialRecord | None:
        """The complete trial with the lowest score, the first of several; None without one."""
        return _best(self.trials)

    @property
    def untuned(self) -> TrialRecord | None:
        """The best of those that are as the file has them, which a study tries first."""
        n_first = self.description["untuned"]
        return _best([trial for trial in self.trials if trial.number < n_first])

    def count(self, state: State) -> int:
        """Return how many trials ended so."""
        return sum(trial.state == state for trial in self.trials)

    @property
    def failures(self) -> Counter[str]:
        """Why trials failed, and how many did for that reason."""
        return Counter(trial.reason for trial in self.trials if trial.state == "failed")


def _best(trials: Sequence[TrialRecord]) -> TrialRecord | None:
    scored = [(trial.score, trial.number, trial) for trial in trials if trial.score is not None]
    return min(scored)[2] if scored else None
