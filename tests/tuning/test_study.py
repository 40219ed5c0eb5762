from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from doing import chosen

from benchmark.config import Experiment
from benchmark.records import Fold
from benchmark.tuning import Storage
from benchmark.tuning import study as studies
from benchmark.tuning.presence import SILENCE, Presence
from benchmark.tuning.study import OWNER, SEEN, Study
from benchmark.tuning.subject import Subject
from benchmark.tuning.trial import Trial

pytestmark = pytest.mark.usefixtures("plug_in")
SEARCH = "{models: {lucky: {number: {low: 0, high: 9999}}}}"


@pytest.fixture
def subject(experiment: Callable[..., Experiment]) -> Subject:
    return Subject(
        experiment="tiny",
        target="arousal",
        fold=0,
        search=experiment(SEARCH).search,
        folds=(Fold(0, ("1", "2"), ("3",), ("4",)),),
        data="0123",
        seed=0,
        threads=1,
    )


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "journal"))


@pytest.fixture
def study(subject: Subject, storage: Storage) -> Study:
    return Study(subject, storage)


def finish(trial: Trial, score: float = 0.5) -> dict[str, Any]:
    """Carry a trial through and return what it tried."""
    model = trial.configuration().model
    trial.report([(1, score)])
    trial.complete(score)
    return model.describe()["parameters"]


def test_there_are_as_many_trials_as_are_wanted(study: Study) -> None:
    with Presence(lambda: None) as here:
        running = [study.next(3, here) for _ in range(3)]
        assert [trial.number for trial in running] == [0, 1, 2]
        assert study.next(3, here) is None, "running ones count"
        assert (study.n_running(), study.n_ended()) == (3, 0)
        for trial in running:
            finish(trial)
        assert study.next(3, here) is None
        assert study.next(4, here).number == 3
    assert (study.n_running(), study.n_ended()) == (1, 3)
    assert [trial.number for trial in study.record().trials] == [0, 1, 2]


def test_of_two_that_begin_the_last_at_once_one_steps_back(
    study: Study, subject: Subject, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it began is begun when more are wanted."""
    with Presence(lambda: None) as one, Presence(lambda: None) as other:
        finish(study.next(2, one))
        late = Study(subject, storage)
        seen = late.trials()
        last = study.next(2, one)
        with monkeypatch.context() as before:
            before.setattr(late, "trials", lambda: seen)
            assert late.next(2, other) is None
        finish(last)
        assert late.next(2, other) is None
        assert [trial.number for trial in late.record().trials] == [0, 1]
        assert (late.n_running(), late.n_ended()) == (0, 2)
        assert [late.next(4, other).number for _ in range(2)] == [2, 3]
        assert late.next(4, one) is None


def test_the_file_as_it_stands_is_tried_first(study: Study) -> None:
    with Presence(lambda: None) as here:
        tried = [finish(study.next(4, here))["number"] for _ in range(4)]
    assert tried[0] == 0
    assert len(set(tried)) == 4
    assert study.record().untuned == study.record().trials[0]


def test_the_trial_of_a_process_that_is_gone_is_gone_on_with(
    study: Study, subject: Subject, storage: Storage
) -> None:
    with Presence(lambda: None) as here:
        finish(study.next(9, here), 0.4)
        trial = study.next(9, here)
        number = trial.configuration().model.number
        trial.report([(1, 0.3)])
        with Presence(lambda: None) as other:
            assert study.next(9, other).number == 2, "it is not gone"
    with Presence(lambda: None) as here:
        again = Study(subject, storage)
        taken = again.next(3, here)
        assert taken.number == 1
        assert taken.configuration().model.number == number
        taken.report([(1, 0.9), (2, 0.35)])
        taken.complete(0.35)
        finish(again.next(3, here), 0.6)
        assert again.next(3, here) is None
    record = again.record()
    assert [trial.score for trial in record.trials] == [0.4, 0.35, 0.6]
    assert record.trials[1].steps == ((1, 0.3), (2, 0.35)), "what was reported stays"
    assert record.best == record.trials[1]
    assert again.n_running() == 0


def test_a_trial_that_nobody_signed_is_taken_over_after_a_while(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    study.optuna.ask()
    with Presence(lambda: None) as here:
        assert study.next(1, here) is None
        monkeypatch.setattr(studies, "UNOWNED", -1.0)
        assert finish(study.next(1, here))["number"] == 0, "as it stands"


def test_a_process_of_another_machine_is_there_as_long_as_it_says_so(study: Study) -> None:
    with Presence(lambda: None) as here:
        backend, trial = study.storage.open(), study.next(1, here)
        long_ago = time.time() - 2 * SILENCE
        far = Presence(lambda: None)
        far.name = "elsewhere/0123"
        backend.set_trial_user_attr(trial.identifier, OWNER, far.name)
        backend.set_trial_user_attr(trial.identifier, SEEN, long_ago)
        study.beat(here)
        assert backend.get_trial(trial.identifier).user_attrs[SEEN] == long_ago, "not its own"
        study.beat(far)
        assert study.next(1, here) is None
        backend.set_trial_user_attr(trial.identifier, SEEN, long_ago)
        assert study.next(1, here).number == 0


@pytest.mark.parametrize(
    "end",
    [lambda trial: trial.complete(0.7), Trial.prune, lambda trial: trial.fail("late")],
    ids=["complete", "prune", "fail"],
)
def test_of_two_that_run_one_trial_the_first_to_end_it_counts(
    study: Study, monkeypatch: pytest.MonkeyPatch, end: Callable[[Trial], None]
) -> None:
    """One was taken for gone, and was not."""
    monkeypatch.setattr(studies, "is_gone", lambda *_: True)
    with Presence(lambda: None) as slow, Presence(lambda: None) as fast:
        first = study.next(1, slow)
        first.configuration()
        finish(study.next(1, fast))
        end(first)
    (trial,) = study.record().trials
    assert (trial.state, trial.score, trial.reason) == ("complete", 0.5, "")


def test_a_trial_that_ends_as_it_is_taken_over_is_left_alone(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Presence(lambda: None) as slow, Presence(lambda: None) as fast:
        first = study.next(1, slow)
        monkeypatch.setattr(studies, "is_gone", lambda *_: bool(finish(first)))
        assert study.next(1, fast) is None
    assert study.record().trials[0].score == 0.5


def test_a_study_is_found_again_by_all_that_decides_it(subject: Subject, storage: Storage) -> None:
    search = subject.search
    with Presence(lambda: None) as here:
        finish(Study(subject, storage).next(1, here))
    changes: list[dict[str, Any]] = [
        {"target": "valence"},
        {"fold": None},
        {"data": "4567"},
        {"seed": 1},
        {"threads": 2},
        {"folds": (*subject.folds, Fold(1, ("1",), ("3",), ("2",)))},
        {"search": replace(search, sampler="random")},
        {"search": replace(search, pruner="none")},
        {"search": replace(search, seed=1)},
    ]
    names = {subject.name, *(replace(subject, **change).name for change in changes)}
    assert len(names) == 1 + len(changes)
    for change in changes:
        assert Study(replace(subject, **change), storage).n_ended() == 0
    same = replace(subject, search=replace(search, trials=99, mode="single"))
    assert Study(same, storage).n_ended() == 1


def test_news_are_against_the_study_before(subject: Subject, storage: Storage) -> None:
    """Also if nothing came of that, and only where there is one of the same fold."""
    assert Study(subject, storage).news() == ""
    random = replace(subject, search=replace(subject.search, sampler="random"))
    with Presence(lambda: None) as here:
        finish(Study(random, storage).next(1, here))
    none = Study(replace(random, search=replace(random.search, pruner="none")), storage)
    assert none.news() == (
        "tiny arousal fold 0: a new study, as this has changed: pruner median -> none"
    )
    assert Study(replace(none.subject, fold=1), storage).news() == ""
    assert Study(replace(none.subject, experiment="tiny arousal"), storage).news() == ""
    qmc = Study(replace(none.subject, search=replace(random.search, sampler="qmc")), storage)
    assert qmc.news().endswith("changed: sampler random -> qmc, pruner none -> median")
    with Presence(lambda: None) as here:
        finish(qmc.next(1, here))
    assert qmc.news() == ""


def test_how_a_trial_ended_is_recorded(study: Study) -> None:
    with Presence(lambda: None) as here:
        for end in (
            lambda trial: trial.complete(0.25),
            lambda trial: trial.prune(),
            lambda trial: trial.fail("no luck"),
        ):
            trial = study.next(3, here)
            trial.configuration()
            trial.spent(1.5)
            trial.report([(1, 0.25)])
            trial.spent(2.0)
            end(trial)
            assert str(trial) == f"tiny arousal fold 0, trial {trial.number}"
    record = study.record()
    assert [trial.state for trial in record.trials] == ["complete", "pruned", "failed"]
    assert [trial.score for trial in record.trials] == [0.25, None, None]
    assert [trial.reason for trial in record.trials] == ["", "", "no luck"]
    assert {trial.seconds for trial in record.trials} == {3.5}
    assert {trial.steps for trial in record.trials} == {((1, 0.25),)}
    for trial in record.trials:
        number = trial.parameters["lucky.number"]
        assert trial.model == (f"lucky(number={number})" if number else "lucky")
        assert trial.feature == "none"
        assert abs(trial.started_at - time.time()) < 600
    assert chosen(record) == chosen(Study(study.subject, study.storage).record())
