"""Opens the MLflow store: the one MLFLOW_TRACKING_URI names, or SQLite beside the records."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path

# MLflow reads this when it is imported, below.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

from filelock import FileLock
from mlflow import MlflowClient
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

from benchmark.records.atomic import temporary_sibling


@dataclass(frozen=True)
class Store:
    """An open store: its address, a client, and where artifacts go (None: the server decides)."""

    uri: str
    client: MlflowClient
    artifacts: str | None


def open_store(folder: Path) -> Store:
    """Open the store, and create the default one if it is not there yet."""
    remote = os.environ.get("MLFLOW_TRACKING_URI")
    if remote:
        return Store(remote, MlflowClient(remote), None)
    database = folder / "mlflow.db"
    artifacts = (folder / "artifacts").resolve().as_uri()
    _create(database, artifacts)
    uri = f"sqlite:///{database}"
    return Store(uri, MlflowClient(uri), artifacts)


def _create(database: Path, artifacts: str) -> None:
    """Create the tables in a file of their own and rename it.

    Two processes that open one fresh database at once break each other's migration.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with FileLock(database.with_suffix(".lock")):
        if not database.exists():
            with temporary_sibling(database) as draft:
                SqlAlchemyStore(f"sqlite:///{draft}", artifacts).engine.dispose()
                draft.rename(database)
