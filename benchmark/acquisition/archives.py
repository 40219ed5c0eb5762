"""Zips of strangers, unpacked so that nothing is written outside of a folder, or by half.

Every entry is checked before the first is written; each is written under another name, checked
against what the zip announces, and renamed; one that is there already is kept.
"""

from __future__ import annotations

import errno
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from benchmark.acquisition.disk import full_disk_told, in_units, require_room
from benchmark.acquisition.progress import BytesListener
from benchmark.errors import AcquisitionError

BLOCK = 1 << 20
UTF8_NAME = 0x800
ENCRYPTED = 0x1
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, ValueError,
)  # fmt: skip
"""What `zipfile` raises over zips that are not what they should be."""
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
LITTER = ("__MACOSX", ".DS_Store")
LONGEST_PART, LONGEST = 249, 1000
"""Bytes of a name between two slashes (disks take 255; a draft's is longer by 6), and of a path."""
PLAUSIBLE_GROWTH = 200
"""Times that a zip may grow when unpacked; tables of text grow about tenfold."""
HARMLESS = 10**9
"""Bytes that may be unpacked from however small a zip."""


@dataclass(frozen=True)
class Entry:
    """A file in a zip: its path there, size in bytes, CRC-32, and what `zipfile` knows of it."""

    path: PurePosixPath
    size: int
    crc: int
    info: zipfile.ZipInfo


def entries_of(path: Path) -> tuple[Entry, ...]:
    """Return the files in a zip; litter of macOS is left out.

    Raises
    ------
    AcquisitionError
        If it is no zip, or if any entry would lie outside of the folder it is unpacked to (`..`,
        absolute, a drive, a backslash), is no plain file or folder, cannot be read, has a name too
        long for a disk, is the second of its name (in upper or lower case), or lies below another
        that is a file; or if what it announces is past belief.
    """
    with _opened(path) as archive:
        entries = [_entry(path, info) for info in archive.infolist() if not _is_litter(info)]
    files = tuple(entry for entry in entries if not entry.info.is_dir())
    names = [str(entry.path).casefold() for entry in files]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise AcquisitionError(f"{path}: {twice!r} is in it twice; nothing of it is unpacked")
    above = {str(parent) for name in names for parent in PurePosixPath(name).parents}
    if both := sorted(above.intersection(names)):
        raise AcquisitionError(
            f"{path}: {both[0]!r} is both a file and a folder in it; nothing of it is unpacked"
        )
    announced = sum(entry.size for entry in files)
    if announced > max(HARMLESS, PLAUSIBLE_GROWTH * path.stat().st_size):
        raise AcquisitionError(
            f"{path}: announces {in_units(announced)} in a zip of "
            f"{in_units(path.stat().st_size)}, which no dataset does; nothing of it is unpacked"
        )
    return files


def missing(entries: Sequence[Entry], destination: Path) -> int:
    """Return how many bytes are still to be unpacked, going by names and sizes."""
    return sum(entry.size for entry in entries if _size(destination / entry.path) != entry.size)


def unpack(
    path: Path, entries: Sequence[Entry], destination: Path, listener: BytesListener
) -> None:
    """Unpack entries of a zip into a folder; files that are there with the same content are kept.

    Raises
    ------
    AcquisitionError
        Before anything is written, if a file of the same name but other content is there (an empty
        one is replaced), or if the disk has too little room. Later, if the disk fills up, or if an
        entry does not hold what the zip announces; files that are whole by then stay.
    """
    listener.stage(f"unpack {path.name}", sum(entry.size for entry in entries))
    done, due = 0, []
    for entry in entries:
        if _is_there(entry, destination / entry.path, path):
            listener.reached(done := done + entry.size)
        else:
            due.append(entry)
    left = sum(entry.size for entry in due)
    require_room(left, destination, what=f"to unpack {path.name}")
    with _opened(path) as archive:
        for entry in due:
            with full_disk_told(destination, what=f"{path.name} needs {in_units(left)} more"):
                _write(archive, entry, destination / entry.path, done, listener)
            left -= entry.size
            done += entry.size


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (*DAMAGE, OSError) as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # a place before its start
            raise
        raise AcquisitionError(
            f"{path}: is no zip, or a damaged one ({error}); delete it and fetch it again"
        ) from error


def _is_litter(info: zipfile.ZipInfo) -> bool:
    return any(part in LITTER for part in PurePosixPath(info.filename).parts)


def _entry(path: Path, info: zipfile.ZipInfo) -> Entry:
    name = _name(info)
    where = PurePosixPath(name)
    windows = PureWindowsPath(name)
    kind = stat.S_IFMT(info.external_attr >> 16)
    reason = ""
    if (
        not where.parts
        or where.is_absolute()
        or ".." in where.parts
        or "\\" in name
        or windows.drive
        or windows.root
    ):
        reason = "lies outside of the folder it would be unpacked to"
    elif CONTROL.search(name) or "\0" in info.orig_filename:
        reason = "has a name that cannot be printed"
    elif len(name.encode()) > LONGEST or any(len(n.encode()) > LONGEST_PART for n in where.parts):
        name = f"{name[:40]}..."
        reason = "has a name too long for a disk"
    elif kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        reason = "is a link or a device, not a file"
    elif info.flag_bits & ENCRYPTED:
        reason = "is encrypted"
    elif info.compress_type not in PACKINGS:
        reason = "is packed in a way that is not known here"
    if reason:
        raise AcquisitionError(f"{path}: {name!r} {reason}; nothing of it is unpacked")
    return Entry(where, info.file_size, info.CRC, info)


def _name(info: zipfile.ZipInfo) -> str:
    """Return the name of an entry; many a zip has UTF-8 there and does not say so."""
    if info.flag_bits & UTF8_NAME:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _size(target: Path) -> int | None:
    return target.stat().st_size if target.is_file() else None


def _is_there(entry: Entry, target: Path, path: Path) -> bool:
    if not target.exists() or (_size(target) == 0 and entry.size):  # emptied by a power cut
        return False
    if _size(target) != entry.size or _crc(target) != entry.crc:
        raise AcquisitionError(
            f"{target} is there and is not what {path.name} holds under that name; move it away "
            f"and run the same command again. Nothing of {path.name} was unpacked now"
        )
    return True


def _crc(target: Path) -> int:
    crc = 0
    with target.open("rb") as file:
        while block := file.read(BLOCK):
            crc = zlib.crc32(block, crc)
    return crc


def _write(
    archive: zipfile.ZipFile, entry: Entry, target: Path, done: int, listener: BytesListener
) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.part")  # nothing that a loader takes for data
    try:
        written = 0
        with archive.open(entry.info) as source, draft.open("wb") as file:
            while block := source.read(BLOCK):
                written += len(block)
                if written > entry.size:
                    break
                file.write(block)
                listener.reached(done + written)
        if written != entry.size:
            raise zipfile.BadZipFile(
                f"{str(entry.path)!r} does not hold the {entry.size} bytes that are announced"
            )
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
