from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest

from benchmark.errors import DataError
from benchmark.execution.pool import THREAD_LIMITS, Outcome, run_tasks


def outcomes(
    function: Callable[[int], object], tasks: Iterator[int] | range | list[int], *, workers: int = 2
) -> dict[int, Outcome[int, object]]:
    return {done.task: done for done in run_tasks(function, tasks, workers=workers, threads=1)}


def squared(task: int) -> int:
    return task**2


def moody(task: int) -> int:
    if task == 1:
        raise DataError("song 1 is no good")
    if task == 2:
        raise ZeroDivisionError("by task 2\nand a second line")
    return task


def killed(task: int) -> int:
    if task == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def killed_a_moment_later(task: int) -> int:
    time.sleep(0.3 * (task == 1))
    return killed(task)


def limits(task: int) -> tuple[dict[str, str | None], list[int], int]:
    import numpy as np
    from threadpoolctl import threadpool_info

    np.ones((8, 8)) @ np.ones((8, 8))
    pools = [pool["num_threads"] for pool in threadpool_info()]
    return {name: os.environ.get(name) for name in THREAD_LIMITS}, pools, os.getpid()


@pytest.mark.parametrize("workers", [1, 2])
def test_every_task_has_its_result(workers: int) -> None:
    done = outcomes(squared, range(5), workers=workers)
    assert {task: outcome.result for task, outcome in done.items()} == {
        0: 0,
        1: 1,
        2: 4,
        3: 9,
        4: 16,
    }
    assert not any(outcome.error for outcome in done.values())


def test_no_tasks_are_no_outcomes() -> None:
    assert outcomes(squared, []) == {}


def test_a_failed_task_leaves_the_others() -> None:
    done = outcomes(moody, range(4))
    assert [done[task].result for task in range(4)] == [0, None, None, 3]
    assert done[1].error == "song 1 is no good"
    first, *rest = done[2].error.splitlines()
    assert first == "ZeroDivisionError: by task 2"
    assert any("in moody" in line for line in rest)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_worker_fails_its_own_task_and_no_other(workers: int) -> None:
    done = outcomes(killed, range(5), workers=workers)
    assert done.keys() == {0, 1, 2, 3, 4}
    assert "ended abruptly" in done[1].error
    assert [done[task].result for task in (0, 2, 3, 4)] == [0, 2, 3, 4]


def test_a_worker_killed_while_nobody_listens_stops_no_later_task() -> None:
    done = {}
    for outcome in run_tasks(killed_a_moment_later, range(5), workers=2, threads=1):
        done[outcome.task] = outcome
        time.sleep(1.0 * (len(done) == 1))
    assert done.keys() == {0, 1, 2, 3, 4}
    assert "ended" in done[1].error
    assert [done[task].result for task in (0, 2, 3, 4)] == [0, 2, 3, 4]


@pytest.mark.parametrize("threads", [1, 2])
def test_the_thread_limit_holds_in_a_worker(threads: int) -> None:
    (done,) = run_tasks(limits, [0], workers=1, threads=threads)
    environment, pools, process = done.result
    assert set(environment.values()) == {str(threads)}
    assert pools and max(pools) <= threads
    assert process != os.getpid()


def test_tasks_are_taken_when_there_is_a_worker_for_them() -> None:
    taken = []

    def tasks() -> Iterator[int]:
        for task in range(6):
            taken.append(task)
            yield task

    running = run_tasks(squared, tasks(), workers=2, threads=1)
    next(running)
    assert len(taken) <= 3
    running.close()
