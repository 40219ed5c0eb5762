"""Trained models in the default store: registered, found again, the mark of a fill kept."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import mlflow
import numpy as np
import pytest
from filling import fill_from
from results import ORIGIN, Results

from benchmark.errors import TrackingError
from benchmark.models.mean import Mean
from benchmark.prediction import served
from benchmark.prediction.trained import Recipe, TrainedModel, read, write
from benchmark.records import SongFrames
from benchmark.tracking import Registered, Submission, data_folder, fetch, projection, register


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    """MLflow warns of its own type hints when this is imported."""
    with warnings.catch_warnings(action="ignore"):
        import mlflow.pyfunc  # noqa: F401


@pytest.fixture(scope="module")
def submission(
    make_frames: Callable[..., SongFrames], tmp_path_factory: pytest.TempPathFactory
) -> Submission:
    """A constant as it is handed to MLflow."""
    folder = tmp_path_factory.mktemp("trained") / "trained"
    predictor = Mean().fit([make_frames()], [], seed=0)
    write(
        folder,
        TrainedModel(Recipe(None, Mean(), ("arousal",), ORIGIN), predictor),
    )
    return Submission(
        names=("mer-arousal",),
        experiment="made",
        title="none / mean, trained on all songs",
        description="first",
        data=folder,
        loader=served.__name__,
        code=Path(served.__file__),
        requirements=(f"numpy=={np.__version__}",),
        input="string",
        outputs={"path": "string", "time": "double", "arousal": "double"},
        example=["song.wav"],
        params={"feature": "none"},
        metrics={"rmse": 0.25},
        curves={"loss": (0.5, 0.25)},
        tags={"dataset": "toy"},
    )


@pytest.fixture
def put(results: Results, submission: Submission) -> Callable[[str], Registered]:
    def make(description: str) -> Registered:
        changed = replace(submission, description=description)
        (registered,) = register(changed, results.store, results.root)
        return registered

    return make


def client_of(folder: Path) -> mlflow.MlflowClient:
    return mlflow.MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")


def test_registering_twice_gives_two_versions_that_are_found_by_every_name(
    put: Callable[[str], Registered], tmp_path: Path
) -> None:
    before = mlflow.get_tracking_uri()
    assert put("first") == Registered("mer-arousal", "1", "first")
    second = put("second")
    assert (second.version, second.uri) == ("2", "models:/mer-arousal/2")
    client = client_of(tmp_path)
    client.set_registered_model_alias("mer-arousal", "proven", "1")
    assert client.get_registered_model("mer-arousal").description == "second"
    (run,) = {client.get_model_version("mer-arousal", number).run_id for number in "2"}
    data = client.get_run(run).data
    assert (data.params["feature"], data.metrics["rmse"], data.metrics["loss"]) == (
        "none",
        0.25,
        0.25,
    )
    assert data.tags["dataset"] == "toy"
    for reference, name, description in (
        ("mer-arousal", "mer-arousal/2", "second"),
        ("mer-arousal/1", "mer-arousal/1", "first"),
        ("mer-arousal@proven", "mer-arousal/1", "first"),
        ("models:/mer-arousal/1", "mer-arousal/1", ""),
    ):
        found = fetch(reference, tmp_path)
        assert (found.name, found.description) == (name, description)
        assert read(found.data).recipe.targets == ("arousal",)
    for reference in (
        "mer-arousal/3",
        "mer-arousal@best",
        "models:/mer-arousal/3",
        "mer-arousal/x",
    ):
        with pytest.raises(TrackingError, match=rf"no model '{reference}' is registered \(.+\)"):
            fetch(reference, tmp_path)
    assert mlflow.get_tracking_uri() == before


def test_a_model_of_both_targets_is_stored_once_and_found_by_either_name(
    submission: Submission, results: Results
) -> None:
    joint = replace(submission, names=("mer-arousal", "mer-valence"))
    (only,) = register(submission, results.store, results.root)
    arousal, valence = register(joint, results.store, results.root)
    assert [(one.name, one.version) for one in (only, arousal, valence)] == [
        ("mer-arousal", "1"),
        ("mer-arousal", "2"),
        ("mer-valence", "1"),
    ]
    found = [fetch(name, results.root) for name in ("mer-arousal", "mer-valence", "mer-arousal/1")]
    assert [one.name for one in found] == ["mer-arousal/2", "mer-valence/1", "mer-arousal/1"]
    assert found[0].data == found[1].data != found[2].data


def test_who_has_trained_nothing_is_told_how(tmp_path: Path) -> None:
    said = r"no model 'mer-valence' is registered; python -m benchmark train FILE --best TARGET"
    with pytest.raises(TrackingError, match=said):
        fetch("mer-valence", tmp_path)


@pytest.mark.parametrize("name", ["it's", "a/b/c", "models:/nothing", "runs:/1/2", "x@"])
def test_a_name_that_is_none_is_one_message(tmp_path: Path, name: str) -> None:
    with pytest.raises(TrackingError, match="is registered"):
        fetch(name, tmp_path)


def test_a_finished_run_stays_a_look_up(
    put: Callable[[str], Registered], results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled = fill_from(results.root)
    put("first")
    monkeypatch.setattr(projection, "project", None)  # nobody may look through the store
    assert fill_from(results.root) == filled


def test_a_store_that_was_out_of_date_stays_so(
    put: Callable[[str], Registered], results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_from(results.root)
    results.add("mean", error=0.3)
    results.publish()
    put("first")
    assert len(fill_from(results.root).pages) == 1
    found = client_of(results.root).search_runs(
        [client_of(results.root).get_experiment_by_name("made").experiment_id],
        "tags.`mer.cell` != ''",
    )
    assert len(found) == 2


@pytest.mark.parametrize(
    "content", [None, "", "a: [", "flavors: {}", "flavors: {sklearn: {}}", "[1]", "flavors: 3"]
)
def test_a_folder_without_a_model_is_named(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "MLmodel").write_text(content)
    said = rf"{tmp_path}: holds no model that `benchmark train` logged"
    with pytest.raises(TrackingError, match=said):
        data_folder(tmp_path)
