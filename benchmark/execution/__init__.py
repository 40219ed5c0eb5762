"""Runs independent tasks in processes, of this machine or of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from benchmark.execution.pool import Pool
from benchmark.execution.worker import Outcome, Result, Task


class Executor(Protocol):
    """Runs one function on many tasks, each in a process with a fixed number of threads."""

    def run(
        self, function: Callable[[Task], Result], tasks: Iterable[Task], *, threads: int
    ) -> Iterator[Outcome[Task, Result]]:
        """Yield an outcome per task, as they finish. One that fails does not stop the others."""
        ...


__all__ = ["Executor", "Outcome", "Pool"]
