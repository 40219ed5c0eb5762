from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import optuna
import pytest

from benchmark.evaluation.job import Job, SongInput
from benchmark.evaluation.task import Task
from benchmark.records import Fold
from benchmark.tuning import Storage
from benchmark.tuning.errand import Errand, Watching, run_errand
from benchmark.tuning.strategies import WARM_UP

pytestmark = pytest.mark.usefixtures("plug_in")
EPOCHS = 8


@pytest.fixture
def task() -> Callable[..., Task]:
    """Return a maker of jobs that train in epochs."""
    from mer_benchmark_tuning import Epochal

    songs = {
        name: SongInput(name, np.arange(2.0), np.full((2, 1), 0.1), Path(f"{name}.npy"))
        for name in "1234"
    }

    def make(error: float) -> Task:
        job = Job(
            feature=None,
            model=Epochal(error=error, epochs=EPOCHS),
            targets=("arousal",),
            fold=Fold(0, ("1", "2"), ("3",), ("4",)),
            seed=0,
            threads=1,
            data="",
        )
        return Task(job, job.description, songs)

    return make


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    """Hold a study of five complete trials whose loss was 1 in every epoch."""
    storage = Storage(str(tmp_path / "journal"))
    study = optuna.create_study(study_name="some", storage=storage.open())
    for _ in range(5):
        trial = study.ask()
        for step in range(1, 21):
            trial.report(1.0, step)
        study.tell(trial, 1.0)
    return storage


def begun(storage: Storage, *known: int) -> Watching:
    """Begin a trial of which some epochs are reported."""
    trial = optuna.load_study(study_name="some", storage=storage.open()).ask()
    for step in known:
        trial.report(0.5, step)
    return Watching(storage, "some", trial._trial_id, pruner="median", first=10)


def reported(watching: Watching) -> dict[int, float]:
    return watching.storage.open().get_trial(watching.trial).intermediate_values


def test_a_job_that_nobody_watches_is_run_to_its_end(task: Callable[..., Task]) -> None:
    answer = run_errand(Errand(task(9.0)))
    assert answer.record.card.epochs == EPOCHS
    assert answer.seconds == answer.record.seconds > 0


def test_every_epoch_is_reported(task: Callable[..., Task], storage: Storage) -> None:
    watching = begun(storage)
    assert run_errand(Errand(task(-1.0), watching)).record.finished
    assert list(reported(watching)) == [10 + epoch for epoch in range(1, EPOCHS + 1)]
    assert reported(watching)[14] == -1 + 1 / 4


def test_a_job_that_is_not_going_to_win_is_stopped(
    task: Callable[..., Task], storage: Storage
) -> None:
    watching = begun(storage)
    answer = run_errand(Errand(task(2.0), watching))
    assert answer.record is None
    assert answer.seconds > 0
    assert list(reported(watching)) == [11], "warmed up in the fold before"
    early = Watching(storage, "some", begun(storage).trial, pruner="median", first=0)
    assert run_errand(Errand(task(2.0), early)).record is None
    assert max(reported(early)) == WARM_UP


def test_what_was_reported_before_it_was_taken_over_stays(
    task: Callable[..., Task], storage: Storage
) -> None:
    """Its first epochs come again, and are neither reported nor judged again."""
    watching = begun(storage, 11, 12)
    answer = run_errand(Errand(task(-1.0), watching))
    assert answer.record.finished
    assert list(reported(watching).values())[:3] == [0.5, 0.5, -1 + 1 / 3]


def test_a_trial_that_another_has_ended_is_given_up(
    task: Callable[..., Task], storage: Storage
) -> None:
    watching = begun(storage)
    optuna.load_study(study_name="some", storage=storage.open()).tell(5, 0.3)
    assert run_errand(Errand(task(-1.0), watching)).record is None


def test_nobody_watches_the_job_after(task: Callable[..., Task], storage: Storage) -> None:
    watching = begun(storage)
    assert run_errand(Errand(task(2.0), watching)).record is None
    assert run_errand(Errand(task(2.0))).record.finished
    assert len(reported(watching)) == 1


def test_it_travels_with_its_songs(task: Callable[..., Task], storage: Storage) -> None:
    errand = pickle.loads(pickle.dumps(Errand(task(0.0), begun(storage))))
    assert sorted(errand.files) == [Path(f"{name}.npy") for name in "1234"]
    moved = errand.moved({Path("1.npy"): Path("there/1.npy")})
    assert sorted(moved.files) == [*errand.files[1:], Path("there/1.npy")]
    assert moved.watching == errand.watching
