"""Runs tasks on a Dask cluster. Dask decides where, and again where when a machine is lost.

A task runs in a process of its own on its machine (`Worker`), not in Dask's: with its own number of
threads, and so with the same numbers as anywhere.
"""

from __future__ import annotations

import logging
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar, cast

from benchmark.errors import BenchmarkError
from benchmark.execution import machine
from benchmark.execution.pool import cores
from benchmark.execution.worker import Outcome, Result

if TYPE_CHECKING:
    from distributed import Client, Future

CHUNK = 32_000_000
"""Bytes of files that are sent to a machine in one message."""

ANSWERS_WITHIN = 5.0
"""Seconds a scheduler has to answer."""

WORKS_WITHIN = 60.0
"""Seconds in which a first worker has to be there."""

LOCAL = "local"
"""The address of a cluster that is started for the run, on this machine."""


class ClusterError(BenchmarkError):
    """The cluster cannot be reached, has gone, or cannot run this package's tasks."""


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


@dataclass(frozen=True)
class Cluster:
    """The Dask cluster of a scheduler; if it is `local`, one of this machine with `workers`."""

    address: str
    workers: int | None = None

    def run(
        self, function: Callable[[Task], Result], tasks: Iterable[Task], *, threads: int
    ) -> Iterator[Outcome[Task, Result]]:
        """Yield an outcome per task, as they finish. One that fails does not stop the others.

        Machines that share this one's files read them where they are; to others they are sent once.
        A task whose machine is lost runs on another; one whose process dies twice has failed.

        Raises
        ------
        ClusterError
            If the scheduler does not answer, or is lost; or if workers cannot run this package.
        """
        from distributed import as_completed

        waiting = iter(tasks)
        running: dict[Future[Any], Task] = {}
        with self._client() as client:

            def submit(task: Task, **where: Any) -> None:
                sent = pickle.dumps(task)
                future = client.submit(_run, function, sent, threads, pure=False, **where)
                running[future] = task
                queue.add(future)

            queue = as_completed(loop=client.loop)
            while True:
                places = client.nthreads().values()
                for task in islice(waiting, max(0, sum(places) + len(places) - len(running))):
                    submit(task)
                if not running:
                    for task in islice(waiting, 1):
                        submit(task)
                if not running:
                    return
                future = next(queue)
                task = running.pop(future)
                if future.status != "finished":
                    yield Outcome(task, error=self._reason(client, future))
                    continue
                answer = future.result()
                if not isinstance(answer, Lacking):
                    yield Outcome(task, *answer)
                elif not (reason := _send(client, answer.worker, task.files)):
                    submit(task, workers=[answer.worker], allow_other_workers=True)
                elif answer.worker in client.nthreads():
                    yield Outcome(task, error=reason)
                else:  # lost meanwhile
                    submit(task)

    @contextmanager
    def _client(self) -> Iterator[Client]:
        """Connect, or start a cluster."""
        from distributed import Client, LocalCluster

        # What matters of its logs is said by us, once.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        if self.address == LOCAL:
            with (
                LocalCluster(
                    n_workers=1,
                    threads_per_worker=self.workers or cores(),
                    dashboard_address="127.0.0.1:0",
                ) as cluster,
                Client(cluster, set_as_default=False) as client,
            ):
                yield client
            return
        try:
            client = Client(self.address, timeout=ANSWERS_WITHIN, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise ClusterError(
                f"no Dask scheduler answers at {self.address} ({error}); start one: dask scheduler"
            ) from error
        with client:
            try:
                self._check(client)
                yield client
            except OSError as error:
                raise ClusterError(self._lost()) from error

    def _check(self, client: Client) -> None:
        """See that there are workers, and that they know this package."""
        try:
            client.wait_for_workers(1, timeout=WORKS_WITHIN)
        except TimeoutError as error:
            raise ClusterError(
                f"the Dask scheduler at {self.address} has no workers; start some: "
                f"dask worker {self.address}"
            ) from error
        for worker, answer in client.run(_ready, on_error="return").items():
            if isinstance(answer, Exception):
                raise ClusterError(
                    f"Dask worker {worker} cannot run this package ({answer}); "
                    f"install the same mer-benchmark there as here"
                )

    def _reason(self, client: Client, future: Future[Any]) -> str:
        """Say why Dask has no result, or raise if there is no cluster any more."""
        if client.status != "running" or future.status in ("cancelled", "lost"):
            raise ClusterError(self._lost())
        error = future.exception()
        return f"{type(error).__name__}: {error}"

    def _lost(self) -> str:
        return (
            f"the Dask scheduler at {self.address} is lost; finished jobs are kept: "
            f"start it and run the same command again"
        )


def _send(client: Client, worker: str, files: Sequence[Path]) -> str:
    """Send a Dask worker the files it lacks; return why that failed, empty if it did not."""

    def ask(function: Callable[..., Any], argument: object) -> Any:
        answers = client.run(function, argument, workers=[worker], on_error="return")
        answer = answers.get(worker)
        if isinstance(answer, Exception):
            raise ClusterError(f"files cannot be sent to Dask worker {worker}: {answer}")
        return answer

    try:
        chunk: dict[Path, bytes] = {}
        for file in ask(_lacking, files) or ():
            chunk[file] = file.read_bytes()
            if sum(map(len, chunk.values())) > CHUNK:
                ask(_keep, chunk)
                chunk = {}
        ask(_keep, chunk)
    except (ClusterError, OSError, ValueError) as error:
        return str(error)
    return ""


# What follows runs in a Dask worker.


def _run(
    function: Callable[[Task], Result], sent: bytes, threads: int
) -> tuple[Result | None, str] | Lacking:
    from distributed import get_worker

    task = cast("Task", pickle.loads(sent))  # noqa: S301  (from whoever may run code here anyway)
    shelf = _shelf(get_worker())
    if machine.lacking(task.files, shelf):
        return Lacking(get_worker().address)
    return machine.run(function, task.moved(machine.places(task.files, shelf)), threads=threads)


def _ready() -> None:
    """Show that this module can be imported."""


def _lacking(files: Sequence[Path], dask_worker: Any) -> list[Path]:
    return machine.lacking(files, _shelf(dask_worker))


def _keep(files: Mapping[Path, bytes], dask_worker: Any) -> None:
    machine.keep(files, _shelf(dask_worker))


def _shelf(dask_worker: Any) -> Path:
    """Return where files that were sent lie: in the Dask worker's folder, which ends with it."""
    return Path(dask_worker.local_directory) / "mer-benchmark"
