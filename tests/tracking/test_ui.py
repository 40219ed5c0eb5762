from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from servers import free_port

from benchmark.errors import TrackingError
from benchmark.tracking import serve


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What would have been started."""
    found: list[list[str]] = []
    monkeypatch.setattr(subprocess, "call", lambda command, env: found.append(command) or 3)
    return found


def test_the_store_that_is_filled_is_served_on_loopback(
    commands: list[list[str]], tmp_path: Path
) -> None:
    said: list[str] = []
    port = free_port()
    assert serve(tmp_path, port=port, say=said.append) == 3
    (command,) = commands
    assert command[:4] == [sys.executable, "-m", "mlflow", "ui"]
    options = dict(zip(command[4::2], command[5::2], strict=True))
    assert options == {
        "--backend-store-uri": f"sqlite:///{tmp_path / 'mlflow.db'}",
        "--host": "127.0.0.1",
        "--port": str(port),
        "--workers": "1",
    }
    assert said == [f"MLflow: http://127.0.0.1:{port} (Ctrl-C ends it)"]


def test_a_port_that_is_taken_is_named(commands: list[list[str]], tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = rf"port {port} of 127\.0\.0\.1 cannot be used \(.*in use\); --port takes another"
        with pytest.raises(TrackingError, match=said):
            serve(tmp_path, port=port, say=print)
    assert commands == []


def test_before_a_first_run_it_says_what_to_do(commands: list[list[str]], tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").unlink()
    said = r"mlflow\.db: nothing has been tracked yet; python -m benchmark run"
    with pytest.raises(TrackingError, match=said):
        serve(tmp_path, port=free_port(), say=print)
    assert commands == []


def test_a_server_has_pages_of_its_own(
    commands: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://me:secret@example.org/mlflow")
    said: list[str] = []
    assert serve(tmp_path / "nowhere", port=free_port(), say=said.append) == 0
    assert said == ["MLflow's pages are at https://me:***@example.org/mlflow"]
    assert commands == []


def test_a_named_database_is_served_wherever_it_is(
    commands: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:////elsewhere.db")
    serve(tmp_path / "nowhere", port=free_port(), say=print)
    assert "sqlite:////elsewhere.db" in commands[0]
