"""A Dask cluster for tests: a scheduler and workers, each a real process, on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

NO_PAGES = ("--dashboard-address", "127.0.0.1:0")


@contextmanager
def process(*arguments: str, cwd: Path) -> Iterator[subprocess.Popen[bytes]]:
    path = os.pathsep.join(sys.path)
    with (cwd / "log").open("ab") as log:
        started = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{arguments[0]}", *arguments[1:], *NO_PAGES],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": path},
            stdout=log,
            stderr=log,
        )
    try:
        yield started
    finally:
        started.terminate()
        started.wait(timeout=20)


@contextmanager
def cluster(folder: Path, *, workers: int) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Start a scheduler and workers that stand in folders of their own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    with ExitStack() as stack:
        scheduler = stack.enter_context(
            process("dask_scheduler", "--host", "127.0.0.1", "--port", str(port), cwd=folder)
        )
        for number in range(workers):
            place = folder / f"worker{number}"
            place.mkdir()
            stack.enter_context(process("dask_worker", address, "--nthreads", "1", cwd=place))
        yield address, scheduler
