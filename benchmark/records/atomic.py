"""Files and folders that are there as a whole or not at all, also after a power cut."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DRAFTS = ".drafts"
ABANDONED = 3600.0
"""Seconds after which a draft belongs to nobody: writing one takes less than a second."""


@contextmanager
def temporary_sibling(path: Path, *, store: Path | None = None) -> Iterator[Path]:
    """Yield an unused path on the disk of `path`, so that a rename is atomic; remove what is left.

    It lies beside `path`, or in the `.drafts` of a `store`, where `sweep` finds what was abandoned.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = path.parent if store is None else store / DRAFTS
    folder.mkdir(parents=True, exist_ok=True)
    holder = Path(tempfile.mkdtemp(prefix=f".{path.name[:40]}-{os.getpid()}-", dir=folder))
    try:
        yield holder / path.name
    finally:
        shutil.rmtree(holder, ignore_errors=True)


def write_whole(path: Path, content: bytes, *, store: Path | None = None) -> None:
    """Write a file in place of what may be there; a reader sees the one or the other."""
    with temporary_sibling(path, store=store) as draft:
        draft.write_bytes(content)
        settle(draft)
        draft.replace(path)


def settle(path: Path) -> None:
    """Wait until a file, or a folder with its files, is on the disk and not only on its way.

    A rename may otherwise outlive a power cut that what was renamed does not.
    """
    for part in path.iterdir() if path.is_dir() else ():
        _sync(part)
    _sync(path)


def settle_names(folder: Path) -> None:
    """Wait until what was renamed into a folder is there, and for nothing else that is in it."""
    _sync(folder)


def sweep(store: Path) -> None:
    """Remove drafts that a killed process left behind."""
    if not (store / DRAFTS).is_dir():
        return
    for holder in (store / DRAFTS).iterdir():
        try:
            abandoned = time.time() - holder.stat().st_mtime > ABANDONED
        except FileNotFoundError:
            continue  # finished meanwhile
        if abandoned:
            shutil.rmtree(holder, ignore_errors=True)


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
