"""Opens the MLflow store: the one MLFLOW_TRACKING_URI names, or SQLite beside the records."""

from __future__ import annotations

import logging
import os
import platform
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy
from mlflow import MlflowClient
from mlflow.store.db.db_types import DATABASE_ENGINES
from mlflow.utils.credentials import get_default_host_creds
from mlflow.utils.rest_utils import http_request

from benchmark.errors import TrackingError, without_password
from benchmark.records.song import content_hash
from benchmark.tracking.database import prepare
from benchmark.tracking.mark import default_database

SETTINGS = {
    # Left alone, MLflow asks a server that is gone for four minutes, libpq for as long as TCP does.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "PGCONNECT_TIMEOUT": "10",
    # Two lines a run, into the progress bars.
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}
"""What the environment says unless the user did."""
REACHED_WITHIN = (3.0, 5.0)
"""Seconds to connect and to say that one is well: a server that takes longer is not there."""


@dataclass(frozen=True)
class Store:
    """An open store.

    Attributes
    ----------
    uri : str
        Its address as people may see it: without a password.
    artifacts : str or None
        Where artifacts go; None: the server decides.
    writer : str
        Who fills it from here: this machine and this folder of records.
    alone : bool
        Whether nobody else fills it: so of the default store, whose lock is held meanwhile.
    engine : Engine or None
        The connections to a database.
    """

    uri: str
    client: MlflowClient
    artifacts: str | None
    writer: str
    alone: bool
    engine: sqlalchemy.Engine | None

    def close(self) -> None:
        """Close the files of a database: what the last who closes them writes is written then."""
        if self.engine is not None:
            self.engine.dispose()


def address_of(folder: Path) -> str:
    """Return the address of the store that is meant."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{default_database(folder)}"


def open_store(folder: Path) -> Store:
    """Open the store, and create its tables if they are not there yet.

    Raises
    ------
    TrackingError
        If the address is none, a database file is damaged, or a database's driver is missing.
    MlflowException, SQLAlchemyError, OSError
        If the store cannot be reached.
    """
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    # What they say, with tracebacks, is said by whoever catches the exception.
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    uri = address_of(folder)
    artifacts = engine = None
    try:
        if uri.startswith(("http://", "https://")):
            _reach(uri)
        elif uri.startswith(tuple(DATABASE_ENGINES)):
            artifacts = (folder / "artifacts").resolve().as_uri()
            engine = prepare(uri, artifacts)
        client = MlflowClient(uri)
    except ValueError as error:
        raise TrackingError(
            f"MLFLOW_TRACKING_URI = {without_password(uri)}: no address ({error}); one is "
            f"http://127.0.0.1:5000, and without it MLflow is filled in {folder}"
        ) from error
    here = content_hash([platform.node(), str(folder.resolve())])[:12]
    return Store(
        uri=without_password(uri).rstrip("/"),
        client=client,
        artifacts=artifacts,
        writer=f"{platform.node()}:{here}",
        alone=not os.environ.get("MLFLOW_TRACKING_URI"),
        engine=engine,
    )


def _reach(uri: str) -> None:
    """Raise soon where no server is; what one answers does not matter here."""
    http_request(get_default_host_creds(uri), "/health", "GET", timeout=REACHED_WITHIN)
