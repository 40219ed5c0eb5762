"""Many studies on one executor: each is sent what became of its errand, and gives the next."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress

from benchmark.execution import Executor
from benchmark.tuning.errand import Errand, run_errand
from benchmark.tuning.judging import Errands


def drive(lanes: Sequence[Errands], executor: Executor, *, threads: int) -> None:
    """Run lanes side by side to their ends.

    The next errand of a lane depends on how its last one went; which lanes are served first, and
    by how many processes, changes nothing in any of them.
    """
    ready: deque[tuple[Errand, Errands]] = deque()
    away: dict[int, Errands] = {}

    def tasks() -> Iterator[Errand | None]:
        waiting = deque(lanes)
        while ready or waiting or away:
            if waiting:  # all are begun, so that each has its share should time run out
                lane = waiting.popleft()
                ready.extend((errand, lane) for errand in _first(lane))
            elif ready:
                errand, lane = ready.popleft()
                away[id(errand)] = lane
                yield errand
            else:
                yield None

    for outcome in executor.run(run_errand, tasks(), threads=threads):
        lane = away.pop(id(outcome.task))
        with suppress(StopIteration):
            ready.append((lane.send(outcome), lane))


def _first(lane: Errands) -> Iterator[Errand]:
    """Yield the first errand of a lane, if it has any."""
    with suppress(StopIteration):
        yield next(lane)
