"""Which jobs are taken from records, and why the others are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from benchmark.config import Cell
from benchmark.errors import RecordError
from benchmark.evaluation.differences import differences
from benchmark.evaluation.job import Job
from benchmark.records import JobRecord, Manifest
from benchmark.records.store import RecordStore
from benchmark.runner.plan import Plan


@dataclass(frozen=True)
class Planned:
    """A job to be run, with its cell and plan, the reason, and the stamp of its record if any."""

    plan: Plan
    cell: Cell
    job: Job
    reason: str
    stamp: int | None

    @property
    def place(self) -> str:
        """The job in words."""
        fold, seed = self.job.fold.index, self.job.seed
        return f"{self.cell.label}, {self.cell.protocol.name}, fold {fold}, seed {seed}"


@dataclass(frozen=True)
class Due:
    """The jobs to be run, by key, and how many are taken from records."""

    jobs: Mapping[str, Planned]
    recorded: int

    def in_words(self) -> Iterator[str]:
        """Return a line on what is taken from records, and one for each reason why not."""
        total = self.recorded + len(self.jobs)
        reasons = Counter(planned.reason for planned in self.jobs.values())
        if self.recorded and self.jobs:
            yield f"{self.recorded} of {total} jobs are taken from records"
        if self.recorded or reasons.keys() - {NEW}:
            for reason, count in reasons.most_common():
                yield f"{count} of {total} jobs to run: {reason}"


NEW = "not run yet"


def due_jobs(
    plans: Sequence[Plan], store: RecordStore, before: Mapping[str, Manifest | None], *, fresh: bool
) -> Due:
    """Compare what is planned with the records.

    `before` holds the manifest of each experiment's last run, so that a job whose record is of
    another version can be told from one that is new.
    """
    jobs: dict[str, Planned] = {}
    recorded = set()
    for plan in plans:
        manifest = before.get(plan.experiment.name)
        for cell, cell_jobs in plan.cells:
            for position, job in enumerate(cell_jobs):
                if job.key in recorded or job.key in jobs:
                    continue
                stamp = store.stamp(job.key)
                reason = "--fresh" if fresh else _reason(job, store)
                if reason == NEW and (old := _earlier(manifest, cell, position, store)):
                    changed = differences(old.description, job.description)
                    reason = f"changed since the last run: {changed}"
                if reason:
                    jobs[job.key] = Planned(plan, cell, job, reason, stamp)
                else:
                    recorded.add(job.key)
    return Due(jobs, len(recorded))


def _reason(job: Job, store: RecordStore) -> str:
    """Say why a job has to be run; empty if it has finished."""
    try:
        record = store.read(job.key)
    except RecordError:
        return "the record is damaged"
    if record is None:
        return NEW
    return "" if record.finished else f"failed the last time: {record.reason}"


def _earlier(
    manifest: Manifest | None, cell: Cell, position: int, store: RecordStore
) -> JobRecord | None:
    """Return the record of the last run that stood where a job stands now, if that can be told."""
    cells = manifest.cells if manifest else ()
    wanted = cell.describe()
    for alike in (_label, _name):
        candidates = [found for found in cells if alike(found.description) == alike(wanted)]
        if len(candidates) == 1 and position < len(candidates[0].jobs):
            with suppress(RecordError):
                return store.read(candidates[0].jobs[position])
    return None


def _label(description: Mapping[str, Any]) -> tuple[Any, ...]:
    parts = ("feature_label", "model_label", "protocol_label", "targets")
    return tuple(description[part] for part in parts)


def _name(description: Mapping[str, Any]) -> tuple[Any, ...]:
    parts = (description[part] for part in ("feature", "model", "protocol"))
    return *(part and part["name"] for part in parts), description["targets"]
