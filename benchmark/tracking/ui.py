"""MLflow's own pages, served from the store that is filled."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmark.errors import TrackingError, without_password
from benchmark.tracking.mark import default_database

HOST = "127.0.0.1"


def serve(folder: Path, *, port: int, say: Callable[[str], None]) -> int:
    """Run MLflow's UI until it ends; return its exit code. A server has pages of its own.

    Raises
    ------
    TrackingError
        If nothing has been tracked yet, or the port is taken.
    """
    uri = os.environ.get("MLFLOW_TRACKING_URI")
    if uri and uri.startswith(("http://", "https://")):
        say(f"MLflow's pages are at {without_password(uri)}")
        return 0
    if not uri and not default_database(folder).exists():
        raise TrackingError(
            f"{default_database(folder)}: nothing has been tracked yet; python -m benchmark run "
            f"experiments/*.yaml"
        )
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise TrackingError(
                f"port {port} of {HOST} cannot be used ({error.strerror}); --port takes another"
            ) from error
    store = uri or f"sqlite:///{default_database(folder)}"
    say(f"MLflow: http://{HOST}:{port} (Ctrl-C ends it)")
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", store]
    quiet = {"PYTHONWARNINGS": "ignore::DeprecationWarning"}  # of MLflow's own libraries
    return subprocess.call(
        [*command, "--host", HOST, "--port", str(port), "--workers", "1"],
        env={**os.environ, **quiet},
    )
