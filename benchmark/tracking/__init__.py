"""Projects records to MLflow, and can do so again at any time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from benchmark.errors import TrackingError
from benchmark.records.store import RecordStore
from benchmark.tracking.mark import default_database, read_mark, state_of_records, write_mark
from benchmark.tracking.submission import TRAIN, Fetched, Registered, Submission, data_folder
from benchmark.tracking.ui import serve

__all__ = [
    "Fetched",
    "Registered",
    "Submission",
    "Tracked",
    "data_folder",
    "fetch",
    "fill",
    "register",
    "serve",
]

if TYPE_CHECKING:
    from benchmark.tracking.store import Store

# MLflow reads this when it is imported, which every other module here does.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")


@dataclass(frozen=True)
class Tracked:
    """The address of the store, and per experiment where MLflow's pages rank its cells."""

    uri: str
    pages: Mapping[str, str]


def fill(
    records: RecordStore,
    folder: Path,
    *,
    advance: Callable[[str], None],
    anew: bool = False,
) -> Tracked:
    """Bring MLflow up to date with the records.

    The store is the one `MLFLOW_TRACKING_URI` names, else SQLite in `folder`. `advance` hears of
    each cell. Unless `anew`, the store in `folder` is not even opened when neither it nor a record
    changed since it was last filled.

    Raises
    ------
    TrackingError
        If the store cannot be opened or written.
    """
    try:
        with FileLock(folder / "tracking.lock"):
            # Taken before the records are read: what changes meanwhile is seen the next time.
            state = state_of_records(records)
            named = os.environ.get("MLFLOW_TRACKING_URI")
            mark = None if named or anew else read_mark(folder, state)
            if mark is not None:
                for manifest in records.manifests():
                    for cell in manifest.cells:
                        for _ in ("the cell", *cell.studies):
                            advance(manifest.name)
                return Tracked(f"sqlite:///{default_database(folder)}", mark.pages)
            tracked = _fill(records, folder, advance)
            if not named:
                write_mark(folder, state, tracked.pages)
            return tracked
    except OSError as error:
        raise TrackingError(
            f"MLflow was not filled ({error}); the records are safe, and `python -m benchmark "
            f"track` fills it from them"
        ) from error


def _fill(records: RecordStore, folder: Path, advance: Callable[[str], None]) -> Tracked:
    """Fill the store."""
    from benchmark.tracking.page import page_of
    from benchmark.tracking.projection import project
    from benchmark.tracking.trouble import FILLED

    with _opened(folder, FILLED) as store:
        experiments = project(records, store, advance=advance)
    return Tracked(store.uri, {name: page_of(number) for name, number in experiments.items()})


def register(submission: Submission, records: RecordStore, folder: Path) -> tuple[Registered, ...]:
    """Log a trained model and register it in the store that `fill` fills; raises as it does."""
    from benchmark.tracking.models import log
    from benchmark.tracking.store import address_of
    from benchmark.tracking.trouble import REGISTERED

    with FileLock(folder / "tracking.lock"):
        state = state_of_records(records)
        mark = None if os.environ.get("MLFLOW_TRACKING_URI") else read_mark(folder, state)
        with _opened(folder, REGISTERED) as store:
            registered = log(submission, store, address_of(folder))
        if mark is not None:  # what the store shows of the records has not changed
            write_mark(folder, state, mark.pages)
    return registered


def fetch(reference: str, folder: Path) -> Fetched:
    """Return a registered model's data on this disk; raises TrackingError as `fill` does."""
    from benchmark.tracking.models import fetch as fetch_model
    from benchmark.tracking.store import address_of
    from benchmark.tracking.trouble import FETCHED

    if not os.environ.get("MLFLOW_TRACKING_URI") and not default_database(folder).exists():
        raise TrackingError(f"no model {reference!r} is registered; {TRAIN}")
    with _opened(folder, FETCHED) as store:
        return fetch_model(reference, store, address_of(folder))


@contextmanager
def _opened(folder: Path, doing: tuple[str, str]) -> Iterator[Store]:
    """Open the store; MLflow is imported here and not before: most commands do without it."""
    from benchmark.tracking.store import address_of, open_store
    from benchmark.tracking.trouble import TROUBLE, as_tracking_error

    try:
        store = open_store(folder)
        try:
            yield store
        finally:
            store.close()
    except TROUBLE as error:
        raise as_tracking_error(error, address_of(folder), doing) from error
