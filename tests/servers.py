"""Servers as real processes on loopback: PostgreSQL in a folder of its own, and `mlflow server`."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

STARTS_WITHIN = 120.0


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def postgresql() -> Iterator[str | None]:
    """Yield the URI of an empty database, or None where PostgreSQL or psycopg2 is not installed."""
    tools = _postgresql_tools()
    if tools is None or find_spec("psycopg2") is None:
        yield None
        return
    # Not below pytest's folders: they are closed to the user that the server has to run as.
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    port = free_port()
    control = [tools / "pg_ctl", "-D", folder / "data", "-w", "-s"]
    settings = f"-c listen_addresses=127.0.0.1 -c port={port} -c fsync=off -k {folder}"
    try:
        if os.geteuid() == 0:  # which PostgreSQL refuses to run as
            shutil.chown(folder, "postgres")
        account = ["-A", "trust", "-U", "mlflow", "--no-sync"]
        _unprivileged(tools / "initdb", "-D", folder / "data", *account, cwd=folder)
        _unprivileged(*control, "-l", folder / "log", "-o", settings, "start", cwd=folder)
        try:
            # The driver is named: without it SQLAlchemy 2.0 takes psycopg2 and 2.1 psycopg.
            yield f"postgresql+psycopg2://mlflow@127.0.0.1:{port}/postgres"
        finally:
            _unprivileged(*control, "-m", "immediate", "stop", cwd=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _postgresql_tools() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [shutil.which("initdb")]
    if found[-1] is None or (os.geteuid() == 0 and not _has_account()):
        return None
    return Path(found[-1]).parent


def _has_account() -> bool:
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        return False
    return True


def _unprivileged(*command: str | Path, cwd: Path) -> None:
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*prefix, *map(str, command)], cwd=cwd, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=120, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr}")


@dataclass
class MlflowServer:
    """An `mlflow server` that can be stopped, as hard as a crash, and started again."""

    folder: Path
    backend_uri: str
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        # MLflow checks sessions differently when it believes to be inside a test.
        unwanted = ("MLFLOW_TRACKING_URI", "PYTEST_CURRENT_TEST")
        environment = {key: value for key, value in os.environ.items() if key not in unwanted}
        settings = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "0"}
        command = [
            sys.executable, "-m", "mlflow", "server", "--workers", "1",
            "--backend-store-uri", self.backend_uri, "--port", str(self.port),
            "--artifacts-destination", str(self.folder / "artifacts"),
        ]  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=self.folder, env={**environment, **settings},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        end = time.monotonic() + STARTS_WITHIN
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError((self.folder / "log").read_text(encoding="utf-8"))
            time.sleep(0.1)

    def stop(self) -> None:
        """Kill the server and its workers."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.address}/health", timeout=5) as answer:  # noqa: S310
                return answer.status == 200
        except (URLError, OSError):
            return False


@contextmanager
def mlflow_server(folder: Path, backend_uri: str | None = None) -> Iterator[MlflowServer]:
    """Yield a running server; its store is SQLite in `folder` unless one is given."""
    server = MlflowServer(folder, backend_uri or f"sqlite:///{folder / 'server.db'}")
    try:
        server.start()
        yield server
    finally:
        server.stop()
