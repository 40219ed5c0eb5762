"""Projects records to MLflow, and can do so again at any time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmark.errors import TrackingError
from benchmark.records.store import RecordStore


@dataclass(frozen=True)
class Tracked:
    """The address of the store, and per experiment where MLflow's pages rank its cells."""

    uri: str
    pages: Mapping[str, str]


def fill(records: RecordStore, folder: Path, *, advance: Callable[[str], None]) -> Tracked:
    """Bring MLflow up to date with the records.

    The store is the one `MLFLOW_TRACKING_URI` names, else SQLite in `folder`. `advance` hears of
    each cell. MLflow is imported here and not before: most commands do without it.

    Raises
    ------
    TrackingError
        If the store cannot be opened or written.
    """
    from filelock import FileLock
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    from benchmark.tracking.page import page_of
    from benchmark.tracking.projection import project
    from benchmark.tracking.store import open_store

    try:
        store = open_store(folder)
        with FileLock(folder / "tracking.lock"):
            experiments = project(records, store, advance=advance)
    except (MlflowException, SQLAlchemyError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise TrackingError(
            f"MLflow could not be filled ({reason}); the records are safe, and "
            f"`python -m benchmark track` fills it from them"
        ) from error
    return Tracked(store.uri, {name: page_of(number) for name, number in experiments.items()})
