"""Disks that are full, files that are damaged: what is wrong is said, what was finished is kept."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from commands import (
    assert_everything_once,
    assert_same_results,
    benchmark,
    frames,
    recorded,
    rows,
    started,
    write,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which six jobs have run: the mean, and two features with ridge."""
    folder = tmp_path_factory.mktemp("finished")
    write(folder, "six", features="[mel, chroma]", targets="[arousal]")
    done = benchmark("run", "six.yaml", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert len(recorded(folder)) == 6
    return folder


@pytest.fixture
def folder(tmp_path: Path, finished: Path) -> Path:
    """Return a copy of that folder; its MLflow has its artifacts where they were."""
    return shutil.copytree(finished, tmp_path / "here")


def job_of(folder: Path, model: str, feature: str = "") -> str:
    """Return the key of a finished job."""
    for key, record in recorded(folder).items():
        made_of = record.description["model"], record.description["feature"] or {"name": ""}
        if [part["name"] for part in made_of] == [model, feature]:
            return key
    raise LookupError(model)


def forget(folder: Path, key: str) -> None:
    shutil.rmtree(folder / "mlruns" / "records" / key)


def assert_one_error(done: subprocess.CompletedProcess[str], *words: str, code: int) -> None:
    """Assert that a command failed with one line that says these words."""
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("error "), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stdout


def mount(*options: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["mount", *options], capture_output=True, text=True, check=False)


@contextmanager
def disk(folder: Path, options: str) -> Iterator[None]:
    """Put a file system of its own at a folder; skip where that is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    mounted = mount("-t", "tmpfs", "-o", options, "tmpfs", folder)
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def enlarge(folder: Path) -> None:
    done = mount("-o", "remount,size=64m", folder)
    assert done.returncode == 0, done.stderr


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    """Make a folder read-only: by its mode, or for root, whom that does not stop, by its disk."""
    if os.geteuid() == 0:
        with disk(folder, "ro"):
            yield
        return
    folder.mkdir(exist_ok=True)
    folder.chmod(0o555)
    try:
        yield
    finally:
        folder.chmod(0o755)


def test_a_disk_full_of_records_keeps_them(folder: Path, finished: Path) -> None:
    shutil.rmtree(folder / "mlruns")
    with disk(folder / "mlruns", "size=80k"):
        done = benchmark("run", "six.yaml", cwd=folder)
        assert_one_error(done, "mlruns/records/", "No space left on device", "is kept", code=2)
        kept = started(folder)
        assert 0 < len(kept) < 6
        enlarge(folder / "mlruns")
        done = benchmark("run", "six.yaml", cwd=folder)
        assert done.returncode == 0, done.stderr
        assert f"{6 - len(kept)} jobs computed, {len(kept)} taken from records" in done.stdout
        assert kept.items() <= started(folder).items()
        assert_everything_once(folder)
        assert_same_results(folder, finished)


def test_a_disk_too_full_for_the_plan_is_said_before_anything_is_fitted(folder: Path) -> None:
    shutil.rmtree(folder / "mlruns")
    with disk(folder / "mlruns", "size=4k"):
        done = benchmark("run", "six.yaml", cwd=folder)
        assert_one_error(done, "mlruns/songs/", ".json: cannot be written (No sp", code=2)
        assert recorded(folder) == {}


def test_a_disk_full_of_features_fails_no_job(folder: Path, finished: Path) -> None:
    for name in ("mlruns", "data/features"):
        shutil.rmtree(folder / name)
    cache = folder / "data" / "features"
    with disk(cache, "size=400k"):
        done = benchmark("run", "six.yaml", "--jobs", "2", cwd=folder)
        assert_one_error(done, f"error {cache}", "No space left on device", "is kept", code=2)
        assert recorded(folder) == {}, "a full disk is no property of a feature"
        kept = {path: (cache / path).stat().st_mtime_ns for path in frames(folder)}
        assert 0 < len(kept) < 20
        enlarge(cache)
        done = benchmark("run", "six.yaml", "--jobs", "2", cwd=folder)
        assert done.returncode == 0, done.stderr
        assert "6 jobs computed, 0 taken from records" in done.stdout
        assert {path: (cache / path).stat().st_mtime_ns for path in kept} == kept
        assert_same_results(folder, finished)


def test_a_disk_too_full_for_mlflow_hides_no_result(folder: Path, finished: Path) -> None:
    shutil.rmtree(folder / "mlruns")
    shutil.rmtree(folder / "reports")
    with disk(folder / "mlruns", "size=500k"):
        done = benchmark("run", "six.yaml", cwd=folder)
        assert_one_error(done, "mlruns/mlflow.db", "records are safe", code=1)
        kept = started(folder)
        assert len(kept) == 6
        assert_same_results(folder, finished)
        enlarge(folder / "mlruns")
        done = benchmark("run", "six.yaml", cwd=folder)
        assert done.returncode == 0, done.stderr
        assert started(folder) == kept
        assert_everything_once(folder)


@pytest.mark.parametrize("what", ["read-only", "full"])
def test_reports_that_cannot_be_written_are_shown(folder: Path, what: str) -> None:
    reports, store = folder / "reports", folder / "mlruns" / "mlflow.db"
    shutil.rmtree(reports)
    store.unlink()
    with unwritable(reports) if what == "read-only" else disk(reports, "nr_inodes=1"):
        done = benchmark("run", "six.yaml", cwd=folder)
        assert_one_error(done, "reports/leaderboard.md", "`python -m benchmark report`", code=1)
        assert "chroma  │ ridge" in done.stdout
        assert_everything_once(folder)
        assert list(reports.iterdir()) == []
    done = benchmark("report", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert len(rows(reports / "leaderboard.md")) == 3


def test_a_database_that_is_none_is_named_and_can_be_filled_anew(folder: Path) -> None:
    shutil.rmtree(folder / "reports")
    store, kept = folder / "mlruns" / "mlflow.db", started(folder)
    store.write_bytes(b"garbage" * 1000)
    done = benchmark("run", "six.yaml", cwd=folder)
    assert_one_error(done, "mlflow.db", "records are safe", "benchmark track", code=1)
    assert "0 jobs computed, 6 taken from records" in done.stdout
    assert len(rows(folder / "reports" / "leaderboard.md")) == 3
    assert started(folder) == kept
    store.rename(folder / "garbage.db")
    done = benchmark("track", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert_everything_once(folder)


def test_damaged_records_are_said_and_computed_again(folder: Path, finished: Path) -> None:
    before = started(folder)
    lost = {
        job_of(folder, "mean"),
        job_of(folder, "ridge", "mel"),
        job_of(folder, "ridge", "chroma"),
    }
    short, text, gone = (folder / "mlruns" / "records" / key for key in sorted(lost))
    os.truncate(short / "predictions.npz", 300)
    os.truncate(text / "record.json", 300)
    (gone / "predictions.npz").unlink()
    done = benchmark("run", "six.yaml", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "3 of 6 jobs are taken from records" in done.stdout
    assert "3 jobs computed, 3 taken from records, 0 failed" in done.stdout
    assert "3 of 6 jobs to run: the record is damaged" in done.stdout
    again = {key for key, moment in started(folder).items() if before[key] != moment}
    assert again == lost
    assert_same_results(folder, finished)
    assert_everything_once(folder)


def test_a_damaged_feature_is_computed_again_for_a_job_that_is_due(
    folder: Path, finished: Path
) -> None:
    first, *_ = sorted((folder / "data" / "features").glob("??/*/chroma-*.npy"))
    os.truncate(first, first.stat().st_size // 2)
    done = benchmark("run", "six.yaml", cwd=folder)
    assert "0 jobs computed, 6 taken from records" in done.stdout
    forget(folder, job_of(folder, "ridge", "chroma"))
    done = benchmark("run", "six.yaml", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "1 jobs computed, 5 taken from records" in done.stdout
    assert_same_results(folder, finished)


def test_features_can_be_cleared_and_come_back_when_a_job_is_due(
    folder: Path, finished: Path
) -> None:
    shown = benchmark("cache", cwd=folder).stdout
    for feature in ("chroma", "mel"):
        assert any(feature in line and " 10 " in line for line in shown.splitlines())
    assert "10 files removed" in benchmark("cache", "clear", "mel", cwd=folder).stdout
    assert {Path(name).name.partition("-")[0] for name in frames(folder)} == {"chroma"}
    assert "10 files removed" in benchmark("cache", "clear", cwd=folder).stdout
    done = benchmark("run", "six.yaml", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "0 jobs computed, 6 taken from records" in done.stdout
    assert frames(folder) == {}
    forget(folder, job_of(folder, "ridge", "chroma"))
    done = benchmark("run", "six.yaml", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "1 jobs computed, 5 taken from records" in done.stdout
    wanted = {name: found for name, found in frames(finished).items() if "chroma" in name}
    assert frames(folder).keys() == wanted.keys()
    assert all(np.array_equal(found, wanted[name]) for name, found in frames(folder).items())


def test_a_run_says_why_jobs_are_not_taken_from_records(folder: Path) -> None:
    changed = ("--set", "models.ridge.seconds=4")
    done = benchmark("run", "six.yaml", *changed, cwd=folder)
    assert "2 of 6 jobs are taken from records" in done.stdout
    reason = "changed since the last run: model.parameters.seconds 6.0 -> 4.0"
    assert f"4 of 6 jobs to run: {reason}" in done.stdout
    assert "4 jobs computed, 2 taken from records" in done.stdout
    done = benchmark("run", "six.yaml", *changed, "--fresh", cwd=folder)
    assert "6 of 6 jobs to run: --fresh" in done.stdout
    assert "6 jobs computed, 0 taken from records" in done.stdout
    assert done.stderr == ""


def test_a_run_says_that_jobs_failed_the_last_time(folder: Path) -> None:
    moody = "[mean, {name: moody, consolation: consolation}]"
    write(folder, "moods", models=moody, targets="[arousal]")
    done = benchmark("run", "moods.yaml", cwd=folder, plugin="plugin")
    assert done.returncode == 1
    assert done.stderr.count("ArithmeticError: not today") == 2
    (folder / "consolation").touch()
    done = benchmark("run", "moods.yaml", cwd=folder, plugin="plugin")
    assert done.returncode == 0, done.stderr
    assert "2 of 4 jobs are taken from records" in done.stdout
    assert "2 of 4 jobs to run: failed the last time: ArithmeticError: not today" in done.stdout
