"""`data check` as a user has it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from commands import benchmark
from typer.testing import CliRunner

from benchmark.acquisition.ledger import Holding, Ledger
from benchmark.cli import app
from benchmark.execution import Pool


def invoke(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["data", "check", *map(str, arguments)])


def test_a_sound_folder_ends_with_0_and_its_audio_decoded(deam_folder: Any, tmp_path: Path) -> None:
    done = benchmark("data", "check", str(deam_folder.root), "--json", "a.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "usable, 6 of 6 rated songs" in done.stdout
    audit = json.loads((tmp_path / "a.json").read_text())
    assert (audit["schema_version"], audit["usable"], audit["audio_decoded"]) == (1, True, True)
    assert "Traceback" not in done.stderr


def test_json_alone_goes_to_standard_output(deam_folder: Any) -> None:
    done = invoke(deam_folder.root, "--no-audio", "--json", "-")
    assert done.exit_code == 0
    assert (
        json.loads(done.stdout)["verdict"] == "usable, 6 of 6 rated songs (audio was not decoded)"
    )


def test_zips_that_were_unpacked_are_not_needed_any_more(deam_folder: Any) -> None:
    for name in ("metadata.zip", "other.zip"):
        deam_folder.write(deam_folder.root / "zips" / name, "?")
    table = next((deam_folder.root / "metadata").iterdir())
    files = {str(table.relative_to(deam_folder.root)): table.stat().st_size}
    holding = Holding("metadata.zip", sha256="0", verified=True, files=files)
    Ledger(deam_folder.root).enter("metadata", holding)

    def zips() -> dict[str, list[str]]:
        done = invoke(deam_folder.root, "--no-audio", "--json", "-")
        found = json.loads(done.stdout)["findings"]
        return {of["code"]: of["examples"] for of in found if of["code"].startswith("folder")}

    assert zips() == {"folder.zips": ["zips/other.zip"], "folder.unpacked": ["zips/metadata.zip"]}
    table.unlink()
    assert zips() == {"folder.zips": ["zips/metadata.zip", "zips/other.zip"]}


@pytest.mark.parametrize("table", ["song_id,sample_0ms\n1,7\n", "no table"])
def test_a_folder_that_cannot_be_used_ends_with_1(deam_folder: Any, table: str) -> None:
    deam_folder.table("arousal").write_text(table)
    done = invoke(deam_folder.root, "--no-audio")
    assert done.exit_code == 1
    assert "not usable" in done.stdout
    done = invoke(deam_folder.root, "--no-audio", "--json", "-")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["usable"] is False


def test_a_wrong_invocation_ends_with_2_and_one_line(tmp_path: Path, deam_folder: Any) -> None:
    nowhere = benchmark("data", "check", "nowhere", cwd=tmp_path)
    folder = benchmark("data", "check", str(deam_folder.root), "--json", ".", cwd=tmp_path)
    assert (nowhere.returncode, folder.returncode) == (2, 2)
    assert "error nowhere: no such folder" in nowhere.stderr
    assert "error --json .: is a folder" in folder.stderr
    assert nowhere.stderr.count("\n") == folder.stderr.count("\n") == 1
    assert invoke().exit_code == 2


def test_ctrl_c_is_one_line_and_writes_nothing(
    deam_folder: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Pool, "run", interrupted)
    done = invoke(deam_folder.root, "--json", tmp_path / "a.json")
    assert done.exit_code == 130
    assert done.stderr == "Interrupted. Nothing was written.\n"
    assert not (tmp_path / "a.json").exists()
