"""A run on a Dask cluster of real processes, one machine of which is lost on the way."""

from __future__ import annotations

import contextlib
from pathlib import Path

import psutil
import pytest
from clusters import cluster
from commands import (
    assert_everything_once,
    assert_same_results,
    benchmark,
    finish,
    start,
    started,
    wait_for,
    write,
)

MODELS = "[mean, ridge, {name: xgboost_summary, n_estimators: 20}]"


def lose(place: Path) -> int:
    """Kill all processes that stand in a folder, as when a machine loses its power."""
    killed = 0
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.cwd().startswith(str(place)):
                process.kill()
                killed += 1
    return killed


@pytest.mark.slow
def test_a_machine_lost_on_the_way_costs_no_job_and_changes_no_number(tmp_path: Path) -> None:
    serial, remote, machines = (tmp_path / name for name in ("serial", "remote", "machines"))
    for folder in (serial, remote, machines):
        folder.mkdir()
        write(folder, "e", models=MODELS, protocol="{name: song_kfold, folds: 4}")
    done = benchmark("run", "e.yaml", "--jobs", "1", cwd=serial)
    assert done.returncode == 0, done.stderr
    with cluster(machines, workers=2) as (address, _):
        running = start("run", "e.yaml", "--dask", address, cwd=remote)
        wait_for(lambda: len(started(remote)) >= 3)
        assert lose(machines / "worker0") >= 3, "nanny, worker, and the process of a job"
        done = finish(running)
        assert done.returncode == 0, done.stderr
        assert "24 jobs computed, 0 taken from records, 0 failed" in done.stdout
        again = benchmark("run", "e.yaml", "--dask", address, cwd=remote)
    assert "0 jobs computed, 24 taken from records" in again.stdout
    assert_same_results(remote, serial)
    assert_everything_once(remote)


def test_a_cluster_that_is_not_there_is_one_message(tmp_path: Path) -> None:
    write(tmp_path, "e", models="[mean]")
    done = benchmark("run", "e.yaml", "--dask", "tcp://127.0.0.1:9", cwd=tmp_path)
    assert done.returncode == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr
