from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmark.acquisition.ledger import LEDGER, Holding, Ledger, alone
from benchmark.errors import AcquisitionError

HOLDING = Holding("metadata.zip", "abc", verified=True, files={"metadata/a.csv": 3})


def write_file(root: Path, content: str = "abc") -> None:
    (root / "metadata").mkdir(exist_ok=True)
    (root / "metadata/a.csv").write_text(content)


def test_what_is_entered_is_read_back(tmp_path: Path) -> None:
    write_file(tmp_path)
    ledger = Ledger.read(tmp_path)
    assert (ledger.terms_accepted, ledger.holds("metadata")) == ("", False)
    ledger.accept_terms()
    ledger.enter("metadata", HOLDING)
    again = Ledger.read(tmp_path)
    assert again == ledger
    assert again.terms_accepted.startswith("20")
    assert again.holds("metadata")
    assert not again.holds("audio")


def test_a_part_whose_files_are_gone_or_cut_short_is_not_there(tmp_path: Path) -> None:
    write_file(tmp_path, "ab")
    ledger = Ledger(tmp_path)
    ledger.enter("metadata", HOLDING)
    assert not ledger.holds("metadata")
    (tmp_path / "metadata/a.csv").unlink()
    assert not ledger.holds("metadata")


@pytest.mark.parametrize(
    "change",
    [
        lambda stored: "{",
        lambda stored: "[]",
        lambda stored: json.dumps(stored | {"schema_version": 2}),
        lambda stored: json.dumps(stored | {"parts": []}),
        lambda stored: json.dumps(stored | {"parts": {"metadata": {"files": 1}}}),
        lambda stored: json.dumps(stored | {"parts": {"metadata": {"zip": "x"}}}),
        lambda stored: json.dumps({k: v for k, v in stored.items() if k != "terms_accepted"}),
    ],
)
def test_a_spoilt_ledger_is_an_empty_one(tmp_path: Path, change: object) -> None:
    Ledger(tmp_path).enter("metadata", HOLDING)
    path = tmp_path / LEDGER
    path.write_text(change(json.loads(path.read_text())))
    assert Ledger.read(tmp_path) == Ledger(tmp_path)


def test_two_processes_do_not_fetch_into_one_folder(tmp_path: Path) -> None:
    with alone(tmp_path / "root"):
        with (
            pytest.raises(AcquisitionError, match="another process is fetching into it"),
            alone(tmp_path / "root"),
        ):
            pass
        with alone(tmp_path / "other"):
            pass
    with alone(tmp_path / "root"):
        pass
    assert list((tmp_path / "root").iterdir()) == []
