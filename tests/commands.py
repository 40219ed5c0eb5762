"""The command line as a user has it: real processes in a folder, and what they leave there."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import psutil
from results import tables

from benchmark.errors import RecordError
from benchmark.records import JobRecord
from benchmark.records.store import RecordStore

EXPERIMENT = """
version: 1
name: {name}
dataset: {{name: demo, songs: 10}}
features: {features}
models: {models}
targets: {targets}
protocol: {protocol}
"""


PLUGINS = Path(__file__).parent


def start(*arguments: str, cwd: Path, plugin: str = "", **settings: str) -> subprocess.Popen[str]:
    """Start a command, in a process group of its own, maybe with a plug-in package installed."""
    environment = {key: value for key, value in os.environ.items() if key != "MLFLOW_TRACKING_URI"}
    if plugin:
        places = [str(PLUGINS / plugin), *filter(None, [environment.get("PYTHONPATH")])]
        environment["PYTHONPATH"] = os.pathsep.join(places)
    return subprocess.Popen(
        [sys.executable, "-m", "benchmark", *arguments],
        cwd=cwd,
        env={**environment, "COLUMNS": "200", **settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """Wait for a command and return what it said."""
    try:
        said = process.communicate(timeout=300)
    finally:
        process.kill()
    return subprocess.CompletedProcess(process.args, process.returncode, *said)


def benchmark(
    *arguments: str, cwd: Path, plugin: str = "", **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return finish(start(*arguments, cwd=cwd, plugin=plugin, **settings))


def write(
    folder: Path,
    name: str,
    *,
    models: str = "[mean, ridge]",
    features: str = "[chroma]",
    targets: str = "[arousal, valence]",
    protocol: str = "{name: song_kfold, folds: 2}",
) -> Path:
    """Write an experiment file."""
    path = folder / f"{name}.yaml"
    path.write_text(
        EXPERIMENT.format(
            name=name, models=models, features=features, targets=targets, protocol=protocol
        )
    )
    return path


def rows(leaderboard: Path) -> list[list[str]]:
    """Return the cells of every row of every leaderboard, anchors aside."""
    return [
        row
        for headings, *found in tables(leaderboard.read_text(encoding="utf-8"))
        if "RMSE [95 %, songs]" in headings
        for row in found
        if row[1]
    ]


def wait_for(condition: Callable[[], object], *, seconds: float = 120) -> None:
    """Look until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def processes_in(folder: Path) -> list[list[str]]:
    """Return the command lines of processes that stand in a folder."""
    running = psutil.process_iter(["cwd", "cmdline", "status"])
    return [
        process.info["cmdline"]
        for process in running
        if process.info["cwd"] == str(folder) and process.info["status"] != psutil.STATUS_ZOMBIE
    ]


def recorded(folder: Path) -> dict[str, JobRecord]:
    """Return the records that can be read, by key."""
    store, found = RecordStore(folder / "mlruns"), {}
    for path in store.records.glob("*/record.json"):
        try:
            record = store.read(path.parent.name)
        except RecordError:
            continue  # spoilt by a test
        if record is not None:
            found[record.key] = record
    return found


def started(folder: Path) -> dict[str, float]:
    """Return when each finished job was begun: another time is another computation."""
    return {key: record.started_at for key, record in recorded(folder).items() if record.finished}


def frames(folder: Path) -> dict[str, np.ndarray]:
    """Return the arrays in the cache of features, by path."""
    cache = folder / "data" / "features"
    return {str(path.relative_to(cache)): np.load(path) for path in cache.glob("??/*/*.npy")}


def leaderboard(folder: Path) -> list[list[list[str]]]:
    """Return the tables of the leaderboard, without what they cost."""
    found = tables((folder / "reports" / "leaderboard.md").read_text(encoding="utf-8"))
    for table in found:
        for cost in [column for column in table[0] if column in ("seconds", "seconds a job")]:
            place = table[0].index(cost)
            for row in table:
                del row[place]
    return found


def assert_same_results(folder: Path, reference: Path) -> None:
    """Assert that two folders hold the same jobs with the same numbers, to the last bit."""
    one, other = recorded(folder), recorded(reference)
    assert one.keys() == other.keys()
    for key, record in one.items():
        assert record.finished
        assert record.constants == other[key].constants
        for name, stored in vars(record.predictions).items():
            expected = getattr(other[key].predictions, name)
            assert (stored.dtype, stored.shape) == (expected.dtype, expected.shape)
            assert stored.tobytes() == expected.tobytes()
    assert leaderboard(folder) == leaderboard(reference)
    cached, expected = frames(folder), frames(reference)
    assert cached.keys() == expected.keys()
    assert all(np.array_equal(cached[name], expected[name]) for name in cached)


def assert_everything_once(folder: Path) -> None:
    """Assert a finished record per job, and in MLflow one parent a cell with one child a job.

    The cells are those of the latest run of each file; nothing else is in MLflow.
    """
    finished = started(folder)
    with closing(sqlite3.connect(folder / "mlruns" / "mlflow.db")) as store:
        runs = store.execute(
            "select run_uuid, experiments.name, status from runs join experiments "
            "using (experiment_id) where runs.lifecycle_stage = 'active'"
        ).fetchall()
        tags = {(run, key): value for key, value, run in store.execute("select * from tags")}
    assert {status for *_, status in runs} == {"FINISHED"}
    parents = [run for run, *_ in runs if (run, "mer.cell") in tags]
    families = Counter(
        (experiment, tags[run, "mlflow.parentRunId"], tags[run, "mer.job"])
        for run, experiment, _ in runs
        if run not in parents
    )
    assert set(families.values()) == {1}
    assert {parent for _, parent, _ in families} == set(parents)
    shown = Counter(
        (
            experiment,
            frozenset(job for _, parent, job in families if parent == run),
        )
        for run, experiment, _ in runs
        if run in parents
    )
    manifests = RecordStore(folder / "mlruns").manifests()
    planned = [(found.name, frozenset(cell.jobs)) for found in manifests for cell in found.cells]
    assert shown == Counter(planned)
    assert finished.keys() == frozenset().union(*(jobs for _, jobs in planned))
