"""Whether the process that began a trial is still there, on this machine or another.

A process that is killed leaves its trials unfinished; whoever sees that it is gone goes on with
them.
"""

from __future__ import annotations

import contextlib
import getpass
import platform
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self
from uuid import uuid4

from filelock import FileLock, Timeout

BEAT = 20.0
"""Seconds between two signs of life, for other machines."""

SILENCE = 180.0
"""Seconds without one after which a process of another machine is taken for gone."""


class Presence:
    """Shows others that this process is there: by a lock that the system frees, and by a beat."""

    def __init__(self, beat: Callable[[], None]) -> None:
        token = uuid4().hex
        self.name = f"{platform.node()}/{token}"
        self._lock = _lock(token)
        self._beat = beat
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        Path(self._lock.lock_file).parent.mkdir(parents=True, exist_ok=True)
        self._lock.acquire()
        threading.Thread(target=self._beats, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._lock.release()  # and the file stays: that it can be locked says that we are gone

    def _beats(self) -> None:
        while not self._ended.wait(BEAT):
            with contextlib.suppress(Exception):  # the next may come through
                self._beat()


def is_gone(name: str, seen: float) -> bool:
    """Say whether a process is no longer there, whose last sign of life was at `seen`."""
    node, _, token = name.partition("/")
    lock = _lock(token)
    if node != platform.node() or not Path(lock.lock_file).exists():
        return time.time() - seen > SILENCE  # elsewhere, or with other temporary files
    try:
        lock.acquire(blocking=False)
    except (Timeout, OSError):
        return False
    lock.release()
    return True


def _lock(token: str) -> FileLock:
    folder = Path(tempfile.gettempdir()) / f"mer-benchmark-{getpass.getuser()}"
    return FileLock(folder / f"{token}.lock", fallback_to_soft=False)
