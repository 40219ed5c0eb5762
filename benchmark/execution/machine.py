"""What a machine of a cluster does: keep files that were sent, run tasks in its processes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmark.execution.pool import died_twice
from benchmark.execution.worker import Result, Task, Worker, WorkerDied
from benchmark.records.atomic import temporary_sibling

_mine = threading.local()


def run(
    function: Callable[[Task], Result], task: Task, *, threads: int
) -> tuple[Result | None, str]:
    """Return a result or an error in words, from the process that belongs to this thread.

    A task whose process dies is run once more.
    """
    worker: Worker | None = getattr(_mine, "worker", None)
    if worker is None or worker.threads != threads:
        if worker is not None:
            worker.close()
        _mine.worker = worker = Worker(threads)
    for _ in range(2):
        try:
            outcome = worker.call(function, task)
        except WorkerDied as died:
            reason = died
        else:
            return outcome.result, outcome.error
    return None, died_twice(reason)


def lacking(files: Sequence[Path], shelf: Path) -> list[Path]:
    """Return the files that are neither at their places nor on the shelf of those sent."""
    return [file for file in files if not file.exists() and not _on(shelf, file).exists()]


def places(files: Sequence[Path], shelf: Path) -> Mapping[Path, Path]:
    """Return where the files are that are not at their places."""
    return {file: _on(shelf, file) for file in files if not file.exists()}


def keep(files: Mapping[Path, bytes], shelf: Path) -> None:
    """Put files that were sent on the shelf."""
    for file, content in files.items():
        place = _on(shelf, file)
        with temporary_sibling(place) as draft:
            draft.write_bytes(content)
            draft.replace(place)


def _on(shelf: Path, file: Path) -> Path:
    return shelf / file.parent.name / file.name
