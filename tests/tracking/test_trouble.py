from __future__ import annotations

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from filling import assert_everything_once, fill_from
from results import Results
from servers import free_port

from benchmark.errors import TrackingError, without_password
from benchmark.tracking.store import open_store

FILL = """
import sys
from pathlib import Path
from benchmark.errors import TrackingError
from benchmark.records.store import RecordStore
from benchmark.tracking import fill
try:
    fill(RecordStore(Path(sys.argv[1])), Path(sys.argv[1]), advance=print)
except TrackingError as error:
    print(error)
"""


def said_by(folder: Path, store: str | None = None) -> tuple[str, str]:
    """Return what a process prints that fills the store, and what MLflow has to add."""
    unwanted = ("MLFLOW_TRACKING_URI", "PYTEST_CURRENT_TEST")
    environment = {key: value for key, value in os.environ.items() if key not in unwanted}
    done = subprocess.run(
        [sys.executable, "-c", FILL, folder],
        env=environment | ({"MLFLOW_TRACKING_URI": store} if store else {}),
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return done.stdout, done.stderr


def garbage(database: Path) -> None:
    database.write_bytes(b"no database at all, but long enough to be one" * 100)


def truncated(database: Path) -> None:
    with database.open("r+b") as file:
        file.truncate(database.stat().st_size // 2)


def cut_at_the_start(database: Path) -> None:
    with database.open("r+b") as file:
        file.truncate(60)


def overwritten(database: Path) -> None:
    with database.open("r+b") as file:
        file.seek(4096)
        file.write(bytes(range(256)) * 64)


@pytest.mark.parametrize("damage", [garbage, truncated, cut_at_the_start, overwritten])
def test_a_damaged_store_is_named_and_can_be_filled_again(
    results: Results, empty_database: Path, damage: object
) -> None:
    fill_from(results.root)
    database = results.root / "mlflow.db"
    damage(database)
    with pytest.raises(TrackingError) as caught:
        fill_from(results.root)
    said = str(caught.value)
    assert said.startswith(f"{database}: MLflow's database is damaged (")
    assert "records are safe: move the file away, and `python -m benchmark track`" in said
    assert "\n" not in said
    database.unlink()
    shutil.copy(empty_database, database)
    fill_from(results.root, anew=True)
    assert_everything_once(results.root, 1)


@pytest.mark.slow
def test_a_damaged_store_is_one_line(results: Results) -> None:
    truncated(results.root / "mlflow.db")
    printed, noise = said_by(results.root)
    assert len(printed.splitlines()) == 1
    assert noise == ""


def test_an_empty_file_is_no_store_yet(results: Results) -> None:
    (results.root / "mlflow.db").write_bytes(b"")
    fill_from(results.root)
    assert_everything_once(results.root, 1)


def test_a_store_in_use_is_not_called_damaged(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.connect

    def impatient(*arguments: object, **settings: object) -> sqlite3.Connection:
        return connect(*arguments, **{**settings, "timeout": 0.1})

    monkeypatch.setattr(sqlite3, "connect", impatient)
    monkeypatch.setattr(sqlite3.dbapi2, "connect", impatient)  # SQLAlchemy's
    with closing(connect(results.root / "mlflow.db", isolation_level=None)) as holder:
        holder.execute("begin exclusive")
        with pytest.raises(TrackingError, match=r"could not be filled \(.*database is locked"):
            fill_from(results.root)


@pytest.mark.slow
def test_a_server_that_is_gone_is_one_line_in_time(results: Results) -> None:
    address = f"http://someone:secret@127.0.0.1:{free_port()}"
    begun = time.monotonic()
    printed, noise = said_by(results.root, address)
    assert time.monotonic() - begun < 15
    shown = address.replace("secret", "***")
    assert re.sub(r"\[Errno \d+\] ", "", printed) == (
        f"MLflow at {shown} could not be filled (Connection refused); the records are safe, and "
        f"the next `run` or `python -m benchmark track` fills it from them\n"
    )
    assert noise == ""


@pytest.mark.slow
def test_a_server_that_takes_connections_and_says_nothing_is_given_up(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    begun = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(TrackingError, match="timed out"):
            fill_from(results.root)
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("postgresql+psycopg2://me:secret@127.0.0.1:{port}/x", "Connection refused"),
        ("postgresql+nonsense://me:secret@127.0.0.1/x", "postgresql.nonsense"),
        ("mysql://me:secret@127.0.0.1/x", "needs the Python package of its driver"),
        ("http://me:secret@[::1/", "invalid url"),
        ("http://127.0.0.1:123456", "invalid url"),
        ("sqlite:////dev/null/mlflow.db", "Not a directory|File exists"),
        ("nonsense://nowhere", "nonsense"),
        ("file:///tmp/nowhere", "maintenance mode"),
    ],
)
def test_an_address_that_is_no_store_is_one_message(
    results: Results, monkeypatch: pytest.MonkeyPatch, address: str, reason: str
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address.format(port=free_port()))
    begun = time.monotonic()
    with pytest.raises(TrackingError) as caught:
        fill_from(results.root)
    said = str(caught.value)
    assert time.monotonic() - begun < 15
    assert re.search(reason, said, flags=re.IGNORECASE), said
    assert "secret" not in said
    assert "\n" not in said


def test_settings_of_the_user_win(results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{free_port()}")
    begun = time.monotonic()
    with pytest.raises(TrackingError):
        fill_from(results.root)
    assert time.monotonic() - begun < 2


@pytest.mark.slow
def test_a_half_made_store_of_a_killed_process_is_removed(results: Results) -> None:
    (results.root / "mlflow.db").unlink()
    abandoned = results.root / ".mlflow.db-123-abc"
    abandoned.mkdir()
    (abandoned / "mlflow.db").write_bytes(b"half")
    fill_from(results.root)
    assert_everything_once(results.root, 1)
    assert not abandoned.exists()


def test_artifacts_of_a_database_lie_beside_the_records(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///other.db")
    fill_from(results.root)
    assert_everything_once(results.root, 1)
    assert {path.name for path in elsewhere.iterdir()} <= {"other.db", "other.lock"}
    artifacts = results.root / "artifacts"
    assert len(list(artifacts.rglob("predictions.json"))) == 2
    default = open_store(results.root).client.get_experiment("0").artifact_location
    assert default == (artifacts / "0").as_uri()


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("http://me:secret@host:5000/x", "http://me:***@host:5000/x"),
        ("postgresql+psycopg2://me:s@cret@host/x", "postgresql+psycopg2://me:***@host/x"),
        ("http://host:5000", "http://host:5000"),
        ("sqlite:///mlruns/mlflow.db", "sqlite:///mlruns/mlflow.db"),
        ("http://me:secret@[::1/", "http://me:***@[::1/"),
        ("postgresql://host/x?user=me&password=secret", "postgresql://host/x?user=me&password=***"),
    ],
)
def test_no_password_is_shown(uri: str, shown: str) -> None:
    assert without_password(uri) == shown


def test_telemetry_is_off_unless_asked_for() -> None:
    """MLflow decides when it is imported, and never sends any from a test or CI."""
    script = (
        "import benchmark.tracking.projection, mlflow.telemetry.client as client\n"
        "print(client.get_telemetry_client())"
    )
    environment = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "None"
