"""Runs what is planned and not yet recorded; each job is on disk the moment it is done."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from benchmark.config import Cell, Experiment
from benchmark.evaluation.job import Job, run_job
from benchmark.execution.pool import run_tasks
from benchmark.records import JobRecord
from benchmark.records.store import RecordStore
from benchmark.runner.environment import environment
from benchmark.runner.listener import Listener
from benchmark.runner.plan import Plan, Task
from benchmark.runner.prepare import make_plans
from benchmark.runner.workspace import Workspace


@dataclass(frozen=True)
class Summary:
    """What a run did: jobs computed now, jobs taken from records, and failed jobs with reasons."""

    computed: int
    recorded: int
    failures: tuple[str, ...]


def run(
    experiments: Sequence[Experiment],
    workspace: Workspace,
    *,
    workers: int,
    fresh: bool,
    listener: Listener,
) -> Summary:
    """Run experiments into the records of a workspace.

    A job that fails is recorded with its reason and tried again next time; one that has finished is
    not computed again unless `fresh`.

    Raises
    ------
    BenchmarkError
        Where data or records cannot be used at all, before anything is fitted.
    """
    plans = make_plans(experiments, workspace.features, workers=workers, listener=listener)
    store = workspace.records
    for plan in plans:
        store.write_manifest(plan.manifest())
    planned = {job.key: (plan, cell, job) for plan in plans for cell, job in plan.jobs()}
    due = [planned[key] for key in planned if fresh or not _finished(store, key)]
    failures = []
    where = environment()
    if due:
        listener.stage("jobs", len(due))
    labels = {job.key: cell.label for _, cell, job in due}
    for threads, group in groupby(sorted(due, key=_threads), key=_threads):
        tasks = (plan.task(job) for plan, _, job in group)
        for outcome in run_tasks(_run, tasks, workers=workers, threads=threads):
            job = outcome.task.job
            record = outcome.result or JobRecord(
                job.key, job.description, error=outcome.error, started_at=time.time()
            )
            store.write(replace(record, environment=where))
            if outcome.error:
                label = f"{labels[job.key]}, fold {job.fold.index}, seed {job.seed}"
                failures.append(f"{label}: {outcome.error.splitlines()[0]}")
                listener.note(f"failed: {failures[-1]}")
            listener.advance(labels[job.key])
    return Summary(len(due) - len(failures), len(planned) - len(due), tuple(failures))


def _run(task: Task) -> JobRecord:
    return run_job(task.job, task.songs)


def _threads(planned: tuple[Plan, Cell, Job]) -> int:
    return planned[2].threads


def _finished(store: RecordStore, key: str) -> bool:
    record = store.read(key)
    return record is not None and record.finished
