from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from benchmark.errors import DataError
from benchmark.execution import Outcome, Pool
from benchmark.execution.worker import LIFE, THREAD_LIMITS


def outcomes(
    function: Callable[[int], object], tasks: Iterator[int] | range | list[int], *, workers: int = 2
) -> dict[int, Outcome[int, object]]:
    return {done.task: done for done in Pool(workers).run(function, tasks, threads=1)}


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


def killed_the_first_time(task: Path) -> str:
    if task.name == "victim" and not task.exists():
        task.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return task.name


def process(task: int) -> int:
    return os.getpid()


def asleep(task: Path) -> None:
    task.write_text(str(os.getpid()))
    time.sleep(60)


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
    assert "died twice: it was killed by SIGKILL" in done[1].error
    assert [done[task].result for task in (0, 2, 3, 4)] == [0, 2, 3, 4]


def test_a_worker_killed_while_nobody_listens_stops_no_later_task() -> None:
    done = {}
    for outcome in Pool(2).run(killed_a_moment_later, range(5), threads=1):
        done[outcome.task] = outcome
        time.sleep(1.0 * (len(done) == 1))
    assert done.keys() == {0, 1, 2, 3, 4}
    assert "died twice" in done[1].error
    assert [done[task].result for task in (0, 2, 3, 4)] == [0, 2, 3, 4]


@pytest.mark.parametrize("threads", [1, 2])
def test_the_thread_limit_holds_in_a_worker(threads: int) -> None:
    (done,) = Pool(1).run(limits, [0], threads=threads)
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

    running = Pool(2).run(squared, tasks(), threads=1)
    next(running)
    assert len(taken) <= 3
    running.close()


def test_a_task_whose_worker_was_killed_once_has_its_result_in_the_end(tmp_path: Path) -> None:
    tasks = [tmp_path / name for name in ("victim", "bystander", "latecomer")]
    done = list(Pool(2).run(killed_the_first_time, tasks, threads=1))
    assert [outcome.result for outcome in done][-1] == "victim", "after all others, alone"
    assert sorted(outcome.result for outcome in done) == ["bystander", "latecomer", "victim"]


def test_a_worker_is_replaced_before_what_libraries_keep_fills_the_memory() -> None:
    processes = [done.result for done in Pool(1).run(process, range(LIFE + 1), threads=1)]
    assert len(set(processes[:LIFE])) == 1
    assert processes[LIFE] != processes[0]
    longer = Pool(1).run(process, range(LIFE + 2), threads=1, life=LIFE + 1)
    processes = [done.result for done in longer]
    assert len(set(processes[: LIFE + 1])) == 1
    assert processes[LIFE + 1] != processes[0]


def test_a_task_that_cannot_travel_has_failed_and_no_other() -> None:
    done = outcomes(type, [1, lambda: None, 2], workers=1)
    assert "cannot be sent to another process" in next(
        outcome.error for task, outcome in done.items() if callable(task)
    )
    assert [done[1].result, done[2].result] == [int, int]


def test_whoever_stops_listening_stops_the_workers(tmp_path: Path) -> None:
    awake = tmp_path / "awake"
    running = Pool(2).run(asleep_or_not, [tmp_path / "1", awake], threads=1)
    assert next(running).task == awake
    wait_for((tmp_path / "1").exists)
    running.close()
    assert not alive(int((tmp_path / "1").read_text()))


def test_a_task_may_wait_for_the_outcome_of_another() -> None:
    heard: list[int] = []

    def tasks() -> Iterator[int | None]:
        yield 1
        while not heard:
            yield None
        yield heard[0] + 1

    for outcome in Pool(2).run(doubled, tasks(), threads=1):
        heard += [outcome.result]
    assert heard == [2, 6]


def doubled(number: int) -> int:
    return 2 * number


def asleep_or_not(task: Path) -> None:
    if task.name != "awake":
        asleep(task)


def test_workers_end_when_their_parent_was_killed(tmp_path: Path) -> None:
    """Also in the middle of a call: nobody is there to tell them."""
    script = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1])\n"
        "from test_pool import asleep; from benchmark.execution import Pool\n"
        "list(Pool(2).run(asleep, map(Path, sys.argv[2:]), threads=1))"
    )
    pids = [tmp_path / "1", tmp_path / "2"]
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(Path(__file__).parent), *map(str, pids)]
    )
    wait_for(lambda: all(path.exists() and path.read_text() for path in pids))
    parent.kill()
    parent.wait()
    wait_for(lambda: not any(alive(int(path.read_text())) for path in pids))


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
