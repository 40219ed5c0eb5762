"""Runs tasks on a Dask cluster. Dask decides where, and again where when a machine is lost.

A task runs in a process of its own on its machine (`Worker`), not in Dask's: with its own number of
threads, and so with the same numbers as anywhere.
"""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from benchmark.errors import ClusterError
from benchmark.execution.errands import Errands, Lacking, Task, ready
from benchmark.execution.pool import cores
from benchmark.execution.worker import Outcome, Result

if TYPE_CHECKING:
    from distributed import Client, Future

ANSWERS_WITHIN = 5.0
"""Seconds a scheduler has to answer."""

WORKS_WITHIN = 60.0
"""Seconds in which a first worker has to be there."""

LOCAL = "local"
"""The address of a cluster that is started for the run, on this machine."""


@dataclass(frozen=True)
class Cluster:
    """The Dask cluster of a scheduler; if it is `local`, one of this machine with `workers`."""

    address: str
    workers: int | None = None

    @property
    def is_here(self) -> bool:
        """Whether tasks run on this machine, where its files are."""
        return self.address == LOCAL

    def check(self) -> None:
        """See that the cluster can be worked with; raises as `run` does."""
        if self.address != LOCAL:
            with self._client(1):
                pass

    def places(self, threads: int) -> int:
        """Return how many tasks of so many threads run at a time; raises as `run` does."""
        with self._client(threads) as client:
            return sum(client.nthreads().values())

    def run(
        self, function: Callable[[Task], Result], tasks: Iterable[Task | None], *, threads: int
    ) -> Iterator[Outcome[Task, Result]]:
        """Yield an outcome per task, as they finish. One that fails does not stop the others.

        None among the tasks says that none is ready before another outcome has been looked at.
        Machines that share this one's files read them where they are; to others they are sent once.
        A task whose machine is lost runs on another; one whose process dies twice has failed.

        Raises
        ------
        ClusterError
            If the scheduler does not answer, or is lost; if there are no workers, or they cannot
            run this package.
        """
        waiting = iter(tasks)
        for first in islice(_ready(waiting), 1):  # no task, no cluster
            with self._client(threads) as client:
                errands = Errands(client, function, threads)
                try:
                    yield from self._outcomes(errands, chain([first], waiting))
                finally:
                    errands.stop()

    def _outcomes(
        self, errands: Errands[Task, Result], waiting: Iterator[Task | None]
    ) -> Iterator[Outcome[Task, Result]]:
        while True:
            batch = list(islice(_ready(waiting), errands.room()))
            for task in batch:
                if failed := errands.send(task):
                    yield failed
            if batch and not errands.running:
                continue  # none could be sent; those that waited for them may be ready now
            if not errands.running:
                return
            finished = errands.finished()
            if not finished and not errands.client.nthreads():
                self._wait_for_workers(errands.client)
            for future in finished:
                task = errands.running.pop(future)
                if future.status != "finished":
                    yield Outcome(task, error=self._reason(errands.client, future))
                    continue
                answer = future.result()
                if not isinstance(answer, Lacking):
                    yield Outcome(task, *answer)
                elif not (reason := errands.send_files(answer.worker, task)):
                    errands.send(task, workers=[answer.worker], allow_other_workers=True)
                elif answer.worker in errands.client.nthreads():
                    yield Outcome(task, error=reason)
                else:  # lost meanwhile
                    errands.send(task)

    @contextmanager
    def _client(self, threads: int) -> Iterator[Client]:
        """Connect, or start a cluster."""
        from distributed import Client, LocalCluster
        from distributed.comm.addressing import get_address_host_port

        # What matters of its logs is said by us, once.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        if self.address == LOCAL:
            with (
                LocalCluster(
                    n_workers=1,
                    threads_per_worker=self.workers or max(1, cores() // threads),
                    dashboard_address="127.0.0.1:0",
                ) as cluster,
                Client(cluster, set_as_default=False) as client,
            ):
                yield client
            return
        try:
            # A client that cannot connect is not easily closed: first see whether somebody listens.
            _wait_until_somebody_listens(get_address_host_port(self.address))
            client = Client(self.address, timeout=ANSWERS_WITHIN, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise ClusterError(
                f"no Dask scheduler answers at {self.address} ({error}); start one: dask scheduler"
            ) from error
        with client:
            try:
                self._wait_for_workers(client)
                self._check(client)
                yield client
            except OSError as error:
                raise ClusterError(self._lost()) from error

    def _wait_for_workers(self, client: Client) -> None:
        try:
            client.wait_for_workers(1, timeout=WORKS_WITHIN)
        except TimeoutError as error:
            raise ClusterError(
                f"the Dask scheduler at {self.address} has no workers; finished jobs are kept: "
                f"start some (dask worker {self.address}) and run the same command again"
            ) from error

    def _check(self, client: Client) -> None:
        for worker, answer in client.run(ready, on_error="return").items():
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


def _ready(waiting: Iterator[Task | None]) -> Iterator[Task]:
    """Yield tasks up to the first that is not ready yet."""
    while (task := next(waiting, None)) is not None:
        yield task


def _wait_until_somebody_listens(place: tuple[str, int]) -> None:
    deadline = time.monotonic() + ANSWERS_WITHIN
    while True:
        try:
            socket.create_connection(place, timeout=ANSWERS_WITHIN).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
