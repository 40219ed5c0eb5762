"""One study in Optuna's storage: its trials begun, taken over from the dead, and told.

Its name ends in a digest of everything that decides its trials: what it chooses from, the songs it
is judged on with their labels, sampler, seed, versions. So a study goes on under its name, and
never with other data or another search space.
"""

from __future__ import annotations

import json
import time
import warnings

import optuna
from optuna.trial import FrozenTrial, TrialState

from benchmark.evaluation.differences import differences
from benchmark.records import StudyRecord
from benchmark.records.song import content_hash
from benchmark.tuning import space
from benchmark.tuning.presence import Presence, is_gone
from benchmark.tuning.storage import Storage
from benchmark.tuning.subject import Subject
from benchmark.tuning.trial import ENDED, Trial, trial_record

OWNER, SEEN, ABOUT = "mer.owner", "mer.seen", "mer.description"
UNOWNED = 60.0
"""Seconds after which a trial that nobody has signed was begun by a process that is gone."""


class Study:
    """A study as this process works on it."""

    def __init__(self, subject: Subject, storage: Storage) -> None:
        self.subject = subject
        self.storage = storage
        self._fixed = space.untuned(subject.search)
        with storage.guard():
            self.optuna = optuna.create_study(
                storage=storage.open(),
                study_name=subject.name,
                direction="minimize",
                load_if_exists=True,
            )
            if ABOUT not in self.optuna.user_attrs:
                self.optuna.set_user_attr(ABOUT, json.dumps(subject.description))
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
                    self.optuna.set_metric_names(["inner RMSE"])

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
        last = max(earlier, key=lambda found: found._study_id)
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
        trials = [trial for trial in self.trials() if trial.state != TrialState.WAITING]
        abandoned = next(filter(_is_abandoned, trials), None)
        if abandoned is None and len(trials) >= wanted:
            return None
        with self.storage.guard():
            if abandoned is None:
                begun = self.optuna.ask()
                identifier, number = begun._trial_id, begun.number
                if number >= wanted:  # another process began one at the same time
                    self.storage.open().set_trial_state_values(identifier, TrialState.WAITING)
                    return None
            else:
                identifier, number = abandoned._trial_id, abandoned.number
            backend = self.storage.open()
            try:
                backend.set_trial_user_attr(identifier, OWNER, presence.name)
                backend.set_trial_user_attr(identifier, SEEN, time.time())
            except optuna.exceptions.UpdateFinishedTrialError:
                return self.next(wanted, presence)  # another took it over, and was faster
            fixed = self._fixed[number] if number < len(self._fixed) else None
            return Trial(self.subject, self.storage, identifier, number=number, fixed=fixed)

    def beat(self, presence: Presence) -> None:
        """Show other machines that whoever runs the trials of this process is still there."""
        for trial in self.trials():
            if trial.state == TrialState.RUNNING and trial.user_attrs.get(OWNER) == presence.name:
                self.storage.open().set_trial_user_attr(trial._trial_id, SEEN, time.time())

    def record(self, wanted: int | None = None) -> StudyRecord:
        """Return its trials in plain types: the first so many, where not all are wanted."""
        return StudyRecord(
            key=content_hash([self.subject.name, self.subject.key]),
            name=self.subject.name,
            target=self.subject.target,
            fold=self.subject.fold,
            description=self.subject.description,
            trials=tuple(
                trial_record(trial) for trial in self.trials()[:wanted] if trial.state in ENDED
            ),
        )


def _is_abandoned(trial: FrozenTrial) -> bool:
    """Say whether a trial has begun and nobody is running it."""
    if trial.state != TrialState.RUNNING:
        return False
    if OWNER not in trial.user_attrs:
        begun = trial.datetime_start.timestamp() if trial.datetime_start else 0.0
        return time.time() - begun > UNOWNED
    return is_gone(trial.user_attrs[OWNER], trial.user_attrs.get(SEEN, 0.0))
