"""Opens the MLflow store: the one MLFLOW_TRACKING_URI names, or SQLite beside the records."""

from __future__ import annotations

import logging
import os
import platform
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

# MLflow reads this when it is imported, below.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

import sqlalchemy
from filelock import FileLock
from mlflow import MlflowClient
from mlflow.environment_variables import MLFLOW_HTTP_REQUEST_TIMEOUT
from mlflow.store.db.db_types import DATABASE_ENGINES
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from mlflow.utils.credentials import get_default_host_creds
from mlflow.utils.rest_utils import http_request

from benchmark.errors import TrackingError
from benchmark.records.atomic import temporary_sibling
from benchmark.records.song import content_hash
from benchmark.tracking.mark import default_database

PATIENCE = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "PGCONNECT_TIMEOUT": "10",
}
"""Left alone, MLflow asks a server that is gone for four minutes, and libpq as long as TCP does."""
CONNECTS_WITHIN = 3.0
"""Seconds: a server that is there takes a connection at once, however long its answers take."""
NOT_THE_FILE = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN}
NOT_THE_FILE |= {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_FULL}


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
    for name, value in PATIENCE.items():
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
            _prepare(uri, artifacts)
            engine = SqlAlchemyStore(uri, artifacts).engine
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


def without_password(uri: str) -> str:
    """Return an address as it may be printed and logged."""
    shown = re.sub(r"(?<=://)([^/@:]*):[^/]*@", r"\1:***@", uri)
    return re.sub(r"(password|pwd)=[^&;]*", r"\1=***", shown, flags=re.IGNORECASE)


def _reach(uri: str) -> None:
    """Raise soon where no server is; what one answers does not matter here."""
    patience = (CONNECTS_WITHIN, MLFLOW_HTTP_REQUEST_TIMEOUT.get())
    http_request(get_default_host_creds(uri), "/health", "GET", timeout=patience)


def _prepare(uri: str, artifacts: str) -> None:
    """Create the tables of an SQLite file; find out what is wrong before MLflow does.

    MLflow tries a database ten times, for two minutes, whatever is the matter.
    """
    address = sqlalchemy.make_url(uri)
    if address.get_backend_name() == "sqlite":
        if address.database and not address.database.startswith((":", "file:")):
            _create(Path(address.database), artifacts)
        return
    try:
        engine = sqlalchemy.create_engine(address)
    except ImportError as error:
        raise TrackingError(
            f"{without_password(uri)} needs the Python package of its driver ({error}); install "
            f"it, or name one that is installed, as in postgresql+psycopg2://…"
        ) from error
    with engine.connect():
        pass
    engine.dispose()


def _create(database: Path, artifacts: str) -> None:
    """Create the tables in a file of their own and rename it.

    Two processes that open one fresh database at once break each other's migration.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(database.with_suffix(".lock")):
        if database.exists() and database.stat().st_size:
            _check(database)
            return
        with temporary_sibling(database) as draft:
            SqlAlchemyStore(f"sqlite:///{draft}", artifacts).engine.dispose()
            draft.replace(database)


def _check(database: Path) -> None:
    """Raise if a file is no database, or a damaged one; what else is wrong MLflow finds."""
    try:
        # Not read-only: a journal that a killed process left has to be rolled back first.
        address = f"{database.resolve().as_uri()}?mode=rw"
        with closing(sqlite3.connect(address, uri=True, timeout=20)) as store:
            ((found,),) = store.execute("pragma quick_check(1)")
            found = " ".join(found.split())
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in NOT_THE_FILE:
            return
        found = str(error)
    if found != "ok":
        raise TrackingError(
            f"{database}: MLflow's database is damaged ({found}); the records are safe: move the "
            f"file away, and `python -m benchmark track` fills a new one from them"
        )
