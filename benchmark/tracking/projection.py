"""Records to MLflow: an experiment per file, a parent run per cell, a child run per job.

A parent carries the tags `mer.cell` (which jobs it shows) and, set last, `mer.records` (a digest of
their records). One whose digest is right is left alone, any other is written anew: so a cell has
one parent however often, and however abruptly, this runs. `mer.current` tells the cells of a file's
latest run from those of earlier ones, which stay as history.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mlflow.entities import Metric, Param, Run, RunTag

from benchmark.records import CellPlan, Manifest
from benchmark.records.song import content_hash
from benchmark.records.store import RecordStore
from benchmark.tracking.contents import CONTENTS_VERSION, Content, of_cell, of_job
from benchmark.tracking.page import page_tags
from benchmark.tracking.store import Store

CELL, DIGEST, CURRENT, PARENT = "mer.cell", "mer.records", "mer.current", "mlflow.parentRunId"
PARAM_LENGTH, TAG_LENGTH = 6000, 5000


def project(
    records: RecordStore, store: Store, *, advance: Callable[[str], None]
) -> dict[str, str]:
    """Bring `store` up to date with every manifest; return each experiment's id by its name.

    Cells with jobs not yet run are left out.
    """
    experiments = {}
    for manifest in records.manifests():
        experiments[manifest.name] = experiment = _experiment(store, manifest)
        runs = _runs(store, experiment)
        floors = content_hash([str(manifest.dataset["floors"]), str(manifest.raters)])
        for cell in manifest.cells:
            jobs = [record for key in cell.jobs if (record := records.read(key))]
            if len(jobs) < len(cell.jobs):
                continue
            identity = _identity(cell)
            state = [f"{job.key} {job.started_at} {job.error}" for job in jobs]
            digest = content_hash([f"contents {CONTENTS_VERSION} {cell.shared} {floors}", *state])
            parents = [run for run in runs if run.data.tags.get(CELL) == identity]
            if not any(run.data.tags.get(DIGEST) == digest for run in parents):
                for parent in parents:
                    _delete(store, parent, runs)
                content = of_cell(manifest, cell, jobs)
                parent_id = _write(store, experiment, content, {CELL: identity, CURRENT: "true"})
                for job in jobs:
                    child = of_job(cell, job)
                    _end(store, _write(store, experiment, child, {PARENT: parent_id}), child)
                _end(store, parent_id, content)
                store.client.set_tag(parent_id, DIGEST, digest)
            advance(f"{manifest.name}: {cell.description['feature_label']}")
        _mark_current(store, runs, set(map(_identity, manifest.cells)))
    return experiments


def _identity(cell: CellPlan) -> str:
    return content_hash(list(cell.jobs))


def _experiment(store: Store, manifest: Manifest) -> str:
    """Return the id of the experiment named after the file, created or restored if need be."""
    found = store.client.get_experiment_by_name(manifest.name)
    if found is None:
        location = f"{store.artifacts}/{manifest.name}" if store.artifacts else None
        created: str = store.client.create_experiment(manifest.name, location)
        for name, value in page_tags(created).items():
            store.client.set_experiment_tag(created, name, value)
        return created
    if found.lifecycle_stage == "deleted":
        store.client.restore_experiment(found.experiment_id)
    identifier: str = found.experiment_id
    return identifier


def _runs(store: Store, experiment: str) -> list[Run]:
    runs: list[Run] = []
    token = None
    while True:
        page = store.client.search_runs([experiment], page_token=token)
        runs.extend(page)
        token = page.token
        if not token:
            return runs


def _mark_current(store: Store, runs: list[Run], cells: set[str]) -> None:
    for run in runs:
        current = str(run.data.tags.get(CELL) in cells).lower()
        if CELL in run.data.tags and run.data.tags.get(CURRENT) != current:
            store.client.set_tag(run.info.run_id, CURRENT, current)


def _delete(store: Store, parent: Run, runs: list[Run]) -> None:
    """Delete a parent and its children, from the store and from `runs`."""
    children = [run for run in runs if run.data.tags.get(PARENT) == parent.info.run_id]
    for run in (*children, parent):
        store.client.delete_run(run.info.run_id)
        runs.remove(run)


def _write(store: Store, experiment: str, content: Content, tags: Mapping[str, str]) -> str:
    """Create a run and log all its content in as few requests as there are limits for."""
    client = store.client
    start = _milliseconds(content.started_at)
    run = client.create_run(experiment, start_time=start, run_name=content.name, tags=dict(tags))
    identifier: str = run.info.run_id
    end = _milliseconds(content.ended_at)
    metrics = [Metric(name, value, end, 0) for name, value in content.metrics.items()]
    metrics += [
        Metric(name, value, end, epoch)
        for name, values in content.curves.items()
        for epoch, value in enumerate(values, 1)
    ]
    params = [Param(name, str(value)[:PARAM_LENGTH]) for name, value in content.params.items()]
    labels = [RunTag(name, value[:TAG_LENGTH]) for name, value in content.tags.items()]
    client.log_batch(identifier, metrics=metrics[:1000], params=params, tags=labels)
    for first in range(1000, len(metrics), 1000):
        client.log_batch(identifier, metrics=metrics[first : first + 1000])
    if content.dataset is not None:
        client.log_inputs(identifier, [content.dataset])
    if content.table is not None:
        client.log_table(identifier, content.table, "predictions.json")
    return identifier


def _end(store: Store, run: str, content: Content) -> None:
    status = "FAILED" if content.failed else "FINISHED"
    store.client.set_terminated(run, status, end_time=_milliseconds(content.ended_at))


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
