"""What becomes of trials: pruned as the median says, or song by song, computed or looked up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from doing import Done, Here, chosen
from scipy.stats import wilcoxon

from benchmark.config import Experiment
from benchmark.records import StudyRecord, TrialRecord
from benchmark.tuning import judging
from benchmark.tuning import study as studies
from benchmark.tuning.judging import STRIDE, lane
from benchmark.tuning.strategies import WARM_UP

Make = Callable[..., Experiment]
Do = Callable[..., Done]
pytestmark = pytest.mark.usefixtures("plug_in")

NUMBERS = (
    "{sampler: random, trials: 16, pruner: PRUNER, models: {lucky: {number: {low: 0, high: 9999}}}}"
)
ERRORS = (
    "{sampler: random, trials: 16, pruner: PRUNER, models: {epochal: {error: {low: -1, high: 1}}}}"
)
EPOCHS = 8
STARTUP = 5


def lags_behind(trial: TrialRecord, before: Sequence[TrialRecord], *, warm_up: int) -> list[int]:
    """Return the steps at which its best is worse than the median of complete trials before it."""
    complete = [dict(other.steps) for other in before if other.state == "complete"]
    found, best = [], np.inf
    for step, value in trial.steps:
        best = min(best, value)
        others = [steps[step] for steps in complete if step in steps]
        if len(complete) >= STARTUP and step >= warm_up and best > np.median(others):
            found.append(step)
    return found


def test_models_without_epochs_are_pruned_fold_by_fold(do: Do, experiment: Make) -> None:
    study = do(experiment(NUMBERS.replace("PRUNER", "median"))).study()
    assert study.count("pruned") > 2 < study.count("complete")
    for number, trial in enumerate(study.trials):
        lags = lags_behind(trial, study.trials[:number], warm_up=0)
        if trial.state == "pruned":
            assert lags == [trial.steps[-1][0]]
            assert [step for step, _ in trial.steps] in ([1], [1, 2])
            assert (trial.score, trial.reason) == (None, "")
        else:
            assert lags in ([], [3]), "after the last fold there is nothing to save"
            assert [step for step, _ in trial.steps] == [1, 2, 3]
            assert trial.score == trial.steps[-1][1], "the score so far"
    assert study.best.state == "complete"


def test_what_is_pruned_is_not_computed_further(do: Do, experiment: Make) -> None:
    done = do(experiment(NUMBERS.replace("PRUNER", "median")))
    steps = sum(len(trial.steps) for study in done.studies.values() for trial in study.trials)
    records = list(done.workspace.records.records.glob("*/record.json"))
    assert len(records) == steps + len(done.row())


@pytest.mark.parametrize("is_here", [True, False])
def test_models_with_epochs_are_pruned_epoch_by_epoch(
    do: Do, experiment: Make, is_here: bool
) -> None:
    """Also where the processes that train cannot reach the study: the same trials, found later."""
    tiny = experiment(ERRORS.replace("PRUNER", "median"), models="[epochal]")
    study = do(tiny, jobs=Here(is_here=is_here)).study()
    assert study.count("pruned") > 2 < study.count("complete")
    for number, trial in enumerate(study.trials):
        lags = lags_behind(trial, study.trials[:number], warm_up=WARM_UP)
        folds = [
            [step - STRIDE * fold for step, _ in trial.steps if step // STRIDE == fold]
            for fold in range(3)
        ]
        for epochs in folds:
            assert epochs == list(range(1, len(epochs) + 1))
        if trial.state == "pruned":
            assert lags == [trial.steps[-1][0]]
            assert len(folds[0]) >= WARM_UP
        else:
            assert lags == []
            assert [len(epochs) for epochs in folds] == [EPOCHS] * 3
        assert all(
            value == trial.parameters["epochal.error"] + 1 / (step % STRIDE)
            for step, value in trial.steps
        )
    finished = [trial for trial in study.trials if trial.score is not None]
    assert study.best == min(finished, key=lambda trial: trial.score)


def test_wilcoxon_compares_with_the_best_song_by_song(
    do: Do, experiment: Make, songs: Callable[..., Any]
) -> None:
    search = NUMBERS.replace("PRUNER", "wilcoxon")
    study = do(experiment(search, root=songs(36))).study()
    assert study.count("pruned") > 2 < study.count("complete")
    n_songs = 18
    for number, trial in enumerate(study.trials):
        before = [other for other in study.trials[:number] if other.score is not None]
        best = dict(min(before, key=lambda other: other.score).steps) if before else {}
        mine = dict(trial.steps)
        assert mine.keys() <= set(range(n_songs))
        if trial.score is not None:
            assert mine.keys() == set(range(n_songs))
            assert np.mean(list(mine.values())) == pytest.approx(trial.score)
            continue
        assert len(mine) < n_songs
        further = [mine[song] - best[song] for song in mine]
        assert np.mean(further) > 0
        assert wilcoxon(further, alternative="greater", zero_method="zsplit").pvalue < 0.1


def test_networks_too_are_compared_song_by_song_if_that_is_asked(do: Do, experiment: Make) -> None:
    tiny = experiment(ERRORS.replace("PRUNER", "wilcoxon"), models="[epochal]")
    study = do(tiny).study()
    assert {step for trial in study.trials for step, _ in trial.steps} == set(range(6))


@pytest.mark.parametrize("pruner", ["median", "hyperband", "successive_halving", "wilcoxon"])
@pytest.mark.parametrize(
    ("search", "models"), [(NUMBERS, "[lucky]"), (ERRORS, "[epochal]")], ids=["folds", "epochs"]
)
def test_a_job_that_is_looked_up_prunes_as_one_that_is_computed(
    do: Do, experiment: Make, search: str, models: str, pruner: str
) -> None:
    every = experiment(search.replace("PRUNER", "none"), models=models)
    pruned = experiment(search.replace("PRUNER", pruner), models=models)
    computed = do(pruned, place="computed")
    everything = do(every, place="looked up")
    assert everything.study().count("complete") == 16

    assert computed.study().count("pruned") > 0
    outer = 2
    looked_up = do(pruned, place="looked up", jobs=Here(lives=outer))
    for fold in range(2):
        assert chosen(looked_up.study(fold)) == chosen(computed.study(fold))


@pytest.mark.parametrize("pruner", ["hyperband", "successive_halving"])
def test_what_halves_resources_sees_the_epochs_of_the_first_inner_fold(
    do: Do, experiment: Make, pruner: str
) -> None:
    study = do(experiment(ERRORS.replace("PRUNER", pruner), models="[epochal]")).study()
    assert study.count("pruned") > 0
    assert {step for trial in study.trials for step, _ in trial.steps} == set(range(1, EPOCHS + 1))
    ended = [trial.steps[-1][0] for trial in study.trials if trial.state == "pruned"]
    assert min(ended) < EPOCHS, "in the middle of a training"


def test_a_record_that_is_damaged_is_as_none(do: Do, experiment: Make) -> None:
    before = do(experiment(NUMBERS.replace("PRUNER", "none")))
    for path in before.workspace.records.records.glob("*/predictions.npz"):
        path.write_bytes(b"spoilt")
    done = do(experiment(NUMBERS.replace("PRUNER", "wilcoxon")))
    assert done.study().count("complete") > 2
    assert done.study().failures == {}


def test_one_without_epochs_among_the_models_and_folds_are_compared(
    do: Do, experiment: Make
) -> None:
    search = ERRORS.replace("PRUNER", "median").replace(
        "epochal:", "lucky: {number: [1, 2]}, epochal:"
    )
    study = do(experiment(search, models="[epochal, lucky]")).study()
    assert {step for trial in study.trials for step, _ in trial.steps} == {1, 2, 3}


def test_a_loss_that_is_no_number_is_not_reported(
    do: Do, experiment: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    import mer_benchmark_tuning as plugin

    monkeypatch.setattr(plugin, "first_loss", lambda error: float("nan"))
    tiny = experiment(ERRORS.replace("PRUNER", "median"), models="[epochal]")
    computed = do(tiny, place="here").study()
    known = {step % STRIDE for trial in computed.trials for step, _ in trial.steps}
    assert known == set(range(2, EPOCHS + 1))
    elsewhere = do(tiny, place="there", jobs=Here(is_here=False)).study()
    assert chosen(elsewhere) == chosen(computed)


@pytest.mark.parametrize("moment", ["before it is begun", "while a job runs"])
def test_a_trial_that_another_ends_is_left_to_it(
    do: Do, experiment: Make, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Another that took us for gone, and goes on to other values than ours."""
    tiny = experiment(NUMBERS.replace("PRUNER", "none"))
    begun = studies.Study.next
    endings = []

    def end(study: Any, number: int) -> None:
        identifier = study.trials()[number]._trial_id
        study.storage.open().set_trial_intermediate_value(identifier, 1, 0.5)
        study.optuna.tell(number, 0.5)
        endings.append(number)

    def begin(self: Any, *arguments: Any) -> Any:
        trial = begun(self, *arguments)
        if trial and trial.number in (0, 3):
            if moment == "before it is begun":
                end(self, trial.number)
            else:
                trial.configuration()
                monkeypatch.setitem(late, (trial.identifier), (self, trial.number))
        return trial

    late: dict[int, Any] = {}
    steps = judging._steps

    def report(subject: Any, records: Any) -> Any:
        for identifier in list(late):
            end(*late.pop(identifier))
        return steps(subject, records)

    monkeypatch.setattr(studies.Study, "next", begin)
    monkeypatch.setattr(judging, "_steps", report)
    study: StudyRecord = do(tiny).study()
    assert sorted(endings) == [0, 0, 3, 3]
    assert [trial.score == 0.5 for trial in study.trials] == [n in (0, 3) for n in range(16)]
    assert study.count("complete") == 16


def test_a_lane_runs_trials_until_there_is_none() -> None:
    left, said = [2, 1, 0], []

    def judge(trial: Any) -> Any:
        said.append((yield f"errand of {trial}"))

    errands = lane(lambda: left.pop() if left else None, judge, lambda trial: said.append(trial))
    sent = next(errands)
    for answer in ("one", "two"):
        assert sent == f"errand of {len(said) // 2}"
        sent = errands.send(answer)
    with pytest.raises(StopIteration):
        errands.send("three")
    assert said == ["one", 0, "two", 1, "three", 2]
