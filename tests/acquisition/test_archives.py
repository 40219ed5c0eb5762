from __future__ import annotations

import errno
import os
import stat
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from zips import zip_at, zipped

from benchmark.acquisition import archives, disk
from benchmark.acquisition.archives import entries_of, missing, unpack
from benchmark.acquisition.progress import BytesListener
from benchmark.errors import AcquisitionError

GOOD = {"data/one.csv": b"1" * 5000, "data/two.csv": b"2" * 7000}


class Stopping(BytesListener):
    """Raises an error when so many bytes are written: in the middle of a file."""

    def __init__(self, after: int, error: BaseException) -> None:
        self.after, self.error = after, error

    def reached(self, n_bytes: int) -> None:
        if n_bytes >= self.after:
            raise self.error


def unpack_all(path: Path, destination: Path, listener: BytesListener | None = None) -> None:
    unpack(path, entries_of(path), destination, listener or BytesListener())


def unpacked(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_zip_is_unpacked_and_asked_for_nothing_twice(tmp_path: Path) -> None:
    path, out = zip_at(tmp_path / "good.zip", GOOD), tmp_path / "out"
    assert missing(entries_of(path), out) == 12_000
    unpack_all(path, out)
    assert unpacked(out) == GOOD
    assert missing(entries_of(path), out) == 0
    (out / "data/two.csv").unlink()
    before = (out / "data/one.csv").stat().st_mtime_ns
    unpack_all(path, out)
    assert unpacked(out) == GOOD
    assert (out / "data/one.csv").stat().st_mtime_ns == before


def test_litter_of_macos_and_folders_are_no_files(tmp_path: Path) -> None:
    litter = {"__MACOSX/data/._one.csv": b"x", "data/.DS_Store": b"x", "data/": b""}
    unpack_all(zip_at(tmp_path / "mac.zip", litter | GOOD), tmp_path / "out")
    assert unpacked(tmp_path / "out") == GOOD


def test_names_in_utf_8_that_do_not_say_so_are_read_as_such(tmp_path: Path) -> None:
    path = tmp_path / "names.zip"
    content = zipped({"data/xxxx.csv": b"1", "data/yy.csv": b"2"})
    content = content.replace(b"xxxx", "éö".encode()).replace(b"yy", b"\x81\xff")
    path.write_bytes(content)
    assert [str(entry.path) for entry in entries_of(path)] == ["data/éö.csv", "data/ü\xa0.csv"]


OUTSIDE = ["../evil.csv", "data/../../evil.csv", "/evil.csv", "//server/share/evil.csv"]
DRIVES = ["C:/evil.csv", "C:evil.csv", "..\\evil.csv", "data\\evil.csv"]


@pytest.mark.parametrize("name", OUTSIDE + DRIVES)
def test_an_entry_outside_of_the_folder_keeps_all_from_being_unpacked(
    tmp_path: Path, name: str
) -> None:
    path = zip_at(tmp_path / "deep" / "slip.zip", GOOD | {name: b"evil"})
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(AcquisitionError, match=r"slip\.zip: .*evil.* lies outside of the folder"):
        unpack_all(path, tmp_path / "deep" / "out")
    assert sorted(tmp_path.rglob("*")) == before
    assert not Path("/evil.csv").exists()


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO])
def test_links_and_devices_are_not_unpacked(tmp_path: Path, kind: int) -> None:
    path = zip_at(tmp_path / "link.zip", GOOD)
    with zipfile.ZipFile(path, "a") as archive:
        info = zipfile.ZipInfo("data/link")
        info.external_attr = (kind | 0o777) << 16
        archive.writestr(info, "/etc")
        archive.writestr("data/link/evil.csv", "evil")
    with pytest.raises(AcquisitionError, match="'data/link' is a link or a device"):
        unpack_all(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_encrypted_zip_and_names_with_control_characters_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "odd.zip"
    content = bytearray(zipped(GOOD))
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(AcquisitionError, match=r"'data/one\.csv' is encrypted"):
        entries_of(path)
    path.write_bytes(zipped({"data/a\x1b[2Jb.csv": b""}))
    with pytest.raises(AcquisitionError, match="a name that cannot be printed"):
        entries_of(path)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Data/ONE.csv", r"'data/one\.csv' is in it twice"),
        ("data", "'data' is both a file and a folder"),
        ("DATA/One.csv/two.csv", r"'data/one\.csv' is both a file and a folder"),
    ],
)
def test_two_files_that_cannot_lie_there_both_are_refused_before_anything_is_written(
    tmp_path: Path, name: str, reason: str
) -> None:
    path = zip_at(tmp_path / "both.zip", GOOD | {name: b"other"})
    with pytest.raises(AcquisitionError, match=reason):
        unpack_all(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["x" * 300, "data/" + "ü" * 125 + "/x", "x" * 250, "a/" * 600])
def test_a_name_too_long_for_a_disk_is_refused_before_anything_is_written(
    tmp_path: Path, name: str
) -> None:
    path = zip_at(tmp_path / "long.zip", GOOD | {name + "x": b"1"})
    with pytest.raises(AcquisitionError, match=r"long\.zip: '.{40}\.\.\.' has a name too long"):
        unpack_all(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    longest = {"x" * 249: b"1", f"{'ü' * 124}/y": b"2"}
    unpack_all(zip_at(tmp_path / "longest.zip", longest), tmp_path / "out")
    assert unpacked(tmp_path / "out") == longest


def test_a_bomb_is_refused_by_what_it_announces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zip_at(tmp_path / "bomb.zip", {"zeros.csv": b"0" * 3_000_000})
    assert len(entries_of(path)) == 1
    monkeypatch.setattr(archives, "HARMLESS", 2_000_000)
    with pytest.raises(AcquisitionError, match=r"announces 3\.0 MB in a zip of 3\.\d kB"):
        entries_of(path)


@pytest.mark.parametrize("announced", [10, 4_999, 5_001, 1_000_000])
def test_what_is_written_is_held_against_what_is_announced(tmp_path: Path, announced: int) -> None:
    path = zip_at(tmp_path / "lie.zip", {"data/one.csv": GOOD["data/one.csv"]})
    true, lie = (struct.pack("<L", size) for size in (5_000, announced))
    path.write_bytes(path.read_bytes().replace(true, lie))
    assert [entry.size for entry in entries_of(path)] == [announced]
    with pytest.raises(AcquisitionError, match=r"lie\.zip: is no zip, or a damaged one"):
        unpack_all(path, tmp_path / "out")
    assert unpacked(tmp_path / "out") == {}


def test_a_damaged_entry_stops_it_and_leaves_what_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "damaged.zip"
    content = zipped(GOOD, packing=zipfile.ZIP_STORED)
    path.write_bytes(content.replace(b"2" * 7000, b"2" * 6999 + b"3"))
    with pytest.raises(AcquisitionError, match=r"Bad CRC-32 for file 'data/two\.csv'.*delete it"):
        unpack_all(path, tmp_path / "out")
    assert unpacked(tmp_path / "out") == {"data/one.csv": GOOD["data/one.csv"]}


def test_no_spoilt_zip_is_a_traceback_or_another_content(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    whole, outcomes = zipped(GOOD), set()
    for number in range(400):
        content = bytearray(whole)
        for at in random.integers(len(content), size=random.integers(1, 4)):
            content[at] = random.integers(256)
        if number % 4 == 0:
            del content[random.integers(len(content)) :]
        path, out = tmp_path / f"{number}.zip", tmp_path / str(number)
        path.write_bytes(content)
        try:
            unpack_all(path, out)
        except AcquisitionError:
            outcomes.add("refused")
        else:
            outcomes.add("unpacked")
        found = unpacked(out)
        assert set(found.values()) <= set(GOOD.values())
        assert not [name for name in found if name.endswith(".part")]
    assert outcomes == {"refused", "unpacked"}


def test_a_file_of_the_user_is_not_overwritten(tmp_path: Path) -> None:
    path, out = zip_at(tmp_path / "good.zip", GOOD), tmp_path / "out"
    for mine in (b"mine", b"x" * 7000):
        out.joinpath("data").mkdir(parents=True, exist_ok=True)
        (out / "data/two.csv").write_bytes(mine)
        with pytest.raises(AcquisitionError, match=r"two\.csv is there and is not what good\.zip"):
            unpack_all(path, out)
        assert unpacked(out) == {"data/two.csv": mine}


def test_a_file_that_a_power_cut_has_emptied_is_unpacked_again(tmp_path: Path) -> None:
    path, out = zip_at(tmp_path / "good.zip", GOOD | {"data/empty.csv": b""}), tmp_path / "out"
    unpack_all(path, out)
    (out / "data/two.csv").write_bytes(b"")
    unpack_all(path, out)
    assert unpacked(out) == GOOD | {"data/empty.csv": b""}


def test_an_interrupt_leaves_no_half_file_and_is_gone_on_from(tmp_path: Path) -> None:
    path, out = zip_at(tmp_path / "good.zip", GOOD), tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        unpack_all(path, out, Stopping(6000, KeyboardInterrupt()))
    assert unpacked(out) == {"data/one.csv": GOOD["data/one.csv"]}
    unpack_all(path, out)
    assert unpacked(out) == GOOD


def test_too_little_room_is_said_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zip_at(tmp_path / "good.zip", GOOD)
    monkeypatch.setattr(disk, "free_at", lambda place: 11_999)
    with pytest.raises(AcquisitionError, match=r"unpack good\.zip needs 12\.0 kB.*12\.0 kB are"):
        unpack_all(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fills_up_in_the_middle_is_told_and_gone_on_from(
    tmp_path: Path, number: int
) -> None:
    """A stand-in raises the error while a file is written; `test_data_deam` fills a real disk."""
    path, out = zip_at(tmp_path / "good.zip", GOOD), tmp_path / "out"
    full = Stopping(6000, OSError(number, os.strerror(number)))
    with pytest.raises(AcquisitionError, match=r"disk is full .* good\.zip needs 7\.0 kB more"):
        unpack_all(path, out, full)
    assert unpacked(out) == {"data/one.csv": GOOD["data/one.csv"]}
    unpack_all(path, out)
    assert unpacked(out) == GOOD
