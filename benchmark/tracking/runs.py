"""Finds and deletes runs: what was left half written, and what was written twice.

A parent carries the tags `mer.cell` (which jobs it shows), `mer.writer` and `mer.begun` (who writes
it, since when) and, set last, `mer.records` (a digest of their records). One without the last is
being written, or its writer died. A parent is deleted before its children, so that a deletion that
is cut short leaves children without a parent, which `sweep` finds, and no parent without children.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from contextlib import suppress

from mlflow.entities import Run
from mlflow.exceptions import MlflowException
from sqlalchemy.exc import SQLAlchemyError

from benchmark.tracking.store import Store

CELL, DIGEST, CURRENT, JOB = "mer.cell", "mer.records", "mer.current", "mer.job"
WRITER, BEGUN, PARENT = "mer.writer", "mer.begun", "mlflow.parentRunId"
DEAD_AFTER = 3600.0
"""Seconds that another machine has to write one cell; it takes some."""


def find(store: Store, experiment: str, words: str = "") -> dict[str, Run]:
    """Return the runs of an experiment by id, those that a filter like `tags.x = 'y'` lets pass."""
    runs: dict[str, Run] = {}
    token = None
    while True:
        page = store.client.search_runs([experiment], words, page_token=token)
        runs |= {run.info.run_id: run for run in page}
        token = page.token
        if not token:
            return runs


def parents_of(store: Store, experiment: str, cell: str) -> dict[str, Run]:
    """Return what is there of a cell now, whoever wrote it."""
    return find(store, experiment, f"tags.`{CELL}` = '{cell}'")


def is_finished(run: Run) -> bool:
    """Tell whether a parent was written to its end."""
    return DIGEST in run.data.tags


def is_gone(error: MlflowException) -> bool:
    """Tell whether a run could not be written because somebody deleted it meanwhile."""
    return error.error_code in ("INVALID_PARAMETER_VALUE", "RESOURCE_DOES_NOT_EXIST")


def tag(store: Store, run: str, name: str, value: str) -> None:
    """Set a tag of a run, if it is still there."""
    _unless_gone(lambda: store.client.set_tag(run, name, value))


def delete(store: Store, experiment: str, parent: str) -> None:
    """Delete a parent and its children."""
    delete_run(store, parent)
    for child in _children(store, experiment, parent):
        delete_run(store, child)


def delete_run(store: Store, run: str) -> None:
    """Delete one run, if it is still there."""
    _unless_gone(lambda: store.client.delete_run(run))


def sweep(store: Store, experiment: str, there: dict[str, Run]) -> None:
    """Delete what dead writers left in an experiment, of which `there` holds all runs."""
    for name, run in list(there.items()):
        if CELL in run.data.tags and not is_finished(run) and _is_dead(store, run):
            delete(store, experiment, name)
            del there[name]
    children = {name: run.data.tags for name, run in there.items() if JOB in run.data.tags}
    lost = {tags.get(PARENT, "") for tags in children.values()} - there.keys()
    # Pages shift while others write, so a parent that is missing in `there` may be in the store.
    lost = {parent for parent in lost if not _exists(store, parent)}
    for name, tags in children.items():
        if tags.get(PARENT, "") in lost:
            delete_run(store, name)
            del there[name]


def settle(
    store: Store, experiment: str, *, cell: str, parent: str, children: Collection[str]
) -> None:
    """Leave one parent of a cell, and of that one `children`, after `parent` was finished.

    Two who fill a store at once both find no parent and both write one. Each looks again when its
    own is finished, so at least the later sees both, and all keep the smallest id. A request that
    was sent again because its answer got lost may also have made a run of its own.
    """
    if store.alone:
        return
    found = parents_of(store, experiment, cell)
    kept = min((name for name, run in found.items() if is_finished(run)), default=parent)
    for name, run in found.items():
        if name != kept and (is_finished(run) or _is_dead(store, run)):
            delete(store, experiment, name)
    if kept == parent:
        for child in _children(store, experiment, parent) - set(children):
            delete_run(store, child)


def discard(store: Store, experiment: str, cell: str, *, parent: str) -> None:
    """Delete what is half written of a cell here, as far as that works: the next fill tries too.

    `parent` may have been deleted by another, and may be "": its making was cut short.
    """
    with suppress(MlflowException, SQLAlchemyError, OSError):
        for name, run in parents_of(store, experiment, cell).items():
            if not is_finished(run) and run.data.tags.get(WRITER) == store.writer:
                delete(store, experiment, name)
        if parent:
            delete(store, experiment, parent)


def _children(store: Store, experiment: str, parent: str) -> set[str]:
    return set(find(store, experiment, f"tags.`{PARENT}` = '{parent}'"))


def _is_dead(store: Store, run: Run) -> bool:
    """Tell whether nobody writes this half-written parent any more.

    From here only one process writes at a time, and it is this one.
    """
    tags = run.data.tags
    late = time.time() - float(tags.get(BEGUN, 0)) > DEAD_AFTER
    return store.alone or tags.get(WRITER) == store.writer or late


def _exists(store: Store, run: str) -> bool:
    if not run:
        return False
    try:
        found = store.client.get_run(run)
    except MlflowException as error:
        if is_gone(error):
            return False
        raise
    active: bool = found.info.lifecycle_stage == "active"
    return active


def _unless_gone(action: Callable[[], object]) -> None:
    try:
        action()
    except MlflowException as error:
        if not is_gone(error):
            raise
