"""One study in Optuna's storage: its trials begun, taken over from the dead, and told.

Its name ends in a digest of everything that decides its trials: what it chooses from, the songs it
is judged on with their labels, sampler, seed, versions. So a study goes on under its name, and
never with other data or another search space.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import optuna
from optuna.trial import FrozenTrial, TrialState

from benchmark.config.search import Search
from benchmark.evaluation.differences import differences
from benchmark.evaluation.versions import versions
from benchmark.interfaces import Model
from benchmark.records import TARGETS, Fold, StudyRecord, TrialRecord
from benchmark.tuning import space
from benchmark.tuning.presence import Presence, is_gone
from benchmark.tuning.storage import Storage
from benchmark.tuning.strategies import pruner, sampler

STUDY_VERSION = 1
"""Raise it when the same study would have other trials though nothing it describes has changed."""

OWNER, SEEN, ABOUT = "mer.owner", "mer.seen", "mer.description"
FEATURE, MODEL, SECONDS, REASON = "mer.feature", "mer.model", "mer.seconds", "mer.reason"
UNOWNED = 60.0
"""Seconds after which a trial that nobody has signed was begun by a process that is gone."""

ENDED: dict[TrialState, Literal["complete", "pruned", "failed"]] = {
    TrialState.COMPLETE: "complete",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
}


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a study is about.

    Attributes
    ----------
    experiment : str
        The name of its file.
    fold : int or None
        The outer fold its winner is for; None for a study on all songs.
    folds : tuple of Fold
        The inner folds its trials are judged on.
    data : str
        A digest of the songs of these folds: their labels, and what features are made of.
    seed, threads : int
        Those of the jobs of its trials.
    """

    experiment: str
    target: str
    fold: int | None
    search: Search
    folds: tuple[Fold, ...]
    data: str
    seed: int
    threads: int

    @property
    def stem(self) -> str:
        """The name of the study but for its digest."""
        fold = "all songs" if self.fold is None else f"fold {self.fold}"
        return f"{self.experiment} {self.target} {fold}"

    @property
    def in_epochs(self) -> bool:
        """Whether trials are compared epoch by epoch: so where all their models have epochs."""
        models = [candidate.component for candidate in self.search.models]
        return self.search.pruner not in ("none", "wilcoxon") and all(
            isinstance(model, Model) and model.trains_in_epochs for model in models
        )

    @cached_property
    def description(self) -> dict[str, Any]:
        """Everything that decides the trials, in plain types."""
        groups = {"features": self.search.features, "models": self.search.models}
        components = [candidate.component for group in groups.values() for candidate in group]
        return {
            "study_version": STUDY_VERSION,
            "target": self.target,
            **{name: [one.described() for one in group] for name, group in groups.items()},
            "untuned": len(list(space.untuned(self.search))),
            "inner": self.search.inner.describe(),
            "folds": [fold.describe() for fold in self.folds],
            "data": self.data,
            "sampler": self.search.sampler,
            "pruner": self.search.pruner,
            "seed": self.search.seed,
            "job_seed": self.seed,
            "threads": self.threads,
            "libraries": {**versions(*components), "optuna": optuna.__version__},
        }

    @cached_property
    def key(self) -> str:
        """SHA-256 of the description."""
        return hashlib.sha256(json.dumps(self.description, sort_keys=True).encode()).hexdigest()

    @property
    def name(self) -> str:
        return f"{self.stem} [{self.key[:8]}]"


class Study:
    """A study as this process works on it."""

    def __init__(self, subject: Subject, storage: Storage) -> None:
        self.subject = subject
        self.storage = storage
        self._fixed = list(space.untuned(subject.search))
        with storage.guard():
            self.optuna = optuna.create_study(
                storage=storage.open(),
                study_name=subject.name,
                direction="minimize",
                load_if_exists=True,
            )
            if ABOUT not in self.optuna.user_attrs:
                self.optuna.set_user_attr(ABOUT, json.dumps(subject.description))

    def news(self) -> str:
        """Say what has changed since an earlier study for the same fold, if this one is new."""
        with self.storage.guard():
            if self.optuna.get_trials(deepcopy=False):
                return ""
            earlier = [
                found
                for found in optuna.get_all_study_summaries(self.storage.open())
                if found.study_name.startswith(f"{self.subject.stem} [")
                and found.study_name != self.subject.name
                and ABOUT in found.user_attrs
            ]
        if not earlier:
            return ""
        last = max(earlier, key=lambda found: found.datetime_start or 0, default=earlier[0])
        changed = differences(json.loads(last.user_attrs[ABOUT]), self.subject.description)
        return f"{self.subject.stem}: a new study, as this has changed: {changed}"

    def trials(self) -> list[FrozenTrial]:
        """Return all trials, by number."""
        with self.storage.guard():
            return self.optuna.get_trials(deepcopy=False)

    def n_ended(self) -> int:
        """Return how many trials are over, whatever came of them."""
        return sum(trial.state.is_finished() for trial in self.trials())

    def n_running(self) -> int:
        """Return how many trials have begun and are not over."""
        return sum(trial.state == TrialState.RUNNING for trial in self.trials())

    def next(self, wanted: int, presence: Presence) -> Trial | None:
        """Take over a trial of a process that is gone, or begin one; None if there are enough."""
        trials = self.trials()
        abandoned = next(filter(_is_abandoned, trials), None)
        if abandoned is None and len(trials) >= wanted:
            return None
        with self.storage.guard():
            if abandoned is None:
                begun = self.optuna.ask()
                identifier, number = begun._trial_id, begun.number
            else:
                identifier, number = abandoned._trial_id, abandoned.number
            backend = self.storage.open()
            backend.set_trial_user_attr(identifier, OWNER, presence.name)
            backend.set_trial_user_attr(identifier, SEEN, time.time())
            return Trial(self, identifier, number)

    def optuna_trial(self, identifier: int, number: int) -> optuna.Trial:
        """Return Optuna's trial, with a sampler of its own."""
        fixed = self._fixed[number] if number < len(self._fixed) else None
        search, subject = self.subject.search, self.subject
        # Studies of one file begin with different trials, each of them chosen for itself.
        fold = 0 if subject.fold is None else subject.fold + 1
        seed = [search.seed, TARGETS.index(subject.target), fold]
        study = optuna.load_study(
            study_name=self.subject.name,
            storage=self.storage.open(),
            sampler=sampler(search.sampler, seed=seed, trial=number, fixed=fixed),
            pruner=pruner(search.pruner, epochs=subject.in_epochs),
        )
        return optuna.Trial(study, identifier)

    def beat(self, presence: Presence) -> None:
        """Show other machines that whoever runs the trials of this process is still there."""
        for trial in self.trials():
            if trial.state == TrialState.RUNNING and trial.user_attrs.get(OWNER) == presence.name:
                self.storage.open().set_trial_user_attr(trial._trial_id, SEEN, time.time())

    def record(self) -> StudyRecord:
        """Return what there is of it, in plain types."""
        return StudyRecord(
            key=self.subject.key,
            name=self.subject.name,
            target=self.subject.target,
            fold=self.subject.fold,
            description=self.subject.description,
            trials=tuple(_record(trial) for trial in self.trials() if trial.state in ENDED),
        )


class Trial:
    """A trial that this process runs; `reason` says why it failed, if it has."""

    def __init__(self, study: Study, identifier: int, number: int) -> None:
        self.study = study
        self.identifier = identifier
        self.number = number
        self.reason = ""
        self._optuna = study.optuna_trial(identifier, number)
        self._seconds = 0.0

    def __str__(self) -> str:
        return f"{self.study.subject.stem}, trial {self.number}"

    def configuration(self) -> space.Configuration:
        """Return what to try; what was chosen before it was taken over stays.

        Raises
        ------
        ImpossibleError
            If its parameters do not go together.
        """
        with self.study.storage.guard():
            chosen = space.suggested(self.study.subject.search, self._optuna)
            self._note(FEATURE, chosen.feature.label if chosen.feature else "none")
            self._note(MODEL, chosen.model.label)
        return chosen

    def spent(self, seconds: float) -> None:
        """Count what a job has cost."""
        self._seconds += seconds

    def report(self, values: Sequence[tuple[int, float]]) -> bool:
        """Report values at steps; return whether to go no further with it."""
        with self.study.storage.guard():
            known = self.study.storage.open().get_trial(self.identifier).intermediate_values
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
        with self.study.storage.guard():
            try:
                self._note(SECONDS, self._seconds)
                if self.reason:
                    self._note(REASON, self.reason)
                self.study.optuna.tell(self.number, score, state)
            except (ValueError, RuntimeError):  # another, who took us for gone, was faster
                if not self.study.trials()[self.number].state.is_finished():
                    raise

    def _note(self, name: str, value: object) -> None:
        self.study.storage.open().set_trial_user_attr(self.identifier, name, value)


def _is_abandoned(trial: FrozenTrial) -> bool:
    """Say whether a trial has begun and nobody is running it."""
    if trial.state != TrialState.RUNNING:
        return False
    if OWNER not in trial.user_attrs:
        begun = trial.datetime_start.timestamp() if trial.datetime_start else 0.0
        return time.time() - begun > UNOWNED
    return is_gone(trial.user_attrs[OWNER], trial.user_attrs.get(SEEN, 0.0))


def _record(trial: FrozenTrial) -> TrialRecord:
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
