"""Runs what is planned and not yet recorded; each job is on disk the moment it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import join

from benchmark.config import Experiment
from benchmark.execution import Executor, Pool
from benchmark.execution.listener import Listener
from benchmark.records import Manifest
from benchmark.records.store import RecordStore
from benchmark.runner.claims import Claims
from benchmark.runner.due import due_jobs
from benchmark.runner.frames import complete
from benchmark.runner.manifest import manifest_of
from benchmark.runner.plan import Plan
from benchmark.runner.prepare import make_plans
from benchmark.runner.work import work
from benchmark.runner.workspace import Workspace


@dataclass(frozen=True)
class Summary:
    """What a run did: jobs computed now, jobs taken from records, and failed jobs with reasons."""

    computed: int
    recorded: int
    failures: tuple[str, ...]


@dataclass(frozen=True)
class Crew:
    """Who works: `here` decodes and extracts, where the data lies; `jobs` fits and predicts."""

    here: Pool
    jobs: Executor


def run(
    experiments: Sequence[Experiment],
    workspace: Workspace,
    *,
    crew: Crew,
    fresh: bool,
    listener: Listener,
) -> Summary:
    """Run experiments into the records of a workspace.

    A job that fails is recorded with its reason and tried again next time; one that has finished is
    not computed again unless `fresh`. Another run on the same workspace shares the work.

    Raises
    ------
    BenchmarkError
        Where data or records cannot be used at all, before anything is fitted.
    """
    plans = plan(experiments, workspace, crew=crew, listener=listener)
    return carry_out(plans, workspace.records, crew=crew, fresh=fresh, listener=listener)


def plan(
    experiments: Sequence[Experiment], workspace: Workspace, *, crew: Crew, listener: Listener
) -> tuple[Plan, ...]:
    """Tidy up after killed runs, see that there is somebody to work, and plan the experiments."""
    workspace.records.sweep()
    workspace.features.sweep()
    crew.jobs.check()
    return make_plans(experiments, workspace.features, pool=crew.here, listener=listener)


def carry_out(
    plans: Sequence[Plan], store: RecordStore, *, crew: Crew, fresh: bool, listener: Listener
) -> Summary:
    """Run the jobs of some plans that are not recorded yet."""
    manifests = [manifest_of(plan) for plan in plans]
    for plan in plans:
        store.write_sheets(plan.corpus.fingerprint, plan.corpus.songs)
    due = due_jobs(plans, store, _announce(manifests, store, listener), fresh=fresh)
    for line in due.in_words():
        listener.note(line)
    if not due.jobs:
        return Summary(0, due.recorded, ())
    planned = [(job.plan, job.job) for job in due.jobs.values()]
    broken = complete(planned, pool=crew.here, listener=listener)
    listener.stage("jobs", len(due.jobs))
    failures, elsewhere = [], 0
    with Claims(store.root / "claims") as claims:
        for done in work(due, broken, crew.jobs, store=store, claims=claims, listener=listener):
            if done.here:
                store.write(done.record)
                claims.free(done.record.key)
            if not done.record.finished:
                failures.append(f"{done.planned.place}: {done.record.reason}")
                listener.note(f"failed: {failures[-1]}")
            elsewhere += done.record.finished and not done.here
            listener.advance(done.planned.cell.label)
    for manifest in manifests:  # another run of the same file may have put its own there
        store.write_manifest(manifest)
    computed = len(due.jobs) - elsewhere - len(failures)
    return Summary(computed, due.recorded + elsewhere, tuple(failures))


def _announce(
    manifests: Sequence[Manifest], store: RecordStore, listener: Listener
) -> dict[str, Manifest | None]:
    """Write what each experiment consists of; return what it consisted of in its last run."""
    before = {}
    for manifest in manifests:
        before[manifest.name] = replaced = store.write_manifest(manifest)
        if replaced and replaced.arguments != manifest.arguments:
            listener.note(f"{replaced.name}: replaces the table of {join(replaced.arguments)}")
    store.manifests()  # one that cannot be read is found out before hours of fitting
    return before
