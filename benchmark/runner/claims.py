"""Who is running which job: so that two runs on one store share the work.

A claim only saves time: without one, or on a disk without locks, a job is computed twice and its
record written twice, the same.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout


class Claims:
    """The jobs this process is running, each a lock that the system frees when the process ends."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._held: dict[str, FileLock] = {}

    def take(self, key: str) -> bool:
        """Claim a job, or return False if another process is running it."""
        # No file that merely stands for a lock: it would outlive a run that is killed.
        lock = FileLock(self._folder / f"{key}.lock", fallback_to_soft=False)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return False
        except (OSError, NotImplementedError):
            return True  # no locks here
        self._held[key] = lock
        return True

    def free(self, key: str) -> None:
        """Give a claim back."""
        if lock := self._held.pop(key, None):
            # Removed while it is held: whoever waits for it finds a record, or claims it anew.
            with contextlib.suppress(OSError):
                Path(lock.lock_file).unlink()
            lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for key in list(self._held):
            self.free(key)
