"""One function over many tasks in worker processes, each with a fixed number of threads.

Threads belong to the task, not to the executor: libraries read their limit when they are loaded, so
workers get it in their environment, and one worker gives the same numbers as many.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

from loky import ProcessPoolExecutor

from benchmark.errors import BenchmarkError

Task = TypeVar("Task")
Result = TypeVar("Result")

IDLE = 60
"""Seconds after which a worker without work ends: one whose parent was killed must not stay."""

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


@dataclass(frozen=True)
class Outcome(Generic[Task, Result]):
    """A task and what came of it: a result, or an error in words."""

    task: Task
    result: Result | None = None
    error: str = ""


def run_tasks(
    function: Callable[[Task], Result], tasks: Iterable[Task], *, workers: int, threads: int
) -> Iterator[Outcome[Task, Result]]:
    """Yield an outcome per task, as they finish. One that fails does not stop the others.

    When a worker dies, all that was running with it runs again, one by one: only a task whose own
    worker dies has failed.
    """
    waiting: Iterator[Task] = iter(tasks)
    pool = _pool(workers, threads)
    running: dict[Future[Result], Task] = {}
    try:
        while True:
            suspects: list[Task] = []
            for task in islice(waiting, workers - len(running)):
                try:
                    running[pool.submit(function, task)] = task
                except BrokenProcessPool:
                    # A worker was killed while the caller looked at an outcome.
                    suspects.append(task)
                    break
            if not running and not suspects:
                return
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                task = running.pop(future)
                if isinstance(future.exception(), BrokenProcessPool):
                    suspects.append(task)
                else:
                    yield _outcome(task, future)
            if suspects:
                suspects.extend(running.values())
                running.clear()
                pool.shutdown(kill_workers=True)
                for task in suspects:
                    yield _alone(function, task, threads=threads)
                pool = _pool(workers, threads)
    finally:
        pool.shutdown(kill_workers=True)


def _alone(
    function: Callable[[Task], Result], task: Task, *, threads: int
) -> Outcome[Task, Result]:
    """Run a task in a process of its own: if a worker dies now, this task is why."""
    with _pool(1, threads) as pool:
        future = pool.submit(function, task)
        wait([future])
        return _outcome(task, future)


def _outcome(task: Task, future: Future[Result]) -> Outcome[Task, Result]:
    error = future.exception()
    return Outcome(task, future.result()) if error is None else Outcome(task, error=_words(error))


def _pool(workers: int, threads: int) -> ProcessPoolExecutor:
    limits = {name: str(threads) for name in THREAD_LIMITS}
    return ProcessPoolExecutor(max_workers=workers, timeout=IDLE, env={**limits, **SETTINGS})


def _words(error: BaseException) -> str:
    """Return the reason in the first line; below it, unless it is a known one, the traceback."""
    if isinstance(error, BrokenProcessPool):
        return "its worker process ended abruptly (killed, or out of memory)"
    if isinstance(error, BenchmarkError):
        return str(error)
    reason = next(iter(str(error).strip().splitlines()), "no message")
    return f"{type(error).__name__}: {reason}\n{''.join(traceback.format_exception(error)).strip()}"
