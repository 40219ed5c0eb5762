"""What `data deam` does part by part, and what it says, in this process."""

from __future__ import annotations

import json
import sys
import zipfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
import typer
from deam_commands import assert_complete
from loopback import Loopback, serving
from zips import deam_files, deam_zips, zip_at

from benchmark.acquisition.deam import Wish, acquire
from benchmark.acquisition.deam_parts import PARTS
from benchmark.acquisition.ledger import Ledger
from benchmark.acquisition.progress import BytesListener
from benchmark.cli import screen
from benchmark.cli.data import deam
from benchmark.errors import AcquisitionError


def test_no_part_is_kept_from_the_others_by_what_is_wrong_with_one(
    tmp_path: Path, server: Loopback
) -> None:
    """Features are no zip, metadata has another hash."""
    server.files["features.zip"] = b"PK"
    wish = Wish(
        root=tmp_path, parts=PARTS, base=server.address, other_content=("annotations", "audio")
    )
    failed = acquire(wish, BytesListener())
    assert list(failed) == ["metadata", "features"]
    assert str(failed["metadata"]).endswith(
        "--allow-other-content metadata (the hash that is known has one source). To fetch it "
        "again: the same command"
    )
    assert "features.zip: is no zip" in str(failed["features"])
    assert list(Ledger.read(tmp_path).parts) == ["annotations", "audio"]
    with pytest.raises(AcquisitionError, match=r"metadata: .*\nfeatures: .*is no zip"):
        acquire(wish, BytesListener())
    assert len(server.gets("metadata.zip")) == 2, "what was set aside is not what is wanted"


@pytest.mark.parametrize(
    ("parts", "lines"),
    [
        ("annotations,metadata,audio", ["audio/"]),
        ("annotations,metadata,features", ["", "frames/"]),
        ("annotations,audio", []),
    ],
)
def test_what_comes_next_is_what_the_parts_that_are_there_suffice_for(
    tmp_path: Path,
    server: Loopback,
    capsys: pytest.CaptureFixture[str],
    parts: str,
    lines: list[str],
) -> None:
    deam.deam_command(
        root=tmp_path, parts=parts, accept_terms=True, mirror=server.address,
        allow_other_content="annotations,metadata,audio",
    )  # fmt: skip
    said = capsys.readouterr().out
    runs = [line.split()[4] for line in said.splitlines() if "benchmark run" in line]
    assert runs == [f"experiments/deam/{folder}*.yaml" for folder in lines]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"parts": "audios"}, "--parts: no part 'audios' of DEAM; did you mean audio"),
        ({"allow_other_content": "all"}, "--allow-other-content: no part 'all' of DEAM; known:"),
        ({"mirror": "file:///zips"}, "'file:///zips' is no address of the kind https://"),
        ({"source": Path("x"), "mirror": "http://127.0.0.1:9"}, "--mirror fetches; give one"),
        ({"source": Path("x/nowhere")}, "--from x/nowhere: no such folder"),
    ],
)
def test_mistakes_in_the_command_are_one_message_and_nothing_is_fetched(
    tmp_path: Path, options: dict[str, object], message: str
) -> None:
    with pytest.raises(AcquisitionError, match=message):
        deam.deam_command(root=tmp_path / "deam", accept_terms=True, **options)
    assert not (tmp_path / "deam" / "zips").exists()


@pytest.mark.parametrize("root", ["own.yaml", "own.yaml/data"])
def test_a_root_that_is_a_file_is_one_message_before_the_terms(
    tmp_path: Path, root: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own.yaml").write_text("mine")
    with pytest.raises(AcquisitionError, match=rf"--root .*{root}: .*own.yaml is no folder; give"):
        deam.deam_command(root=tmp_path / root)
    assert capsys.readouterr().out == ""


def test_terms_are_asked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return answers.pop(0)

    mine, root = tmp_path / "mine", tmp_path / "root"
    zip_at(mine / "features.zip", deam_files()["features.zip"])
    answers = ["", "no", "y"]
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(screen.console, "input", answer)
    parts = ["annotations", "metadata", "features", "audio"]
    for _ in range(2):
        with pytest.raises(typer.Exit) as left:
            deam.deam_command(root=root, parts=",".join(parts), source=mine)
        assert left.value.exit_code == 1
        assert not root.exists()
    deam.deam_command(root=root, parts="features", source=mine)
    (root / "features" / "2.csv").unlink()
    deam.deam_command(root=root, parts="features", source=mine)
    assert (root / "features" / "2.csv").is_file()
    assert len(asked) == 3


def test_the_hash_that_is_known_is_verified_without_a_word(tmp_path: Path) -> None:
    zips, said = deam_zips(), []
    parts = tuple(replace(part, sha256=sha256(zips[part.file]).hexdigest()) for part in PARTS)

    class Hearing(BytesListener):
        def note(self, text: str) -> None:
            said.append(text)

    with serving(zips) as server:
        wish = Wish(root=tmp_path / "root", parts=parts, base=server.address)
        assert acquire(wish, Hearing()) == {}
    assert [text for text in said if not text.startswith("disk space wanted")] == []
    assert_complete(tmp_path / "root")
    ledger = json.loads((tmp_path / "root/acquired.json").read_text())
    assert all(part["verified"] for part in ledger["parts"].values())


def test_a_damaged_zip_without_a_known_hash_says_what_to_delete(
    tmp_path: Path, server: Loopback
) -> None:
    whole = server.files["features.zip"]
    server.files["features.zip"] = whole[: len(whole) // 2]
    wish = Wish(root=tmp_path, parts=PARTS[2:3], base=server.address)
    for _ in range(2):
        with pytest.raises(AcquisitionError, match=r"zips/features\.zip: is no zip.*delete it"):
            acquire(wish, BytesListener())
    server.files["features.zip"] = whole
    (tmp_path / "zips" / "features.zip").unlink()
    acquire(wish, BytesListener())
    with zipfile.ZipFile(tmp_path / "zips" / "features.zip") as archive:
        assert archive.testzip() is None
