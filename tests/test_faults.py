"""Processes that are killed or interrupted: nothing is lost, nothing is done twice."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import pytest
from commands import (
    assert_everything_once,
    assert_same_results,
    benchmark,
    finish,
    processes_in,
    recorded,
    rows,
    start,
    started,
    wait_for,
    write,
)

FAULTS = "plugin_faults"
DEMO, FEATURES = "data/demo/*/*.wav", "data/features/??/*/*.npy"
RECORDS, SHOWN = "mlruns/records/*/record.json", "mlruns/artifacts/*/*"
DRAFT = "mlruns/.mlflow.db-*/mlflow.db"
WHOLE = {
    "models": "[mean, ridge, {name: xgboost_summary, n_estimators: 5}]",
    "features": "[mel, chroma]",
    "protocol": "{name: song_kfold, folds: 3}",
}
N_JOBS = 30


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which one worker ran everything, one after the other."""
    folder = tmp_path_factory.mktemp("undisturbed")
    done = benchmark("run", write(folder, "whole", **WHOLE).name, "--jobs", "1", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert_everything_once(folder)
    assert len(recorded(folder)) == N_JOBS
    return folder


@pytest.fixture
def folder(tmp_path: Path, undisturbed: Path) -> Path:
    """Return a folder with songs that are rendered and decoded, and nothing else."""
    shutil.copytree(undisturbed / "data", tmp_path / "data")
    return tmp_path


@dataclass(frozen=True)
class Moment:
    """Some seconds after there are so many files of a kind."""

    pattern: str
    count: int
    delay: float

    def wait_for(self, folder: Path, process: subprocess.Popen[str]) -> None:
        wait_for(
            lambda: len(list(folder.glob(self.pattern))) >= self.count or process.poll() is not None
        )
        time.sleep(self.delay)


def moments(choose: np.random.Generator) -> Iterator[Moment]:
    """Draw ten moments from all parts of a run, in their order."""
    for pattern, highest, number in (
        ("*", 1, 1),  # while the program is loaded
        (DEMO, 10, 1),
        (FEATURES, 16, 2),
        (RECORDS, 26, 2),
        (DRAFT, 1, 1),
        ("mlruns/mlflow.db", 1, 1),
        (SHOWN, 24, 2),
    ):
        longest = {"*": 2.0, DRAFT: 0.5}.get(pattern, 0.2)
        for count in sorted(choose.choice(range(1, highest + 1), number, replace=False)):
            yield Moment(pattern, count, choose.uniform(0, longest))


def run_and_kill(folder: Path, moment: Moment, *, whole_group: bool) -> None:
    process = start("run", "whole.yaml", "--jobs", "2", cwd=folder)
    moment.wait_for(folder, process)
    assert process.poll() is None, f"{moment} came too late: {process.communicate()}"
    if whole_group:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    done = finish(process)
    assert done.returncode == -signal.SIGKILL
    assert done.stderr == ""


def killed_ten_times(folder: Path, seed: int) -> None:
    """Kill a run again and again, each time further on, and then let it finish."""
    folder.mkdir()
    write(folder, "whole", **WHOLE)
    kept: dict[str, float] = {}
    for number, moment in enumerate(moments(np.random.default_rng(seed))):
        run_and_kill(folder, moment, whole_group=number % 3 != 2)
        now = started(folder)
        assert kept.items() <= now.items(), "what was recorded is neither lost nor done again"
        kept = now
    done = benchmark("run", "whole.yaml", "--jobs", "2", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert f"{N_JOBS - len(kept)} jobs computed, {len(kept)} taken from records" in done.stdout
    assert kept.items() <= started(folder).items()
    wait_for(lambda: not processes_in(folder), seconds=10)


@pytest.mark.slow
def test_a_run_that_is_killed_twenty_times_ends_as_if_it_never_was(
    tmp_path: Path, undisturbed: Path
) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(killed_ten_times, folders, (1, 2)))
    for folder in folders:
        assert_everything_once(folder)
        assert_same_results(folder, undisturbed)


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    try:
        children = psutil.Process(process.pid).children()
        return [child for child in children if "benchmark.execution.child" in child.cmdline()]
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


@pytest.mark.slow
def test_workers_that_are_killed_change_nothing(tmp_path: Path, undisturbed: Path) -> None:
    choose = np.random.default_rng(3)
    write(tmp_path, "whole", **WHOLE)
    process = start("run", "whole.yaml", "--jobs", "2", cwd=tmp_path)
    for pattern, count in ((FEATURES, 4), (RECORDS, 3), (RECORDS, 12)):
        Moment(pattern, count, choose.uniform(0, 0.03)).wait_for(tmp_path, process)
        workers = workers_of(process)
        assert workers, finish(process).stderr
        workers[choose.integers(len(workers))].kill()
    done = finish(process)
    assert done.returncode == 0, done.stderr
    assert f"{N_JOBS} jobs computed, 0 taken from records, 0 failed" in done.stdout
    assert_everything_once(tmp_path)
    assert_same_results(tmp_path, undisturbed)


def test_a_model_that_kills_its_process_fails_its_own_jobs(folder: Path) -> None:
    write(folder, "doomed", models="[mean, doomed, ridge]", targets="[arousal]")
    done = benchmark("run", "doomed.yaml", "--jobs", "2", cwd=folder, plugin=FAULTS)
    assert done.returncode == 1
    assert "4 jobs computed, 0 taken from records, 2 failed" in done.stdout
    assert done.stderr.count("its worker process died twice: it was killed by SIGKILL") == 2
    assert "Traceback" not in done.stderr
    assert len(started(folder)) == 4
    (failed,) = [row for row in rows(folder / "reports" / "leaderboard.md") if row[2] == "doomed"]
    assert failed[4].startswith("failed in 2 of 2 jobs: its worker process died twice")


def test_an_interrupt_that_python_drops_is_repeated(tmp_path: Path) -> None:
    """As it does in destructors and callbacks of weak references, of which MLflow has many."""
    script = (
        "import signal, time; from benchmark import cli\n"
        "class Deaf:\n"
        "    def __del__(self): signal.raise_signal(signal.SIGINT)\n"
        "def app(): Deaf(); time.sleep(20)\n"
        "cli.app = app; cli.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (130, "Interrupted.\n")


def assert_stopped_tidily(stopped: subprocess.CompletedProcess[str], folder: Path) -> None:
    assert stopped.returncode == 130, stopped.stderr
    assert stopped.stderr == (
        "Interrupted. Finished jobs are kept; run the same command again to go on.\n"
    )
    assert "Traceback" not in stopped.stdout
    wait_for(lambda: not processes_in(folder), seconds=5)


def test_ctrl_c_while_workers_are_starting_is_one_line(folder: Path) -> None:
    shutil.rmtree(folder / "data" / "features")
    write(folder, "early", models="[mean]")
    for delay in (0.0, 0.05, 0.1, 0.2, 0.4):
        process = start("run", "early.yaml", "--jobs", "2", cwd=folder)
        wait_for(lambda process=process: workers_of(process) or process.poll() is not None)
        time.sleep(delay)
        os.killpg(process.pid, signal.SIGINT)
        assert_stopped_tidily(finish(process), folder)


@pytest.mark.parametrize(
    ("number", "pattern", "count"),
    [(signal.SIGINT, RECORDS, 3), (signal.SIGTERM, RECORDS, 3), (signal.SIGINT, SHOWN, 3)],
)
def test_an_interrupted_run_says_how_to_go_on_and_goes_on(
    folder: Path, number: signal.Signals, pattern: str, count: int
) -> None:
    """Ctrl-C reaches every process of a terminal, SIGTERM the one it is sent to."""
    write(
        folder, "stopped", models="[{name: slow, seconds: 0.7}, ridge]", targets="[arousal]",
        protocol="{name: song_kfold, folds: 4}",
    )  # fmt: skip
    process = start("run", "stopped.yaml", "--jobs", "2", cwd=folder, plugin=FAULTS)
    Moment(pattern, count, 0.1).wait_for(folder, process)
    if number == signal.SIGINT:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    stopped = finish(process)
    assert_stopped_tidily(stopped, folder)
    kept = started(folder)
    assert len(kept) == 8 if pattern == SHOWN else len(kept) < 8
    done = benchmark("run", "stopped.yaml", "--jobs", "2", cwd=folder, plugin=FAULTS)
    assert done.returncode == 0, done.stderr
    assert f"{8 - len(kept)} jobs computed, {len(kept)} taken from records" in done.stdout
    assert kept.items() <= started(folder).items()
    assert_everything_once(folder)


@pytest.mark.parametrize("files", [["one"], ["one", "two"]])
def test_two_runs_at_once_share_the_work(tmp_path: Path, files: list[str]) -> None:
    """In a fresh folder, and also where they have only some jobs in common."""
    slow = "{name: slow, seconds: 0.3}"
    write(tmp_path, "one", models=f"[mean, {slow}]", protocol="{name: song_kfold, folds: 3}")
    write(tmp_path, "two", models=f"[ridge, {slow}]", protocol="{name: song_kfold, folds: 3}")
    together = [
        start("run", f"{name}.yaml", "--jobs", "2", cwd=tmp_path, plugin=FAULTS)
        for name in (files[0], files[-1])
    ]
    both = [finish(process) for process in together]
    assert [done.returncode for done in both] == [0, 0], [done.stderr for done in both]
    counts = [
        tuple(map(int, re.search(r"(\d+) jobs computed, (\d+) taken", done.stdout).groups()))
        for done in both
    ]
    assert [sum(found) for found in counts] == [12, 12]
    assert sum(computed for computed, _ in counts) == len(recorded(tmp_path)) == 6 + 6 * len(files)
    assert all(computed for computed, _ in counts)
    assert_everything_once(tmp_path)
    models = {"mean", "slow(seconds=0.3)", *(["ridge"] if len(files) > 1 else [])}
    board = rows(tmp_path / "reports" / "leaderboard.md")
    assert sorted(row[2] for row in board) == sorted([*models, *models])
