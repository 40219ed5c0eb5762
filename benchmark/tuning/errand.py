"""A job of a trial, in the process that runs it: a network's epochs are reported from there."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import optuna

from benchmark.errors import BenchmarkError
from benchmark.evaluation.task import Task, run_task
from benchmark.records import JobRecord
from benchmark.tuning.storage import Storage
from benchmark.tuning.strategies import pruner
from benchmark.watch import Watch, unwatched, watched


@dataclass(frozen=True)
class Watching:
    """The trial to which epochs are reported: the first of them is step `first` + 1."""

    storage: Storage
    study: str
    trial: int
    pruner: str
    first: int


@dataclass(frozen=True)
class Errand:
    """A job with its songs, and the trial that watches it, if one does."""

    task: Task
    watching: Watching | None = None

    @property
    def files(self) -> Sequence[Path]:
        return self.task.files

    def moved(self, places: Mapping[Path, Path]) -> Errand:
        return replace(self, task=self.task.moved(places))


@dataclass(frozen=True)
class Answer:
    """The record of a job, or None if it was given up on the way; and what it cost."""

    record: JobRecord | None
    seconds: float


class GivenUpError(BenchmarkError):
    """The trial does worse than others did by then."""


def run_errand(errand: Errand) -> Answer:
    """Run a job; raises what `run_task` does."""
    began = time.perf_counter()
    watch = _watch(errand.watching) if errand.watching else unwatched
    try:
        with watched(watch):
            record = run_task(errand.task)
    except GivenUpError:
        return Answer(None, time.perf_counter() - began)
    return Answer(record, record.seconds)


def _watch(watching: Watching) -> Watch:
    study = optuna.load_study(
        study_name=watching.study,
        storage=watching.storage.open(),
        sampler=optuna.samplers.RandomSampler(),
        pruner=pruner(watching.pruner, epochs=True),
    )
    trial = optuna.Trial(study, watching.trial)
    known = watching.storage.open().get_trial(watching.trial).intermediate_values

    def watch(epoch: int, loss: float) -> None:
        step = watching.first + epoch
        if step in known or not math.isfinite(loss):
            return
        with watching.storage.guard():
            try:
                trial.report(loss, step)
                given_up = trial.should_prune()
            except optuna.exceptions.UpdateFinishedTrialError:
                given_up = True  # another, who took us for gone, was faster
        if given_up:
            raise GivenUpError("given up")

    return watch
