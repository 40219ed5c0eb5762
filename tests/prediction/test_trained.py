from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmark.errors import BenchmarkError
from benchmark.features.chroma import Chroma
from benchmark.features.joined import Joined
from benchmark.features.mel import Mel
from benchmark.features.opensmile_means import OpensmileMeans
from benchmark.interfaces import Extractor, Model
from benchmark.models.mean import Mean
from benchmark.models.ridge import Ridge
from benchmark.models.stack import Stack
from benchmark.models.svr import Svr
from benchmark.prediction.trained import (
    TrainedError,
    TrainedModel,
    deafness,
    read,
    read_recipe,
    write,
)
from benchmark.records import SongFrames

Make = Callable[..., TrainedModel]


INNER = Joined(of=(Mel(n_mels=2), Chroma()))
NESTED = Joined(of=(INNER, Mel(n_mels=3)))
BLEND = Stack(of=(Svr(C=0.5, seconds=(3.0, "song")), Ridge(alphas=(1.0,), seconds=3.0)), folds=2)


@pytest.fixture
def folder(make_trained: Make, tmp_path: Path) -> Path:
    write(tmp_path / "trained", make_trained())
    return tmp_path / "trained"


@pytest.fixture(scope="module")
def nested(make_trained: Make, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that is not to be spoilt: of components that consist of others."""
    folder = tmp_path_factory.mktemp("nested") / "trained"
    write(folder, make_trained(BLEND, NESTED))
    return folder


def spoil(folder: Path, **changes: object) -> None:
    file = folder / "model.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


@pytest.mark.parametrize(
    ("model", "feature"), [(Mean(), None), (Ridge(alphas=(2.0, 3.0), seconds=4.0), Mel(n_mels=5))]
)
def test_a_model_comes_back_as_it_was(
    make_trained: Make,
    make_frames: Callable[..., SongFrames],
    tmp_path: Path,
    model: Model,
    feature: Extractor | None,
) -> None:
    trained = make_trained(model, feature, target="valence")
    write(tmp_path / "a" / "b", trained)
    back = read(tmp_path / "a" / "b")
    assert back.recipe.describe() == trained.recipe.describe()
    assert (back.recipe.model, back.recipe.feature) == (model, feature)
    assert back.recipe.targets == ("valence",)
    song = make_frames(seed=9, n_bins=5, n_labels=30)
    (expected,), (found,) = trained.predictor.predict([song]), back.predictor.predict([song])
    np.testing.assert_array_equal(found, expected)


def test_components_of_components_come_back_as_they_were(
    make_trained: Make, make_frames: Callable[..., SongFrames], nested: Path
) -> None:
    trained, back = make_trained(BLEND, NESTED), read(nested)
    assert (back.recipe.model, back.recipe.feature) == (BLEND, NESTED)
    assert back.recipe.label == trained.recipe.label
    song = make_frames(seed=9, n_bins=NESTED.n_bins, hop=NESTED.hop, n_labels=30)
    (expected,), (found,) = trained.predictor.predict([song]), back.predictor.predict([song])
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("group", "path", "name"),
    [
        ("feature", (0,), "joined"),
        ("feature", (0, 0), "mel"),
        ("feature", (0, 1), "chroma"),
        ("feature", (1,), "mel"),
        ("model", (0,), "svr"),
        ("model", (1,), "ridge"),
    ],
)
def test_another_version_of_a_part_is_named(
    nested: Path, tmp_path: Path, group: str, path: tuple[int, ...], name: str
) -> None:
    folder = shutil.copytree(nested, tmp_path / "trained")
    described = json.loads((folder / "model.json").read_text())[group]
    part = described
    for number in path:
        part = part["parameters"]["of"][number]
    part["version"] = 9
    spoil(folder, **{group: described})
    said = rf"model\.json: was trained with version 9 of {name}, here is \d; train it again"
    with pytest.raises(TrainedError, match=said):
        read_recipe(folder)


def test_a_part_that_is_not_installed_is_named(nested: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(nested, tmp_path / "trained")
    described = NESTED.describe()
    described["parameters"]["of"][1]["name"] = "loudness"
    spoil(folder, feature=described)
    said = r"feature\.of\[1\] \(loudness\): no feature 'loudness'.*or install what it needs"
    with pytest.raises(TrainedError, match=said):
        read_recipe(folder)


def test_no_code_is_stored(folder: Path) -> None:
    endings = {path.suffix for path in folder.rglob("*") if path.is_file()}
    assert endings == {".json", ".skops"}


@pytest.mark.parametrize(("group", "name"), [("model", "ridge"), ("feature", "mel")])
def test_a_model_of_another_version_is_named(folder: Path, group: str, name: str) -> None:
    described = json.loads((folder / "model.json").read_text())[group]
    spoil(folder, **{group: {**described, "version": 9}})
    said = rf"model\.json: was trained with version 9 of {name}, here is \d; train it again"
    with pytest.raises(TrainedError, match=said):
        read(folder)


def test_a_plugin_that_is_not_installed_is_named(folder: Path) -> None:
    spoil(folder, feature={"name": "loudness", "version": 1, "parameters": {}})
    with pytest.raises(TrainedError, match=r"no feature 'loudness'.*or install what it needs"):
        read(folder)


def test_a_plugin_is_found_where_it_is_installed(plugin: None, folder: Path) -> None:
    spoil(folder, feature={"name": "loudness", "version": 1, "parameters": {}})
    recipe = read_recipe(folder)
    assert recipe.feature
    assert recipe.label == "loudness / ridge(alphas=[1], seconds=3)"


@pytest.mark.parametrize(
    "changes",
    [
        {"feature": {"name": "mel", "version": 1, "parameters": {"n_mels": 0}}},
        {"feature": {"name": "mel", "version": 1, "parameters": {"bands": 4}}},
        {"feature": {"name": "mel", "version": 1}},
        {"feature": {"name": "mel", "version": 1, "parameters": [4]}},
        {"feature": {"name": "joined", "version": 1, "parameters": {"of": [3]}}},
        {"feature": {"name": "joined", "version": 1, "parameters": {"of": "mel"}}},
        {"feature": ["mel"]},
        {"model": None},
        {"model": "ridge"},
        {"targets": None},
        {"origin": "much"},
        {"origin": {"experiment": "made"}},
    ],
    ids=str,
)
def test_a_description_that_makes_no_sense_names_its_folder(
    folder: Path, changes: dict[str, object]
) -> None:
    spoil(folder, **changes)
    with pytest.raises(TrainedError, match=r"trained.*train it again"):
        read(folder)


@pytest.mark.parametrize("content", ["", '{"schema_version": 1', "[1]", "{}", "null", "\ud800"])
def test_a_damaged_description_names_its_folder(folder: Path, content: str) -> None:
    (folder / "model.json").write_bytes(content.encode(errors="surrogatepass"))
    with pytest.raises(TrainedError, match=r"trained: holds no trained model.*train it again"):
        read(folder)


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainedError, match=r"nowhere: holds no trained model .*No such file"):
        read(tmp_path / "nowhere")


def test_a_later_layout_is_named(folder: Path) -> None:
    spoil(folder, schema_version=2)
    with pytest.raises(TrainedError, match=r"model\.json: schema_version 2, this version reads 1"):
        read(folder)


def test_a_damaged_predictor_is_named_and_its_recipe_still_read(folder: Path) -> None:
    (folder / "predictor" / "regressor.skops").write_bytes(b"nothing")
    assert read_recipe(folder).targets == ("arousal",)
    with pytest.raises(BenchmarkError, match=r"regressor\.skops: not the file that was saved"):
        read(folder)


def test_only_what_hears_audio_as_it_goes_on_can_predict() -> None:
    class Whole(Mel):
        hop = float("inf")

    assert deafness(None) == deafness(Mel()) == ""
    assert deafness(OpensmileMeans()) == (
        "opensmile_means lies in a dataset and is not computed from audio"
    )
    assert "one vector a song" in deafness(Whole())
