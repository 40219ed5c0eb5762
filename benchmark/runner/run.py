"""Runs what is planned and not yet recorded; each job is on disk the moment it is done."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from benchmark.config import Experiment
from benchmark.evaluation.job import Job, run_job
from benchmark.execution.pool import run_tasks
from benchmark.records import JobRecord
from benchmark.records.store import RecordStore
from benchmark.runner.environment import environment
from benchmark.runner.listener import Listener
from benchmark.runner.manifest import manifest_of
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
        manifest = manifest_of(plan)
        replaced = store.write_manifest(manifest)
        if replaced and replaced.arguments[0] != manifest.arguments[0]:
            listener.note(f"{replaced.name}: replaces the table of {replaced.arguments[0]}")
    store.manifests()  # one that cannot be read is found out before hours of fitting
    planned = {job.key: (plan, cell, job) for plan in plans for cell, job in plan.jobs()}
    due = {key: planned[key] for key in planned if fresh or not _finished(store, key)}
    failures = []
    where = environment()
    if due:
        listener.stage("jobs", len(due))
    for record in _records([(plan, job) for plan, _, job in due.values()], workers=workers):
        store.write(replace(record, environment=where))
        _, cell, job = due[record.key]
        if not record.finished:
            place = f"{cell.label}, {cell.protocol.name}, fold {job.fold.index}, seed {job.seed}"
            failures.append(f"{place}: {record.reason}")
            listener.note(f"failed: {failures[-1]}")
        listener.advance(cell.label)
    return Summary(len(due) - len(failures), len(planned) - len(due), tuple(failures))


def _records(due: Sequence[tuple[Plan, Job]], *, workers: int) -> Iterator[JobRecord]:
    """Yield a record per job as they finish: first those that cannot be run, then by threads."""
    possible = []
    for plan, job in due:
        if obstacle := plan.obstacle(job):
            yield _failed(job, obstacle)
        else:
            possible.append((plan, job))
    possible.sort(key=_threads)
    for threads, group in groupby(possible, key=_threads):
        tasks = (plan.task(job) for plan, job in group)
        for outcome in run_tasks(_run, tasks, workers=workers, threads=threads):
            yield outcome.result or _failed(outcome.task.job, outcome.error)


def _failed(job: Job, error: str) -> JobRecord:
    return JobRecord(job.key, job.description, error=error, started_at=time.time())


def _run(task: Task) -> JobRecord:
    return run_job(task.job, task.songs)


def _threads(planned: tuple[Plan, Job]) -> int:
    return planned[1].threads


def _finished(store: RecordStore, key: str) -> bool:
    record = store.read(key)
    return record is not None and record.finished
