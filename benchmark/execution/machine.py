"""What a machine of a cluster does: keep files that were sent, run tasks in its processes."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmark.execution.pool import died_twice
from benchmark.execution.worker import Result, Task, Worker, WorkerDied
from benchmark.records.atomic import temporary_sibling

_mine = threading.local()
_working: dict[str, list[Worker]] = defaultdict(list)


def run(
    function: Callable[[Task], Result], task: Task, *, threads: int, token: str
) -> tuple[Result | None, str]:
    """Return a result or an error in words, from the process that belongs to this thread.

    A task whose process dies is run once more. `token` names the run that the task belongs to: its
    processes end with it.
    """
    if getattr(_mine, "token", None) != token:
        if hasattr(_mine, "worker"):
            _mine.worker.close()  # of a run that could not stop it
        _mine.token, _mine.worker = token, Worker(threads)
        _working[token].append(_mine.worker)
    worker: Worker = _mine.worker
    for _ in range(2):
        try:
            outcome = worker.call(function, task)
        except WorkerDied as died:
            reason = died
        else:
            return outcome.result, outcome.error
    return None, died_twice(reason)


def stop(token: str) -> None:
    """End the processes of a run, also in the middle of a task."""
    for worker in _working.pop(token, ()):
        worker.stop()


def lacking(files: Sequence[Path], shelf: Path) -> list[Path]:
    """Return the files that are neither at their places nor on the shelf of those sent."""
    return [file for file in files if not _seen(file) and not _seen(_on(shelf, file))]


def places(files: Sequence[Path], shelf: Path) -> Mapping[Path, Path]:
    """Return where the files are that are not at their places."""
    return {file: _on(shelf, file) for file in files if not _seen(file)}


def keep(files: Mapping[Path, bytes], shelf: Path) -> None:
    """Put files that were sent on the shelf."""
    for file, content in files.items():
        place = _on(shelf, file)
        with temporary_sibling(place) as draft:
            draft.write_bytes(content)
            draft.replace(place)


def _seen(file: Path) -> bool:
    """Tell whether a file can be read: it may be there, in a folder closed to this user."""
    return os.access(file, os.R_OK)


def _on(shelf: Path, file: Path) -> Path:
    return shelf / file.parent.name / file.name
