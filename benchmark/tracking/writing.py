"""Writes a cell to MLflow: a parent run, its children, and last the tags that say it is whole."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mlflow.entities import Metric, Param, RunTag

from benchmark.tracking import runs
from benchmark.tracking.contents import Content
from benchmark.tracking.store import Store
from benchmark.tracking.trouble import is_unreachable

PARAM_LENGTH, TAG_LENGTH = 6000, 5000


@dataclass(frozen=True)
class Family:
    """What is to be shown of a cell: who it is, the state of its records, its runs.

    `current` marks it as of a file's latest run: "true" for a cell, which is ranked, else "study".
    """

    cell: str
    digest: str
    parent: Content
    children: Sequence[Content]
    current: str = "true"


@dataclass(frozen=True)
class Written:
    """The ids of a parent and its children."""

    parent: str
    children: Sequence[str]


def write(store: Store, experiment: str, family: Family) -> Written:
    """Write all runs of a cell; where that fails, none of them is left if it can be helped."""
    # The start that a run shows is that of its jobs, so who began to write it, and when, are tags.
    tags = {runs.CELL: family.cell, runs.WRITER: store.writer, runs.BEGUN: f"{time.time():.0f}"}
    parent = ""
    try:
        parent = _log(store, experiment, family.parent, tags)
        children = []
        for content in family.children:
            child = {runs.PARENT: parent, runs.JOB: content.tags[runs.JOB]}
            children.append(_log(store, experiment, content, child))
            _end(store, children[-1], content)
        _end(store, parent, family.parent)
        last = {runs.CURRENT: family.current, runs.DIGEST: family.digest}
        store.client.log_batch(parent, tags=[RunTag(*pair) for pair in last.items()])
    except BaseException as error:
        if not is_unreachable(error):
            runs.discard(store, experiment, family.cell, parent=parent)
        raise
    return Written(parent, children)


def _log(store: Store, experiment: str, content: Content, tags: Mapping[str, str]) -> str:
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
        for epoch, value in values
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
    for figure in content.figures:
        client.log_artifact(identifier, str(figure), "figures")
    return identifier


def _end(store: Store, run: str, content: Content) -> None:
    store.client.set_terminated(run, content.status, end_time=_milliseconds(content.ended_at))


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
