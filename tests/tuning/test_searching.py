from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from doing import Done, Here, chosen

from benchmark.config import Experiment
from benchmark.execution import Pool
from benchmark.tuning import searching
from benchmark.tuning import study as studies

Make = Callable[..., Experiment]
Do = Callable[..., Done]
pytestmark = pytest.mark.usefixtures("plug_in")

SEARCH = "{trials: 5, sampler: random, models: {lucky: {number: {low: 0, high: 9999}}}}"


@pytest.mark.parametrize("workers", [2, 3])
def test_as_many_processes_as_studies_try_one_trial_of_each_at_a_time(
    do: Do, experiment: Make, workers: int
) -> None:
    done = do(experiment(SEARCH), jobs=Here(workers=workers))
    assert done.ear.notes == []
    assert [len(study.trials) for study in done.studies.values()] == [5, 5]


def test_more_processes_try_several_and_say_so(do: Do, experiment: Make) -> None:
    done = do(experiment(SEARCH), jobs=Here(workers=5))
    (note,) = done.ear.notes
    assert note.startswith("2 trials of a study at a time")
    assert "with --jobs 2 the same are tried every time" in note
    assert [len(study.trials) for study in done.studies.values()] == [5, 5], "and not one more"


def test_a_study_goes_on_as_it_began_when_others_have_ended(do: Do, experiment: Make) -> None:
    """How many of its trials run at a time decides which are tried."""
    one = experiment(SEARCH, name="one")
    two = experiment(SEARCH, name="two")
    do(one, jobs=Here(workers=4))
    done = do(one, two, jobs=Here(workers=4))
    assert done.ear.notes == []


def test_studies_of_several_files_are_run_together(do: Do, experiment: Make) -> None:
    """By the threads of their jobs."""
    asked: list[int] = []

    class Counts(Here):
        def run(self, function: Any, tasks: Any, *, threads: int) -> Any:
            asked.append(threads)
            return super().run(function, tasks, threads=threads)

    one = experiment(SEARCH, name="one", settings=["threads=2"])
    two = experiment(SEARCH, name="two", targets="[arousal, valence]")
    done = do(one, two, jobs=Counts())
    assert asked[:2] == [1, 2]
    assert done.ear.stages["trials"] == 5 * (2 + 4)
    assert done.ear.stages["studies"] == 6
    ended = [step for step in done.ear.steps if ", trial " in step]
    assert len(ended) == len(set(ended)) == 30
    assert "two valence fold 1, trial 4" in ended


def test_two_processes_share_a_study(
    do: Do, experiment: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """One has begun a trial; the other runs the rest, and waits for it."""
    monkeypatch.setattr(searching, "POLL", 0.001)
    tiny = experiment(SEARCH, protocol="{name: song_kfold, folds: 2, only: [0]}")
    waits, goes_on = threading.Event(), threading.Event()
    journal = str(tmp_path / "shared")

    class Waits(Here):
        def _done(self, *arguments: Any) -> Any:
            waits.set()
            assert goes_on.wait(60)
            return super()._done(*arguments)

    found: list[Done] = []
    slow = threading.Thread(
        target=lambda: found.append(do(tiny, place="slow", storage=journal, jobs=Waits()))
    )
    slow.start()
    assert waits.wait(60)
    ran = studies.Study.n_running

    def n_running(self: Any) -> int:
        if ran(self) == 1 and self.n_ended() == 4:
            goes_on.set()
        return ran(self)

    monkeypatch.setattr(studies.Study, "n_running", n_running)
    fast = do(tiny, place="fast", storage=journal)
    slow.join(60)
    assert found, "it has ended too"
    assert fast.study() == found[0].study()
    assert len(fast.study().trials) == 5
    steps = [{step for step in done.ear.steps if ", trial " in step} for done in (*found, fast)]
    assert [len(ended) for ended in steps] == [1, 4]
    alone = do(tiny, place="alone").study()
    assert chosen(alone) == chosen(fast.study()), "random trials do not look at others"


def test_real_processes_try_the_same(do: Do, experiment: Make) -> None:
    """Also those whose epochs are watched."""
    search = "{trials: 3, models: {epochal: {error: {low: 0, high: 1}}}}"
    tiny = experiment(search, models="[epochal]")
    here, there = do(tiny, place="here"), do(tiny, place="there", jobs=Pool(2))
    for fold in range(2):
        assert chosen(here.study(fold)) == chosen(there.study(fold))
