from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmark.errors import BenchmarkError
from benchmark.evaluation import versions
from benchmark.evaluation.job import Job, SongInput
from benchmark.evaluation.task import Task, run_task
from benchmark.features.mel import Mel
from benchmark.models.mean import Mean
from benchmark.records import Fold


@pytest.fixture
def task() -> Task:
    job = Job(
        feature=Mel(),
        model=Mean(),
        targets=("arousal",),
        fold=Fold(0, train=("1",), validation=(), test=("2",)),
        seed=0,
        threads=1,
        data="ab12",
    )
    times = np.array([1.0, 1.5])
    songs = {
        name: SongInput(name, times, np.array([[0.1], [0.3]]), Path("cache") / name / "mel.npy")
        for name in ("1", "2")
    }
    return Task(job, job.description, songs)


def test_it_reads_the_frames_of_its_songs_wherever_they_are(task: Task) -> None:
    assert task.files == [Path("cache/1/mel.npy"), Path("cache/2/mel.npy")]
    moved = task.moved({Path("cache/2/mel.npy"): Path("shelf/2/mel.npy")})
    assert moved.files == [Path("cache/1/mel.npy"), Path("shelf/2/mel.npy")]
    assert moved.job.key == task.job.key


def test_where_other_versions_compute_it_is_refused(
    task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a machine of a cluster: what was worked out where it was planned came along."""
    sent = pickle.dumps(task)
    monkeypatch.setattr(versions, "_version", lambda name: "0.1" if name == "librosa" else "1")
    with pytest.raises(BenchmarkError, match=r"libraries\.librosa \S+ -> 0\.1.*same versions"):
        run_task(pickle.loads(sent))


def test_where_a_component_is_of_another_version_it_is_refused(
    task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = pickle.dumps(task)
    monkeypatch.setattr(Mean, "version", 7)
    with pytest.raises(BenchmarkError, match=r"model\.version 1 -> 7"):
        run_task(pickle.loads(sent))


def test_where_nothing_differs_it_is_run(task: Task) -> None:
    without = replace(task.job, feature=None)
    record = run_task(pickle.loads(pickle.dumps(Task(without, without.description, task.songs))))
    assert record.key == without.key
    np.testing.assert_allclose(record.predictions.values, 0.2)
