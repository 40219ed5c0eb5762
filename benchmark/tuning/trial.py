"""A trial that this process runs: what it tries, what is reported of it, how it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import optuna
from optuna.trial import FrozenTrial, TrialState

from benchmark.records import TrialRecord
from benchmark.tuning import space
from benchmark.tuning.storage import Storage
from benchmark.tuning.strategies import pruner, sampler
from benchmark.tuning.subject import Subject

FEATURE, MODEL, SECONDS, REASON = "mer.feature", "mer.model", "mer.seconds", "mer.reason"

ENDED: dict[TrialState, Literal["complete", "pruned", "failed"]] = {
    TrialState.COMPLETE: "complete",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
}


class Trial:
    """A trial that this process runs; `reason` says why it failed, if it has.

    With `fixed`, these are its parameters.
    """

    def __init__(
        self,
        subject: Subject,
        storage: Storage,
        identifier: int,
        *,
        number: int,
        fixed: Mapping[str, Any] | None,
    ) -> None:
        self.subject = subject
        self.storage = storage
        self.identifier = identifier
        self.number = number
        self.reason = ""
        search = subject.search
        self._study = optuna.load_study(
            study_name=subject.name,
            storage=storage.open(),
            sampler=sampler(search.sampler, seed=subject.sampling, trial=number, fixed=fixed),
            pruner=pruner(search.pruner, epochs=subject.in_epochs),
        )
        self._optuna = optuna.Trial(self._study, identifier)
        self._seconds = 0.0

    def __str__(self) -> str:
        return f"{self.subject.stem}, trial {self.number}"

    def configuration(self) -> space.Configuration:
        """Return what to try; what was chosen before it was taken over stays.

        Raises
        ------
        ImpossibleError
            If its parameters do not go together.
        """
        with self.storage.guard():
            chosen = space.suggested(self.subject.search, self._optuna)
            self._note(FEATURE, chosen.feature.label if chosen.feature else "none")
            self._note(MODEL, chosen.model.label)
        return chosen

    def spent(self, seconds: float) -> None:
        """Count what a job has cost."""
        self._seconds += seconds

    def report(self, values: Sequence[tuple[int, float]]) -> bool:
        """Report values at steps; return whether to go no further with it."""
        with self.storage.guard():
            known = self.storage.open().get_trial(self.identifier).intermediate_values
            for step, value in values:
                if step not in known:
                    self._optuna.report(value, step)
            return bool(values) and self._optuna.should_prune()

    def complete(self, score: float) -> None:
        """Say how it did."""
        self._tell(score, TrialState.COMPLETE)

    def prune(self) -> None:
        """Say that it was given up."""
        self._tell(None, TrialState.PRUNED)

    def fail(self, reason: str) -> None:
        """Say that it cannot be judged, and why."""
        self.reason = reason
        self._tell(None, TrialState.FAIL)

    def _tell(self, score: float | None, state: TrialState) -> None:
        with self.storage.guard():
            try:
                self._note(SECONDS, self._seconds)
                if self.reason:
                    self._note(REASON, self.reason)
                self._study.tell(self.number, score, state)
            except (ValueError, RuntimeError):  # another, who took us for gone, was faster
                if not self.storage.open().get_trial(self.identifier).state.is_finished():
                    raise

    def _note(self, name: str, value: object) -> None:
        self.storage.open().set_trial_user_attr(self.identifier, name, value)


def trial_record(trial: FrozenTrial) -> TrialRecord:
    """Return a trial that has ended in plain types."""
    about: Mapping[str, Any] = trial.user_attrs
    return TrialRecord(
        number=trial.number,
        state=ENDED[trial.state],
        parameters=dict(trial.params),
        feature=about.get(FEATURE, ""),
        model=about.get(MODEL, ""),
        score=trial.value if trial.state == TrialState.COMPLETE else None,
        steps=tuple(sorted(trial.intermediate_values.items())),
        started_at=trial.datetime_start.timestamp() if trial.datetime_start else 0.0,
        seconds=about.get(SECONDS, 0.0),
        reason=about.get(REASON, ""),
    )
