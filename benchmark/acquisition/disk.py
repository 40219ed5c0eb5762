"""Room on a disk: asked for before anything is written, and told when it ends all the same."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmark.errors import AcquisitionError, FullDiskError

FULL = (errno.ENOSPC, errno.EDQUOT)
KEPT = "what is there is kept: free space, and run the same command again"
UNITS = (("GB", 10**9), ("MB", 10**6), ("kB", 10**3))


def in_units(n_bytes: int) -> str:
    """Return a number of bytes as people say it: '1.3 GB'."""
    for unit, scale in UNITS:
        if n_bytes >= scale:
            return f"{n_bytes / scale:.1f} {unit}"
    return f"{n_bytes} bytes"


def free_at(place: Path) -> int:
    """Return the bytes free where a folder lies, or will."""
    place = place.absolute()
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free


def require_folder(root: Path) -> None:
    """Raise an AcquisitionError where something else than a folder stands in a folder's place."""
    for place in (root, *root.parents):
        if os.path.lexists(place) and not place.is_dir():
            raise AcquisitionError(
                f"--root {root}: {place} is no folder; give a folder or a new name"
            )


def require_room(n_bytes: int, place: Path, *, what: str) -> None:
    """Raise a FullDiskError where a disk has less room than is wanted."""
    if (free := free_at(place)) < n_bytes:
        raise FullDiskError(
            f"{what} needs {in_units(n_bytes)} at {place}, {in_units(free)} are free; {KEPT}"
        )


@contextmanager
def full_disk_told(place: Path, *, what: str) -> Iterator[None]:
    """Turn a disk that fills up on the way into an error that says what is to be done."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise FullDiskError(
            f"the disk is full at {place}, {in_units(free_at(place))} are free; {what}; {KEPT}"
        ) from error
