"""Runs tasks in processes of this machine, as many at a time as there are workers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from benchmark.execution.worker import LIFE, Outcome, Result, Task, Worker, WorkerDied


@dataclass(frozen=True)
class Pool:
    """A number of processes of this machine; if none is given, as many as keep its cores busy."""

    workers: int | None = None

    @property
    def is_here(self) -> bool:
        """Whether tasks run on this machine, where its files are."""
        return True

    def check(self) -> None:
        """See that it can be worked with: this machine can."""

    def places(self, threads: int) -> int:
        """Return how many tasks of so many threads run at a time."""
        return self.workers or max(1, cores() // threads)

    def run(
        self,
        function: Callable[[Task], Result],
        tasks: Iterable[Task | None],
        *,
        threads: int,
        life: int = LIFE,
    ) -> Iterator[Outcome[Task, Result]]:
        """Yield an outcome per task, as they finish. One that fails does not stop the others.

        A task is taken when there is a worker for it; None says that none is ready before another
        outcome has been looked at. A task whose worker dies is run again when all others are done,
        alone, as another may have taken the memory: if its worker dies again, it has failed. A
        worker is replaced after `life` tasks.
        """
        waiting = iter(tasks)
        while True:
            died: list[Task] = []
            crew = [Worker(threads, life=life) for _ in range(self.places(threads))]
            for task, outcome in _side_by_side(function, waiting, crew):
                if outcome is None:
                    died.append(task)
                else:
                    yield outcome
            if not died:
                return
            for task in died:
                worker = Worker(threads)
                try:
                    yield worker.call(function, task)
                except WorkerDied as reason:
                    yield Outcome(task, error=died_twice(reason))
                finally:
                    worker.close()


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def died_twice(reason: WorkerDied) -> str:
    """Say why a task has failed whose process ended twice."""
    return f"its worker process died twice: {reason} (out of memory, or a crash of a library)"


def _side_by_side(
    function: Callable[[Task], Result], waiting: Iterator[Task | None], crew: Sequence[Worker]
) -> Iterator[tuple[Task, Outcome[Task, Result] | None]]:
    """Yield tasks with their outcomes, None where the worker died, until none is left or ready."""
    idle = list(crew)
    running: dict[Future[Outcome[Task, Result]], tuple[Task, Worker]] = {}
    pool = ThreadPoolExecutor(len(crew))

    def start() -> None:
        while idle and (task := next(waiting, None)) is not None:
            worker = idle.pop(0)
            running[pool.submit(worker.call, function, task)] = task, worker

    try:
        start()
        while running:
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                task, worker = running.pop(future)
                idle.append(worker)
                start()
                died = isinstance(future.exception(), WorkerDied)
                yield task, None if died else future.result()
            start()
    finally:
        for worker in crew:
            worker.stop()
        pool.shutdown()
        for worker in crew:
            worker.close()
