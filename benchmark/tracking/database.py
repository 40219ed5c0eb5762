"""Makes a database ready for MLflow, and says what is wrong with one before MLflow does.

MLflow tries a database ten times, for two minutes and with a page of log, whatever is the matter.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy
from filelock import FileLock
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

from benchmark.errors import TrackingError
from benchmark.records.atomic import temporary_sibling

NOT_THE_FILE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}
"""Errors that say nothing about what a file holds."""


def prepare(uri: str, artifacts: str) -> sqlalchemy.Engine:
    """Create the tables where there are none; return the engine that MLflow uses for this address.

    Raises
    ------
    TrackingError
        If an SQLite file is damaged, or the driver is not installed.
    MlflowException, SQLAlchemyError, OSError
        If the database cannot be reached or is of another version.
    """
    address = sqlalchemy.make_url(uri)
    if address.get_backend_name() != "sqlite":
        _reach(address)
    elif address.database and not address.database.startswith((":", "file:")):
        _create(Path(address.database), artifacts)
    return SqlAlchemyStore(uri, artifacts).engine


def _reach(address: sqlalchemy.URL) -> None:
    """Connect once."""
    try:
        engine = sqlalchemy.create_engine(address)
    except ImportError as error:
        raise TrackingError(
            f"{address.render_as_string()} needs the Python package of its driver ({error}); "
            f"install it, or name one that is installed, as in postgresql+psycopg2://…"
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
        for abandoned in database.parent.glob(f".{database.name}-*"):
            shutil.rmtree(abandoned)  # by one who was killed: nobody else writes while we hold it
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
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in NOT_THE_FILE:
            return
        found = str(error)
    if found != "ok":
        raise TrackingError(
            f"{database}: MLflow's database is damaged ({' '.join(found.split())}); the records "
            f"are safe: move the file away, and `python -m benchmark track` fills a new one from "
            f"them"
        )
