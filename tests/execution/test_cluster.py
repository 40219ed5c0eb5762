"""Dask as a user has it: a scheduler and workers, each a process, on loopback."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest
from clusters import cluster
from commands import wait_for

from benchmark.errors import ClusterError
from benchmark.execution import Cluster, Outcome
from benchmark.execution.worker import THREAD_LIMITS


@dataclass(frozen=True)
class Errand:
    """A task with a number and files."""

    number: int
    files: Sequence[Path] = ()
    note: str = ""

    def moved(self, places: Mapping[Path, Path]) -> Errand:
        return replace(self, files=[places.get(file, file) for file in self.files])


def squared(errand: Errand) -> int:
    if errand.number == 3:
        raise ZeroDivisionError("by three")
    return errand.number**2


def limits(errand: Errand) -> set[str | None]:
    return {os.environ.get(name) for name in THREAD_LIMITS}


def read(errand: Errand) -> tuple[str, list[str]]:
    return str(Path.cwd()), [file.read_text() for file in errand.files]


def kills_itself(errand: Errand) -> int:
    if errand.number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return errand.number


def kills_its_machine_once(errand: Errand) -> int:
    """Kill the Dask worker that runs this, the first time."""
    mark = Path(errand.note)
    if errand.number == 1 and not mark.exists():
        mark.touch()
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60)
    return errand.number


def tell_and_sleep(errand: Errand) -> None:
    Path(errand.note).write_text(str(os.getpid()))
    time.sleep(60 * (errand.number > 0))


def slow(errand: Errand) -> int:
    time.sleep(0.5)
    return errand.number


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with cluster(tmp_path_factory.mktemp("cluster"), workers=2) as (address, _):
        yield address


def outcomes(address: str, function: object, errands: Sequence[Errand]) -> dict[int, Outcome]:
    done = Cluster(address).run(function, errands, threads=1)
    return {outcome.task.number: outcome for outcome in done}


def test_every_task_has_its_result_or_its_reason(address: str) -> None:
    done = outcomes(address, squared, [Errand(number) for number in range(8)])
    assert done.keys() == set(range(8))
    assert {n: d.result for n, d in done.items() if not d.error} == {
        n: n**2 for n in range(8) if n != 3
    }
    assert done[3].error.startswith("ZeroDivisionError: by three\nTraceback")


def test_the_thread_limit_is_that_of_the_task_and_not_of_the_cluster(address: str) -> None:
    (done,) = Cluster(address).run(limits, [Errand(0)], threads=3)
    assert done.result == {"3"}


def test_files_that_a_machine_does_not_see_are_sent_to_it_once(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here they have relative names, and the workers stand elsewhere."""
    monkeypatch.chdir(tmp_path)
    files = [Path(f"{name}.txt") for name in "abc"]
    for file in files:
        file.write_text(file.stem * 3)
    sent = []

    def watched(file: Path) -> bytes:
        sent.append(file)
        return file.read_text().encode()

    monkeypatch.setattr(Path, "read_bytes", watched)
    done = outcomes(address, read, [Errand(number, files) for number in range(6)])
    assert [outcome.result[1] for outcome in done.values()] == [["aaa", "bbb", "ccc"]] * 6
    places = {outcome.result[0] for outcome in done.values()}
    assert str(tmp_path) not in places
    assert len(sent) == 3 * len(places)


def test_a_file_that_every_machine_sees_is_not_sent(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "shared.txt"
    file.write_text("here")
    monkeypatch.setattr(Path, "read_bytes", None)
    done = outcomes(address, read, [Errand(number, [file]) for number in range(3)])
    assert [outcome.result[1] for outcome in done.values()] == [["here"]] * 3


def test_a_task_whose_process_dies_twice_has_failed_and_no_other(address: str) -> None:
    done = outcomes(address, kills_itself, [Errand(number) for number in range(4)])
    assert "died twice: it was killed by SIGKILL" in done[1].error
    assert [done[number].result for number in (0, 2, 3)] == [0, 2, 3]


@pytest.mark.slow
def test_a_task_whose_machine_is_lost_runs_on_another(address: str, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    errands = [Errand(number, note=str(mark)) for number in range(4)]
    done = outcomes(address, kills_its_machine_once, errands)
    assert mark.exists()
    assert {number: outcome.result for number, outcome in done.items()} == {0: 0, 1: 1, 2: 2, 3: 3}


@pytest.mark.slow
def test_a_scheduler_that_is_lost_is_said(tmp_path: Path) -> None:
    with cluster(tmp_path, workers=1) as (address, scheduler):
        running = Cluster(address).run(slow, [Errand(number) for number in range(50)], threads=1)
        assert next(running).error == ""
        scheduler.kill()
        started = time.monotonic()
        with pytest.raises(ClusterError, match=rf"scheduler at {address} is lost.*same command"):
            list(running)
        assert time.monotonic() - started < 60


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:9", "localhost", "http://127.0.0.1:9", "tcp://127.0.0.1:86x"]
)
def test_a_scheduler_that_does_not_answer_is_said(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmark.execution.cluster.ANSWERS_WITHIN", 1.0)
    with pytest.raises(ClusterError, match=f"no Dask scheduler answers at {address} "):
        list(Cluster(address).run(squared, [Errand(1)], threads=1))
    with pytest.raises(ClusterError, match="no Dask scheduler answers"):
        Cluster(address).check()


def test_without_tasks_no_cluster_is_asked() -> None:
    assert list(Cluster("tcp://127.0.0.1:9").run(squared, [], threads=1)) == []


def test_processes_end_with_the_run_that_wanted_them(address: str, tmp_path: Path) -> None:
    """Also in the middle of a task: Dask itself cannot stop a thread."""
    marks = [tmp_path / "0", tmp_path / "1", tmp_path / "2"]
    errands = [Errand(n, note=str(mark)) for n, mark in enumerate(marks)]
    running = Cluster(address).run(tell_and_sleep, errands, threads=1)
    assert next(running).task.number == 0
    wait_for(lambda: marks[1].exists() and marks[1].read_text())
    running.close()
    wait_for(lambda: not any(psutil.pid_exists(int(mark.read_text())) for mark in marks[:2]))


@pytest.mark.slow
def test_a_cluster_that_loses_all_its_workers_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmark.execution.cluster.WORKS_WITHIN", 10.0)
    with cluster(tmp_path, workers=1) as (address, _):
        running = Cluster(address).run(slow, [Errand(number) for number in range(50)], threads=1)
        assert next(running).error == ""
        monkeypatch.setattr("benchmark.execution.cluster.WORKS_WITHIN", 1.0)
        for process in psutil.process_iter(["cwd"]):
            if process.info["cwd"] == str(tmp_path / "worker0"):
                process.kill()
        with pytest.raises(ClusterError, match="has no workers; finished jobs are kept"):
            list(running)


def test_a_scheduler_without_workers_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmark.execution.cluster.WORKS_WITHIN", 1.0)
    with (
        cluster(tmp_path, workers=0) as (address, _),
        pytest.raises(ClusterError, match=rf"has no workers.*start some .dask worker {address}"),
    ):
        list(Cluster(address).run(squared, [Errand(1)], threads=1))


@pytest.mark.slow
def test_a_local_cluster_needs_no_scheduler() -> None:
    done = Cluster("local", workers=2).run(squared, [Errand(1), Errand(2)], threads=1)
    assert sorted(outcome.result for outcome in done) == [1, 4]
