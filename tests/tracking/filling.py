"""Fills MLflow from records made by hand, here or in a process of its own, and reads it back.

As a script: `python filling.py FOLDER [--die-at N] [--meet FOLDER]` fills from the records in
FOLDER, kills itself before its N-th request, and begins when two of its kind have met.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
import sqlalchemy
from mlflow.entities import Run

from benchmark.records.store import RecordStore
from benchmark.tracking import Tracked, fill
from benchmark.tracking.store import Store, open_store


def fill_from(folder: Path, *, anew: bool = False) -> Tracked:
    return fill(RecordStore(folder), folder, advance=lambda _: None, anew=anew)


def runs(store: Store, name: str = "made") -> tuple[list[Run], list[Run]]:
    """Return parents and children."""
    experiment = store.client.get_experiment_by_name(name)
    found = store.client.search_runs([experiment.experiment_id])
    store.close()
    children = [run for run in found if "mlflow.parentRunId" in run.data.tags]
    return [run for run in found if run not in children], children


def assert_everything_once(folder: Path, cells: int, *, jobs: int = 2, name: str = "made") -> None:
    """Assert one whole parent a cell, with its children and nothing else."""
    parents, children = runs(open_store(folder), name)
    assert {run.info.status for run in (*parents, *children)} == {"FINISHED"}
    assert len(parents) == len({run.data.tags["mer.cell"] for run in parents}) == cells
    assert all("mer.records" in run.data.tags for run in parents)
    assert all(run.data.tags["mer.current"] == "true" for run in parents)
    folds = [(run.data.tags["mlflow.parentRunId"], run.data.tags["mer.job"]) for run in children]
    assert len(folds) == len(set(folds)) == cells * jobs
    assert {parent for parent, _ in folds} == {run.info.run_id for run in parents}


@contextmanager
def at_each_request(act: Callable[[], None]) -> Iterator[None]:
    """Call `act` before each statement to a database and each request to a server."""

    def before(*_: object) -> None:
        act()

    send = requests.Session.send

    def sending(*arguments: object, **settings: object) -> object:
        act()
        return send(*arguments, **settings)

    requests.Session.send = sending
    sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", before)
    try:
        yield
    finally:
        requests.Session.send = send
        sqlalchemy.event.remove(sqlalchemy.Engine, "before_cursor_execute", before)


def start(folder: Path, *options: str | Path, store: str | None = None) -> subprocess.Popen[str]:
    """Start a process that fills the store `store`, or the default one."""
    unwanted = ("MLFLOW_TRACKING_URI", "PYTEST_CURRENT_TEST")
    environment = {key: value for key, value in os.environ.items() if key not in unwanted}
    return subprocess.Popen(
        [sys.executable, __file__, folder, *options],
        env=environment | ({"MLFLOW_TRACKING_URI": store} if store else {}),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--die-at", type=int, default=-1)
    parser.add_argument("--meet", type=Path)
    options = parser.parse_args()
    if options.meet:
        (options.meet / str(os.getpid())).touch()
        while len(list(options.meet.iterdir())) < 2:
            time.sleep(0.01)
    requested = 0

    def count() -> None:
        nonlocal requested
        requested += 1
        if requested == options.die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    with at_each_request(count):
        fill_from(options.folder)


if __name__ == "__main__":
    _main()
