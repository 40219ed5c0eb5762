from __future__ import annotations

import sqlite3
from pathlib import Path

import optuna
import pytest
from sqlalchemy.exc import OperationalError

from benchmark.tuning import Storage
from benchmark.tuning import storage as storages
from benchmark.tuning.storage import StorageError


def test_without_an_address_it_is_sqlite_beside_the_records(tmp_path: Path) -> None:
    found = Storage.named("", tmp_path / "mlruns")
    assert found.address == f"sqlite:///{tmp_path / 'mlruns' / 'optuna.db'}"
    found.open()
    with sqlite3.connect(tmp_path / "mlruns" / "optuna.db") as tables:
        assert tables.execute("select count(*) from studies").fetchone() == (0,)


def test_the_file_of_a_journal_is_found_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers may stand elsewhere."""
    monkeypatch.chdir(tmp_path)
    found = Storage.named("below/journal", Path("elsewhere"))
    assert found.address == str(tmp_path / "below" / "journal")
    assert not found.is_far
    optuna.create_study(storage=found.open(), study_name="one")
    storages._opened.cache_clear()
    assert optuna.get_all_study_names(found.open()) == ["one"]


@pytest.mark.parametrize(
    ("address", "far"),
    [("postgresql+psycopg2://me:secret@there/db", True), ("sqlite:///here.db", False)],
)
def test_an_address_is_taken_as_it_is(address: str, far: bool) -> None:
    found = Storage.named(address, Path("elsewhere"))
    assert found.address == address
    assert found.is_far == far
    assert "secret" not in str(found)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("nonsense://x", "Can't load plugin"),
        ("postgresql+psycopg2://me:secret@127.0.0.1:1/db", "127.0.0.1"),
        ("postgresql://there:port/db", "cannot be opened.*'port'.*sqlite:///PATH"),
        ("sqlite:///", "cannot be opened.*sqlite:///PATH"),
        ("{folder}/letter.txt", "it is a file, but no journal.*sqlite:///PATH"),
        ("{folder}/half", "cannot be opened"),
        ("sqlite:///{folder}/letter.txt", "file is not a database"),
    ],
)
def test_a_storage_that_cannot_be_opened_is_one_message(
    tmp_path: Path, address: str, message: str
) -> None:
    letter, half = tmp_path / "letter.txt", tmp_path / "half"
    letter.write_text("Dear all,\n" * 100)
    half.write_text('{"op_code": 0}\n')
    with pytest.raises(StorageError, match=message) as error:
        Storage.named(address.format(folder=tmp_path), tmp_path).open()
    assert str(error.value).startswith("studies at ")
    assert "secret" not in str(error.value)
    assert letter.read_text() == "Dear all,\n" * 100


def test_what_goes_wrong_later_says_that_nothing_is_lost(tmp_path: Path) -> None:
    storage = Storage(f"sqlite:///{tmp_path / 'x.db'}")
    message = r"x\.db: disk is full; what has finished is kept: mend it and run the same command"
    with pytest.raises(StorageError, match=message), storage.guard():
        raise OperationalError("insert", {}, Exception("disk is full"))
    with pytest.raises(KeyError), storage.guard():
        raise KeyError("a mistake of ours")
