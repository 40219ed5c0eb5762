"""Jobs that are due, done: here, or by another run on the same store at the same time."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from benchmark.evaluation.task import Task, failed_record, run_task
from benchmark.execution import Executor
from benchmark.execution.listener import Listener
from benchmark.records import JobRecord
from benchmark.records.store import RecordStore
from benchmark.runner.claims import Claims
from benchmark.runner.due import Due, Planned
from benchmark.runner.frames import Broken

POLL = 0.5
"""Seconds between two looks at what another run is computing."""


@dataclass(frozen=True)
class Done:
    """A job with its record, computed here or by another run."""

    planned: Planned
    record: JobRecord
    here: bool = True


def work(
    due: Due,
    broken: Broken,
    executor: Executor,
    *,
    store: RecordStore,
    claims: Claims,
    listener: Listener,
) -> Iterator[Done]:
    """Yield jobs as they are done: those that cannot be run, then the others by threads.

    What another run is computing is left to it, and looked at again in the end.
    """
    possible = []
    for planned in due.jobs.values():
        if obstacle := _obstacle(planned, broken):
            yield Done(planned, failed_record(planned.job, obstacle))
        else:
            possible.append(planned)
    possible.sort(key=_threads)
    waited = False
    while possible:
        elsewhere: list[Planned] = []
        contested: list[Planned] = []
        for threads, group in groupby(possible, key=_threads):
            tasks = _tasks(group, store, claims, elsewhere, contested)
            for outcome in executor.run(run_task, tasks, threads=threads):
                job = outcome.task.job
                yield Done(due.jobs[job.key], outcome.result or failed_record(job, outcome.error))
        for planned in elsewhere:
            record = store.read(planned.job.key)
            if record is None:
                contested.append(planned)  # removed again
            else:
                yield Done(planned, record, here=False)
        if contested:
            if not waited:
                listener.note(f"another run is computing {len(contested)} of the jobs; waiting")
            waited = True
            time.sleep(POLL)
        possible = contested


def _tasks(
    jobs: Iterable[Planned],
    store: RecordStore,
    claims: Claims,
    elsewhere: list[Planned],
    contested: list[Planned],
) -> Iterator[Task]:
    """Yield the jobs nobody else has done or is doing; put the others on the lists."""
    for planned in jobs:
        key = planned.job.key
        if not claims.take(key):
            contested.append(planned)
        elif store.stamp(key) not in (None, planned.stamp):
            claims.free(key)
            elsewhere.append(planned)
        else:
            yield planned.plan.task(planned.job)


def _obstacle(planned: Planned, broken: Broken) -> str:
    """Say why a job cannot be run; empty if it can."""
    feature = planned.job.feature
    reason = feature and broken.get((planned.plan.experiment.dataset, feature.label))
    return f"feature {feature.label}: {reason}" if feature and reason else ""


def _threads(planned: Planned) -> int:
    return planned.job.threads
