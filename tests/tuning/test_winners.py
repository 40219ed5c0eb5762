from __future__ import annotations

from collections.abc import Callable

import pytest
from doing import Done, Ear, Here

from benchmark.config import Experiment
from benchmark.records import StudyRecord, Tuning
from benchmark.runner import Crew, run

Make = Callable[..., Experiment]
Do = Callable[..., Done]
pytestmark = pytest.mark.usefixtures("plug_in")

SEARCH = (
    "{trials: 5, sampler: random, pruner: none, seed: 3, "
    "inner: {name: song_kfold, folds: 2, group: artist}, "
    "models: {lucky: {number: {low: 0, high: 9999}}, ridge: {seconds: {low: 1, high: 9}}}}"
)
BOTH = {
    "models": "[{name: lucky, seconds: 1.0e-6}, {name: ridge, alphas: [10]}]",
    "features": "[opensmile_means]",
    "targets": "[valence, arousal]",
}


def winner(study: StudyRecord) -> dict[str, float]:
    """Return the parameters of the trial with the lowest score."""
    scores = [(trial.score, trial.number) for trial in study.trials if trial.score is not None]
    return dict(study.trials[min(scores)[1]].parameters)


def test_what_won_in_a_fold_is_tested_on_its_songs(do: Do, experiment: Make) -> None:
    done = do(experiment(SEARCH, seeds="[0, 1]", **BOTH))
    (manifest,) = done.workspace.records.manifests()
    assert (manifest.name, manifest.command) == ("tiny+tuned", "tune")
    assert manifest.arguments == ("tiny.yaml",)
    for cell, target in zip(manifest.cells, ("valence", "arousal"), strict=True):
        assert cell.description["targets"] == [target]
        records = [done.workspace.records.read(key) for key in cell.jobs]
        assert [record.description["seed"] for record in records] == [0, 1, 0, 1]
        for record, fold in zip(records, (0, 0, 1, 1), strict=True):
            best = winner(done.study(fold, target))
            model = record.description["model"]
            assert record.description["fold"]["index"] == fold
            assert model["name"] == best.pop("model")
            own = {name.partition(".")[2]: value for name, value in best.items()}
            assert own.items() <= model["parameters"].items()
            feature = record.description["feature"]
            assert (feature and feature["name"]) == (
                "opensmile_means" if model["name"] == "ridge" else None
            )
        assert cell.tuning == Tuning(
            mode="nested",
            trials=5,
            sampler="random",
            pruner="none",
            inner=cell.tuning.inner,
            studies=tuple(done.study(fold, target).key for fold in range(2)),
        )
        assert "2-fold cross-validation by artist" in cell.tuning.inner


def test_a_row_is_called_by_what_could_be_chosen(do: Do, experiment: Make) -> None:
    """And described by what all its folds have in common."""
    (manifest,) = do(
        experiment(SEARCH, **BOTH | {"targets": "[arousal]"})
    ).workspace.records.manifests()
    described = manifest.cells[0].description
    assert described["feature_label"] == "opensmile_means"
    assert described["model_label"] == "lucky(seconds=1e-06) or ridge(alphas=[10]), tuned"
    assert described["model"] == {"name": "tuned", "parameters": {}}
    assert list(described["about"]["features"]) == ["opensmile_means"]
    assert list(described["about"]["models"]) == ["lucky", "ridge"]
    lucky = "{trials: 2, models: {lucky: {number: [0, 1]}}}"
    done = do(experiment(lucky, name="one", models="[{name: lucky, seconds: 1.0e-6}]"))
    described = done.workspace.records.manifests()[0].cells[0].description
    known = {"seconds": 1e-6, "gated": False}
    assert described["model"]["parameters"] == known, "the number is each fold's own"
    assert described["model_label"] == "lucky(seconds=1e-06), tuned"


def test_more_trials_than_the_file_asks_for_are_told(do: Do, experiment: Make) -> None:
    done = do(experiment(SEARCH, **BOTH), trials=6)
    (manifest,) = done.workspace.records.manifests()
    assert manifest.arguments == ("tiny.yaml", "--trials", "6")
    assert {cell.tuning.trials for cell in manifest.cells} == {6}


def test_the_tuned_row_stands_in_the_track_of_the_untuned(do: Do, experiment: Make) -> None:
    tiny = experiment(SEARCH, **BOTH | {"targets": "[arousal]"})
    done = do(tiny)
    crew = Crew(here=Here(), jobs=Here())
    run([tiny], done.workspace, crew=crew, fresh=False, listener=Ear())
    cells = {found.name: found.cells for found in done.workspace.records.manifests()}
    assert len({cell.tracks["arousal"] for some in cells.values() for cell in some}) == 1
    tuned = {name: [cell.tuning is not None for cell in some] for name, some in cells.items()}
    assert tuned == {"tiny": [False, False], "tiny+tuned": [True]}


def test_the_first_of_two_that_are_as_good_wins(do: Do, experiment: Make) -> None:
    search = "{trials: 4, sampler: random, models: {peeking: {peek: [true, false]}}}"
    done = do(experiment(search, models="[peeking]"))
    for fold, record in enumerate(done.row()):
        trials = done.study(fold).trials
        assert len({trial.score for trial in trials}) == 1
        assert done.study(fold).best == trials[0]
        assert record.description["model"]["parameters"] == {"peek": False}, "the file as it stands"
