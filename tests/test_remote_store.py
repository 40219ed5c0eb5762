"""A run whose MLflow server, on PostgreSQL where that is installed, goes away and comes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import benchmark, finish, recorded, start, started, wait_for, write
from mlflow import MlflowClient
from servers import MlflowServer, mlflow_server, postgresql

pytestmark = pytest.mark.slow
MODELS = "[mean, ridge, {name: xgboost_summary, n_estimators: 20}]"
JOBS = 12


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    with (
        postgresql() as database,
        mlflow_server(tmp_path_factory.mktemp("server"), database) as running,
    ):
        yield running


def shown(server: MlflowServer, name: str) -> Counter[str]:
    """Count what the server shows of an experiment by kind of run and status."""
    client = MlflowClient(server.address)
    experiment = client.get_experiment_by_name(name)
    runs = client.search_runs([experiment.experiment_id], max_results=1000) if experiment else []
    kinds = ("parent" if "mer.cell" in run.data.tags else "child" for run in runs)
    return Counter(f"{kind} {run.info.status}" for kind, run in zip(kinds, runs, strict=True))


def test_a_server_that_was_away_for_a_while_misses_nothing(
    server: MlflowServer, tmp_path: Path
) -> None:
    write(tmp_path, "while", models="[mean, {name: slow, seconds: 8}]")
    command = ("run", "while.yaml", "--jobs", "2")
    there = {"plugin": "plugin_faults", "MLFLOW_TRACKING_URI": server.address}
    running = start(*command, cwd=tmp_path, **there)
    wait_for(lambda: started(tmp_path))
    server.stop()
    server.start()
    assert len(started(tmp_path)) < 8, "it is back before the run needs it"
    done = finish(running)
    assert done.returncode == 0, done.stderr
    assert shown(server, "while") == {"parent FINISHED": 4, "child FINISHED": 8}
    assert not (tmp_path / "mlruns" / "mlflow.db").exists()


def test_a_server_that_is_away_in_the_end_is_filled_when_it_is_back(
    server: MlflowServer, tmp_path: Path
) -> None:
    write(tmp_path, "end", models=MODELS)
    running = start("run", "end.yaml", cwd=tmp_path, MLFLOW_TRACKING_URI=server.address)
    wait_for(lambda: started(tmp_path))
    server.stop()
    done = finish(running)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    said = " ".join(done.stderr.split())
    assert server.address in said
    assert "the records are safe" in said
    assert "python -m benchmark track" in said
    assert f"{JOBS} jobs computed, 0 taken from records, 0 failed" in done.stdout
    assert (tmp_path / "reports" / "leaderboard.md").exists()
    before = started(tmp_path)
    assert len(before) == JOBS
    server.start()
    assert shown(server, "end") == Counter()
    again = benchmark("run", "end.yaml", cwd=tmp_path, MLFLOW_TRACKING_URI=server.address)
    assert again.returncode == 0, again.stderr
    assert f"0 jobs computed, {JOBS} taken from records, 0 failed" in again.stdout
    assert shown(server, "end") == {"parent FINISHED": 6, "child FINISHED": JOBS}
    assert started(tmp_path) == before
    assert len(recorded(tmp_path)) == JOBS
