"""Tasks on a Dask cluster: how they are sent with their files, and what a Dask worker does."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar
from uuid import uuid4

from benchmark.errors import ClusterError
from benchmark.execution import machine
from benchmark.execution.worker import Outcome, Result

if TYPE_CHECKING:
    from distributed import Client, Future

CHUNK = 32_000_000
"""Bytes of files that are sent to a machine in one message."""

LOOK = 2.0
"""Seconds between two looks at whether there are workers."""


class Portable(Protocol):
    """A task that says which files it reads, so that they can be elsewhere on another machine."""

    @property
    def files(self) -> Sequence[Path]:
        """The files it reads; a name with its folder's is enough to tell two of them apart."""
        ...

    def moved(self, places: Mapping[Path, Path]) -> Self:
        """Return the same task with files at other places."""
        ...


Task = TypeVar("Task", bound=Portable)


@dataclass(frozen=True)
class Lacking:
    """What a Dask worker answers that does not see all files of a task."""

    worker: str


class Errands(Generic[Task, Result]):
    """The tasks that are on the cluster."""

    def __init__(self, client: Client, function: Callable[[Task], Result], threads: int) -> None:
        self.client = client
        self.running: dict[Future[Any], Task] = {}
        self._function, self._threads = function, threads
        self._token = uuid4().hex

    def room(self) -> int:
        """Return how many more tasks to send: one waits at each machine beside those that run."""
        places: list[int] = list(self.client.nthreads().values())
        return max(not self.running, sum(places) + len(places) - len(self.running))

    def send(self, task: Task, **where: Any) -> Outcome[Task, Result] | None:
        """Send a task; return its outcome if it cannot be."""
        try:
            sent = pickle.dumps((self._function, task))
        except Exception as error:  # noqa: BLE001  (a plug-in may hold anything)
            return Outcome(task, error=f"cannot be sent to another process: {error}")
        future = self.client.submit(_run, sent, self._threads, self._token, pure=False, **where)
        self.running[future] = task
        return None

    def finished(self) -> Collection[Future[Any]]:
        """Wait a while for some to finish."""
        from distributed import CancelledError, wait

        # All are cancelled when the scheduler is lost. `wait` knows one client: the current.
        with suppress(TimeoutError, CancelledError), self.client.as_current():
            wait(list(self.running), timeout=LOOK, return_when="FIRST_COMPLETED")
        return [future for future in self.running if future.done()]

    def send_files(self, worker: str, task: Task) -> str:
        """Send a Dask worker the files it lacks; return why that failed, empty if it did not."""
        try:
            chunk: dict[Path, bytes] = {}
            for file in self._ask(worker, _lacking, task.files) or ():
                chunk[file] = file.read_bytes()
                if sum(map(len, chunk.values())) > CHUNK:
                    self._ask(worker, _keep, chunk)
                    chunk = {}
            self._ask(worker, _keep, chunk)
        except (ClusterError, OSError, ValueError) as error:
            return str(error)
        return ""

    def _ask(self, worker: str, function: Callable[..., Any], argument: object) -> Any:
        answers = self.client.run(function, argument, workers=[worker], on_error="return")
        answer = answers.get(worker)
        if isinstance(answer, Exception):
            raise ClusterError(f"files cannot be sent to Dask worker {worker}: {answer}")
        return answer

    def stop(self) -> None:
        """End the processes that worked for these tasks, with what is still running."""
        with suppress(OSError, ValueError):
            self.client.cancel(list(self.running))
            self.client.run(_stop, self._token, on_error="ignore")


# What follows runs in a Dask worker.


def _run(sent: bytes, threads: int, token: str) -> tuple[Any, str] | Lacking:
    from distributed import get_worker

    function, task = pickle.loads(sent)  # noqa: S301  (from whoever may run code here anyway)
    shelf = _shelf(get_worker())
    if machine.lacking(task.files, shelf):
        return Lacking(get_worker().address)
    task = task.moved(machine.places(task.files, shelf))
    return machine.run(function, task, threads=threads, token=token)


def _stop(token: str) -> None:
    machine.stop(token)


def ready() -> None:
    """Show that this module can be imported."""


def _lacking(files: Sequence[Path], dask_worker: Any) -> list[Path]:
    return machine.lacking(files, _shelf(dask_worker))


def _keep(files: Mapping[Path, bytes], dask_worker: Any) -> None:
    machine.keep(files, _shelf(dask_worker))


def _shelf(dask_worker: Any) -> Path:
    """Return where files that were sent lie: in the Dask worker's folder, which ends with it."""
    return Path(dask_worker.local_directory) / "mer-benchmark"
