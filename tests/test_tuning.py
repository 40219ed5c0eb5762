"""`tune` as a user has it: real processes that are killed, share a storage, and write files."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import pytest
from commands import benchmark, finish, leaderboard, recorded, rows, start, wait_for, write
from optuna.trial import TrialState
from servers import postgresql

from benchmark.records import StudyRecord
from benchmark.records.store import RecordStore
from benchmark.tuning import Storage

PLUGIN = "plugin_tuning"
RUNNING = TrialState.RUNNING
RIDGE = "{trials: 3, models: {ridge: {seconds: {low: 1, high: 9}}}}"


def write_search(folder: Path, name: str, search: str, **parts: str) -> Path:
    """Write an experiment file on one target with a search."""
    parts = {"targets": "[arousal]", "models": "[{name: ridge, alphas: [10]}]", **parts}
    path = write(folder, name, **parts)
    path.write_text(f"{path.read_text()}search: {search}\n")
    return path


def studies(folder: Path) -> dict[str, StudyRecord]:
    """Return the studies that are recorded in a folder, by name."""
    store = RecordStore(folder / "mlruns")
    paths = (store.root / "studies").glob("*/study.json")
    found = [store.read_study(path.parent.name) for path in paths]
    return {study.name: study for study in found}


def chosen(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return what trials tried and what came of it, not when."""
    return {
        name: [(t.number, t.state, dict(t.parameters), t.score, t.steps) for t in study.trials]
        for name, study in studies(folder).items()
    }


def tuned(folder: Path) -> list[str]:
    """Return what the rows of what won are called."""
    board = rows(folder / "reports" / "leaderboard.md")
    return [row[2] for row in board if row[2].endswith(", tuned")]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a folder in which two files were tuned at once, and what was printed."""
    folder = tmp_path_factory.mktemp("finished")
    one = write_search(folder, "one", RIDGE)
    single = "{mode: single, trials: 3, models: {ridge: {seconds: {low: 1, high: 9}}}}"
    two = write_search(folder, "two", single, protocol="holdout")
    done = benchmark("tune", one.name, two.name, "--jobs", "3", "--apply", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def test_what_won_is_a_row_beside_the_others(finished: tuple[Path, str]) -> None:
    folder, output = finished
    found = studies(folder)
    assert sorted(name.partition(" [")[0] for name in found) == [
        "one arousal all songs",
        "one arousal fold 0",
        "one arousal fold 1",
        "two arousal fold 0",
    ]
    assert [len(study.trials) for _, study in sorted(found.items())] == [3, 3, 3, 3]
    assert all(study.trials[0].parameters == {"ridge.seconds": 6.0} for study in found.values())
    assert "3 jobs computed, 0 taken from records, 0 failed" in output
    assert f"Trials: sqlite:///{folder / 'mlruns' / 'optuna.db'}" in output
    assert tuned(folder) == ["ridge(alphas=[10]), tuned"] * 2
    assert (folder / "reports" / "studies.md").exists()
    for study in found.values():
        assert (folder / "mlruns" / "studies" / study.key / "history.png").exists()


def test_once_more_computes_nothing_and_shows_the_same(finished: tuple[Path, str]) -> None:
    folder, _ = finished
    before, board, records = studies(folder), leaderboard(folder), recorded(folder).keys()
    done = benchmark("tune", "one.yaml", "two.yaml", "--jobs", "3", "--apply", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "0 jobs computed, 3 taken from records, 0 failed" in done.stdout
    assert (studies(folder), leaderboard(folder), recorded(folder).keys()) == (
        before,
        board,
        records,
    )


def test_one_process_in_a_fresh_folder_tries_and_finds_the_same(
    finished: tuple[Path, str], tmp_path: Path
) -> None:
    folder, _ = finished
    shutil.copytree(folder / "data", tmp_path / "data")
    for name in ("one.yaml", "two.yaml"):
        shutil.copy(folder / name, tmp_path)
    done = benchmark("tune", "one.yaml", "two.yaml", "--jobs", "1", "--apply", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert chosen(tmp_path) == chosen(folder)
    assert leaderboard(tmp_path) == leaderboard(folder)


def test_what_is_applied_runs_and_is_marked_where_it_was_chosen_on(
    finished: tuple[Path, str], tmp_path: Path
) -> None:
    folder, output = finished
    shutil.copytree(folder, tmp_path / "copy")
    files = [f"{name}_tuned_arousal.yaml" for name in ("one", "two")]
    assert all(f"Written: {file}" in output for file in files)
    valid = benchmark("validate", *files, cwd=tmp_path / "copy")
    assert valid.returncode == 0, valid.stderr
    done = benchmark("run", *files, cwd=tmp_path / "copy")
    assert done.returncode == 0, done.stderr
    assert "1 taken from records, 0 failed" in done.stdout, (
        "what was tested once is what was written"
    )
    board = rows(tmp_path / "copy" / "reports" / "leaderboard.md")
    applied = {row[0]: row[2] for row in board if not row[2].endswith(", tuned")}
    assert applied.keys() == {"1", "⚠"}
    text = (tmp_path / "copy" / "reports" / "leaderboard.md").read_text(encoding="utf-8")
    assert f"⚠ chroma / {applied['⚠']}: optimistic: 10 of 10 test songs" in text


def test_studies_without_a_winner_say_why_and_cost_the_others_nothing(
    finished: tuple[Path, str], tmp_path: Path
) -> None:
    shutil.copytree(finished[0] / "data", tmp_path / "data")
    moods = "{trials: 3, sampler: random, models: {fickle: {mood: [raises, diverges]}}}"
    write_search(tmp_path, "moody", moods, models="[fickle]")
    write_search(
        tmp_path, "fine", "{trials: 2, models: {lucky: {number: [1, 2]}}}", models="[lucky]"
    )
    done = benchmark("tune", "moody.yaml", "fine.yaml", "--jobs", "2", cwd=tmp_path, plugin=PLUGIN)
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if line.startswith("no winner")]
    assert len(lines) == 2
    for line in lines:
        assert re.search(r"moody arousal fold \d \[\w{8}\]: none of 3 trials has a score \(", line)
        assert "failed: ArithmeticError: not in this mood" in line
    assert "Traceback" not in done.stderr
    assert tuned(tmp_path) == ["lucky, tuned"]


@pytest.mark.parametrize(
    ("protocol", "more", "message"),
    [
        ("{name: song_kfold, folds: 2}", (), r"broken.yaml: search.mode: single .* has 2 folds;"),
        ("holdout", ("--storage", "letter.txt"), r"letter.txt: cannot be opened \(it is a file, "),
    ],
    ids=["several folds", "no storage"],
)
def test_what_cannot_be_tuned_is_one_message(
    finished: tuple[Path, str], tmp_path: Path, protocol: str, more: tuple[str, ...], message: str
) -> None:
    shutil.copytree(finished[0] / "data", tmp_path / "data")
    (tmp_path / "letter.txt").write_text("Dear all,\n")
    search = RIDGE.replace("{", "{mode: single, ", 1)
    write_search(tmp_path, "broken", search, protocol=protocol)
    done = benchmark("tune", "broken.yaml", *more, cwd=tmp_path)
    assert done.returncode == 2
    assert re.search(message, done.stderr)
    assert "Traceback" not in done.stderr
    assert (tmp_path / "letter.txt").read_text() == "Dear all,\n"
    assert studies(tmp_path) == {}
    assert recorded(tmp_path) == {}


SLOW = (
    "{trials: 13, models: {lucky: {number: {low: 0, high: 9999}}, "
    "ridge: {seconds: {low: 1, high: 9}}}}"
)
BOTH = "[{name: lucky, seconds: 0.1}, {name: ridge, alphas: [10]}]"


def ended(database: Path) -> dict[tuple[str, int], tuple[object, ...]]:
    """Return the trials in a file of SQLite that are over: how, and when they were begun."""
    query = (
        "select study_name, number, state, datetime_start, value from trials "
        "join studies using (study_id) left join trial_values using (trial_id) "
        "where state not in ('RUNNING', 'WAITING')"
    )
    if not database.exists():
        return {}
    with closing(sqlite3.connect(database)) as connection, suppress(sqlite3.OperationalError):
        return {(name, number): tuple(rest) for name, number, *rest in connection.execute(query)}
    return {}  # its tables are being made


def has_ended(database: Path, count: int) -> bool:
    return len(ended(database)) >= count


def stop(process: subprocess.Popen[str], number: int) -> subprocess.CompletedProcess[str]:
    """Stop a command, with all its processes if it is killed."""
    if number == signal.SIGKILL:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    return finish(process)


@pytest.mark.slow
def test_a_study_that_is_killed_goes_on_as_if_it_never_was(
    finished: tuple[Path, str], tmp_path: Path
) -> None:
    command = ("tune", "both.yaml", "--jobs", "2")
    for folder in ("whole", "killed"):
        shutil.copytree(finished[0] / "data", tmp_path / folder / "data")
        write_search(tmp_path / folder, "both", SLOW, models=BOTH)
    whole = benchmark(*command, cwd=tmp_path / "whole", plugin=PLUGIN)
    assert whole.returncode == 0, whole.stderr
    folder = tmp_path / "killed"
    database = folder / "mlruns" / "optuna.db"
    kept: dict[tuple[str, int], tuple[object, ...]] = {}
    for count, number in ((1, signal.SIGKILL), (6, signal.SIGTERM), (12, signal.SIGKILL)):
        running = start(*command, cwd=folder, plugin=PLUGIN)
        wait_for(partial(has_ended, database, count))
        done = stop(running, number)
        if number == signal.SIGKILL:
            assert done.returncode == -signal.SIGKILL
        else:
            assert done.returncode == 130
            assert done.stderr.strip() == (
                "Interrupted. Trials that ended are kept; run the same command again."
            )
        now = ended(database)
        assert kept.items() <= now.items(), "what has ended is neither lost nor begun again"
        assert len(kept) < len(now) < 26
        kept = now
    last = benchmark(*command, cwd=folder, plugin=PLUGIN)
    assert last.returncode == 0, last.stderr
    assert kept.items() <= ended(database).items()
    assert len(ended(database)) == 26
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("select count(*) from trials").fetchone() == (26,)
    assert chosen(folder) == chosen(tmp_path / "whole")
    assert leaderboard(folder) == leaderboard(tmp_path / "whole")


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with postgresql() as address:
        if address is None:
            pytest.skip("PostgreSQL or psycopg2 is not installed")
        yield address


def n_running(database: str, name: str) -> int:
    """Return how many trials of a file have begun and are not over."""
    storage = Storage(database).open()
    found = [one for one in storage.get_all_studies() if one.study_name.startswith(name)]
    running = [storage.get_all_trials(one._study_id, states=(RUNNING,)) for one in found]
    return sum(map(len, running))


@pytest.mark.slow
@pytest.mark.parametrize("one_dies", [False, True], ids=["both go on", "one is killed"])
def test_two_folders_share_the_studies_of_a_server(
    finished: tuple[Path, str], tmp_path: Path, database: str, one_dies: bool
) -> None:
    name, numbers = f"shared{one_dies}", "{lucky: {number: {low: 0, high: 9999}}}"
    search = f"{{trials: 6, sampler: random, pruner: none, models: {numbers}}}"
    folders = [tmp_path / name for name in ("one", "two", "alone")]
    for folder in folders:
        shutil.copytree(finished[0] / "data", folder / "data")
        write_search(folder, name, search, models="[{name: lucky, gated: true}]")
    command = ("tune", f"{name}.yaml", "--jobs", "2")
    shared = (*command, "--storage", database)
    running = [start(*shared, cwd=folder, plugin=PLUGIN) for folder in folders[:2]]
    wait_for(lambda: n_running(database, name) == 4 or any(one.poll() for one in running))
    if one_dies:
        assert stop(running.pop(0), signal.SIGKILL).returncode == -signal.SIGKILL
        assert recorded(folders.pop(0)) == {}
    for folder in folders:
        (folder / "gate").touch()
    for process in running:
        done = finish(process)
        assert done.returncode == 0, done.stderr
    *together, alone = folders
    done = benchmark(*command, cwd=alone, plugin=PLUGIN)
    assert done.returncode == 0, done.stderr
    assert n_running(database, name) == 0
    outer, inner = 2, 3
    for folder in together:
        found = studies(folder)
        assert [len(study.trials) for study in found.values()] == [6, 6], "not one more"
        assert found == studies(together[0])
        assert chosen(folder) == chosen(alone)
        assert leaderboard(folder)[0] == leaderboard(alone)[0]
        assert len(recorded(folder)) >= outer + 2 * inner, "its own trial of both studies"
    computed = sum(len(recorded(folder)) - outer for folder in together)
    assert computed == 2 * 6 * inner, "no trial was run twice"
