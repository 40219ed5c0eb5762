"""A process that runs calls with a fixed number of threads, and whose death is told from failure.

The standard library's pools, and those built on them, fail every running task when one of their
processes is killed, and cannot be used in a Dask worker, which may have no such children. Here a
process belongs to whoever calls it, so its death is that of one task.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

from benchmark.errors import BenchmarkError

Task = TypeVar("Task")
Result = TypeVar("Result")

LIFE = 50
"""Calls after which a process is replaced: Keras keeps some 15 MB of every fit."""

LONG_LIFE = 1_000
"""The same where no network is fitted, and a call is shorter than what a process has to import."""

ENDS_WITHIN = 5.0
"""Seconds in which a process that was killed has ended."""

SETTINGS = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
"""Quiet, and on the processor: a GPU gives other numbers, and a job's key does not know of it."""

THREAD_LIMITS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)


class WorkerDied(BenchmarkError):  # noqa: N818  (what happened, not whose mistake it is)
    """The process ended in the middle of a call: killed, out of memory, or crashed."""


@dataclass(frozen=True)
class Outcome(Generic[Task, Result]):
    """A task and what came of it: a result, or an error in words."""

    task: Task
    result: Result | None = None
    error: str = ""


class Worker:
    """One process, started at the first call and again after it died or grew old.

    Libraries read how many threads they may use when they are loaded, so the process has it in its
    environment: the numbers of a task do not depend on who else is working.
    """

    def __init__(self, threads: int, *, life: int = LIFE) -> None:
        self.threads = threads
        self.life = life
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._calls = 0
        self._stopped = False

    def call(self, function: Callable[[Task], Result], task: Task) -> Outcome[Task, Result]:
        """Return what a function made of a task; what it raises is an error in words.

        Raises
        ------
        WorkerDied
            If the process ended before it answered.
        """
        try:
            sent = pickle.dumps((function, task))
        except Exception as error:  # noqa: BLE001  (a plug-in may hold anything)
            return Outcome(task, error=f"cannot be sent to another process: {error}")
        if self._calls == self.life:
            self._end()
        connection = self._connection or self._start()
        self._calls += 1
        try:
            connection.send_bytes(sent)
            answer = pickle.loads(connection.recv_bytes())  # noqa: S301  (our own child)
        except (EOFError, OSError) as gone:
            raise WorkerDied(self._end()) from gone
        return Outcome(task, *answer)

    def stop(self) -> None:
        """End the process, also from another thread in the middle of a call; start no other."""
        self._stopped = True
        process = self._process  # another thread may take it away meanwhile
        if process is not None:
            process.kill()
            # Nobody else may come to ask, and what ended would stay as a zombie.
            with suppress(subprocess.TimeoutExpired):  # it hangs in the system
                process.wait(timeout=ENDS_WITHIN)

    def close(self) -> None:
        """Stop, and forget the process."""
        self.stop()
        self._end()

    def _start(self) -> Connection:
        if self._stopped:
            raise WorkerDied("stopped")
        try:
            mine, its = Pipe()
        except OSError as error:
            raise WorkerDied(f"it could not be started ({error})") from error
        limits = dict.fromkeys(THREAD_LIMITS, str(self.threads))
        path = {"PYTHONPATH": os.pathsep.join(place for place in sys.path if place)}
        module = "benchmark.execution.child"
        # Ctrl-C goes to all processes of a terminal; what it means is for this one to say.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, str(its.fileno()), str(os.getpid())],
                env={**os.environ, **path, **limits, **SETTINGS},
                stdin=subprocess.DEVNULL,
                pass_fds=[its.fileno()],
            )
        except OSError as error:  # no memory, no more processes
            mine.close()
            raise WorkerDied(f"it could not be started ({error})") from error
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            its.close()
        self._connection = mine
        if self._stopped:
            self._process.kill()  # stopped while it was being started
        return mine

    def _end(self) -> str:
        """End the process if it has not, and return how it ended in words."""
        process, connection = self._process, self._connection
        self._process = self._connection = None
        self._calls = 0
        if process is None or connection is None:
            return "it had not started"
        connection.close()
        try:
            status = process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
        if status >= 0:
            return f"it ended with exit code {status}"
        return f"it was killed by {signal.Signals(-status).name}"
