from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from filling import fill_from, runs
from results import Results

from benchmark.tracking import projection
from benchmark.tracking.store import open_store

SECOND_FILL = """
import sys
from pathlib import Path
from benchmark.records.store import RecordStore
from benchmark.tracking import fill
steps = []
tracked = fill(RecordStore(Path(sys.argv[1])), Path(sys.argv[1]), advance=steps.append)
loaded = {name.partition(".")[0] for name in sys.modules}
print(len(steps), sorted(tracked.pages), tracked.uri, sorted(loaded & {"mlflow", "pandas"}))
"""


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every time that a store is looked through."""
    found: list[str] = []
    project = projection.project

    def looking(*arguments: object, **settings: object) -> dict[str, str]:
        found.append("looked")
        return project(*arguments, **settings)

    monkeypatch.setattr(projection, "project", looking)
    return found


def test_nothing_to_do_loads_no_mlflow_and_still_knows_the_pages(results: Results) -> None:
    first = fill_from(results.root)
    done = subprocess.run(
        [sys.executable, "-c", SECOND_FILL, results.root],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == f"1 ['made'] {first.uri} []"
    assert fill_from(results.root) == first


def test_a_second_fill_looks_at_nothing_unless_told_to(results: Results, looks: list[str]) -> None:
    fill_from(results.root)
    fill_from(results.root)
    assert len(looks) == 1
    fill_from(results.root, anew=True)
    assert len(looks) == 2
    fill_from(results.root)
    assert len(looks) == 2


def other_manifest(results: Results) -> None:
    results.publish(floors={"arousal": 0.25})


def other_record(results: Results) -> None:
    results.cells.clear()
    results.add("ridge", error=0.2)


def one_record_less(results: Results) -> None:
    (results.root / "records" / results.cells[0].jobs[0] / "record.json").unlink()


def store_deleted(results: Results) -> None:
    (results.root / "mlflow.db").unlink()


def store_touched(results: Results) -> None:
    os.utime(results.root / "mlflow.db")


def store_written(results: Results) -> None:
    """As the page of MLflow does; a clock too coarse to show it must not hide it."""
    database = results.root / "mlflow.db"
    before = database.stat()
    with sqlite3.connect(database) as store:
        store.execute("update runs set lifecycle_stage = 'deleted'")
    store.close()
    os.utime(database, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert database.stat().st_size == before.st_size


def journal_left(results: Results) -> None:
    (results.root / "mlflow.db-journal").write_bytes(b"")


def mark_missing(results: Results) -> None:
    (results.root / "tracked.json").unlink()


def mark_damaged(results: Results) -> None:
    (results.root / "tracked.json").write_text('{"schema_version": 1')


def mark_no_object(results: Results) -> None:
    (results.root / "tracked.json").write_text("[1]")


def mark_of_another_version(results: Results) -> None:
    place = results.root / "tracked.json"
    place.write_text(json.dumps({**json.loads(place.read_text()), "schema_version": 0}))


@pytest.mark.parametrize(
    "change",
    [
        other_manifest,
        other_record,
        one_record_less,
        store_deleted,
        store_touched,
        store_written,
        journal_left,
        mark_missing,
        mark_damaged,
        mark_no_object,
        mark_of_another_version,
    ],
)
def test_any_difference_is_looked_at(results: Results, looks: list[str], change: object) -> None:
    fill_from(results.root)
    change(results)
    fill_from(results.root)
    assert len(looks) == 2
    fill_from(results.root)
    assert len(looks) == 2


def test_what_the_page_of_mlflow_deleted_comes_back(results: Results) -> None:
    fill_from(results.root)
    store_written(results)
    fill_from(results.root)
    parents, children = runs(open_store(results.root))
    assert (len(parents), len(children)) == (1, 2)


def test_a_fill_that_failed_leaves_no_mark(
    results: Results, looks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(projection, "write", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            fill_from(results.root)
    assert not (results.root / "tracked.json").exists()
    fill_from(results.root)
    assert len(looks) == 2


def test_a_named_store_is_always_asked(
    results: Results, looks: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_from(results.root)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    fill_from(results.root)
    fill_from(results.root)
    assert len(looks) == 3
