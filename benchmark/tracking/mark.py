"""What the last complete fill of the default store left: enough to tell that nothing changed.

Read without MLflow, whose import takes longer than all else that a finished run has to do. Any
difference, and a mark that is missing or damaged, only costs a look at every cell.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmark.records.atomic import write_whole
from benchmark.records.song import content_hash
from benchmark.records.store import RecordStore

MARK_VERSION = 1
CONTENTS_VERSION = 2
"""Raise it when runs should show something else of the same records: all are written anew."""


@dataclass(frozen=True)
class Mark:
    """The state of records and store after a fill, and the pages that show them."""

    records: str
    store: str
    pages: Mapping[str, str]
    schema_version: int = MARK_VERSION


def default_database(folder: Path) -> Path:
    """Return the file of the default store."""
    return folder / "mlflow.db"


def state_of_records(records: RecordStore) -> str:
    """Return a digest of the manifests and, per job of theirs, of when its record was written."""
    parts = [f"contents {CONTENTS_VERSION}"]
    for manifest in records.manifests():
        parts.append(str(manifest))
        for cell in manifest.cells:
            parts += [str(records.stamp(key)) for key in cell.jobs]
            parts += [str(records.study_stamp(key)) for key in cell.studies]
    return content_hash(parts)


def state_of_store(database: Path) -> str:
    """Return what changes with every transaction, or "" where there is no store.

    The time and size of the file tell of anything that was put in its place as well as of a
    transaction; SQLite's change counter (bytes 24 to 27, https://sqlite.org/fileformat.html) tells
    of one within the resolution of the file system's clock. A journal that a kill left says that
    the file is not what it seems, and with write-ahead logging (which MLflow does not use, but
    which a user may have switched on) transactions are in a file beside it.
    """
    try:
        with database.open("rb") as file:
            counter = file.read(28)[24:].hex()
    except OSError:
        return ""
    beside = [
        _written(database.with_name(f"{database.name}-{part}")) for part in ("wal", "journal")
    ]
    return " ".join([_written(database), counter, *beside])


def read_mark(folder: Path, records: str) -> Mark | None:
    """Return the mark if `records` is still their state and the store is as the fill left it."""
    try:
        mark = Mark(**json.loads(_place(folder).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    expected = Mark(records, state_of_store(default_database(folder)), mark.pages)
    return mark if mark == expected and mark.store else None


def write_mark(folder: Path, records: str, pages: Mapping[str, str]) -> None:
    """Store that the default store now shows the records whose state was `records`."""
    mark = Mark(records, state_of_store(default_database(folder)), pages)
    write_whole(_place(folder), json.dumps(asdict(mark), indent=1).encode(), store=folder)


def _place(folder: Path) -> Path:
    return folder / "tracked.json"


def _written(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return "absent"
    return f"{status.st_mtime_ns}:{status.st_size}"
