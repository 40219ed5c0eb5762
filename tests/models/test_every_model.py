"""What every model has to keep, whoever wrote it."""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from math import isinf
from pathlib import Path

import numpy as np
import pytest

from benchmark import registry
from benchmark.errors import BenchmarkError
from benchmark.interfaces import Extractor, Feature, Model, Predictor
from benchmark.models._saved import SEAL, seal
from benchmark.models.svr import Svr
from benchmark.models.xgboost_summary import XgboostSummary
from benchmark.records import SongFrames, TrainingCard
from benchmark.watch import watched

QUICK = {
    "arousal_cnn": {"epochs": 1, "seconds": 0.5},
    "valence_lstm": {"epochs": 1, "units": 2, "scale": False},
    "stacked_crnn": {"epochs": 1, "filters": 2, "units": 2},
    "xgboost_summary": {"n_estimators": 3, "min_child_weight": 1.0},
    "xgboost_context": {"n_estimators": 3},
    "extra_trees": {"n_estimators": 5},
    "stack": {"of": (Svr(), XgboostSummary(n_estimators=3, min_child_weight=1.0)), "folds": 2},
}
MODELS = [
    registry.component("models", name)(**QUICK.get(name, {})) for name in registry.names("models")
]
FEATURES = [registry.component("features", name)() for name in registry.names("features")]
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
MakeSongs = Callable[..., list[SongFrames]]


@cache
def frames_of(feature: Feature, seed: int, tone: Callable[..., np.ndarray]) -> np.ndarray:
    """Return four seconds of an extractor, or one frame of what lies in a dataset."""
    if isinstance(feature, Extractor):
        return feature.extract(tone(4.0, rate=feature.rate, seed=seed))
    random = np.random.default_rng(seed)
    return random.normal(size=(1, feature.n_bins)).astype(np.float32)


def fitted(model: Model, songs: list[SongFrames]) -> Predictor:
    """Fit on two songs and validate on a third, or as a job does with a model without choices."""
    if model.validates:
        return model.fit(songs[:2], songs[2:3], seed=0)
    return model.fit(songs[:3], [], seed=0)


@pytest.mark.parametrize(
    ("feature", "model"),
    # What networks make of `arrays` they make of `mel`: bands 256 samples apart.
    [(f, m) for f, m in product(FEATURES, MODELS) if not (f.name == "arrays" and m.validates)],
    ids=lambda component: component.name,
)
def test_every_feature_meets_every_model_that_takes_it(
    feature: Feature, model: Model, tone: Callable[..., np.ndarray]
) -> None:
    refusal = model.view.refusal(feature) if model.view else ""
    if isinf(feature.hop) and model.view and not model.view.whole_songs:
        assert "one vector a song" in refusal and "ridge or xgboost_summary takes it" in refusal
        return
    assert refusal == ""
    songs = []
    for seed in range(4):
        frames = frames_of(feature, seed, tone)
        labels = np.linspace(-0.5, 0.5, 5)[:, None] + 0.1 * seed
        songs.append(SongFrames(str(seed), frames, feature.hop, np.arange(1, 3.5, 0.5), labels))
    (values,) = fitted(model, songs).predict([replace(songs[3], labels=None)])
    assert values.shape == (5, 1)
    assert values.dtype == np.float64
    assert np.isfinite(values).all()


@every_model
def test_a_model_that_validates_nothing_does_not_look_at_validation_songs(
    model: Model, make_songs: MakeSongs
) -> None:
    if model.validates:
        pytest.skip("it does look at them")
    songs = make_songs(1, 5)
    lied_to = [replace(song, labels=1 - song.labels) for song in songs[2:4]]
    without, with_them, with_lies = (
        model.fit(songs[:2], validation, seed=0).predict(songs[4:])
        for validation in ([], songs[2:4], lied_to)
    )
    np.testing.assert_array_equal(without, with_them)
    np.testing.assert_array_equal(without, with_lies)


@every_model
def test_nan_labels_are_masked(model: Model, make_songs: MakeSongs) -> None:
    """A song whose last ratings are missing teaches what the same song does, cut before them."""
    songs = make_songs(1, 4)
    first, second, held, test = songs
    short = replace(first, times=first.times[:-2], labels=first.labels[:-2])
    gone = replace(first, labels=np.concatenate([short.labels, np.full((2, 1), np.nan)]))
    (cut,) = fitted(model, [short, second, held]).predict([test])
    (masked,) = fitted(model, [gone, second, held]).predict([test])
    assert np.isfinite(masked).all()
    np.testing.assert_allclose(masked, cut, rtol=1e-5, atol=1e-6)


@every_model
def test_a_model_that_trains_in_epochs_tells_each_of_them(
    model: Model, make_songs: MakeSongs
) -> None:
    heard: list[tuple[int, float]] = []
    with watched(lambda epoch, loss: heard.append((epoch, loss))):
        card = fitted(model, make_songs(1, 3)).card
    if not model.trains_in_epochs:
        assert heard == []
        return
    assert [epoch for epoch, _ in heard] == list(range(1, card.epochs + 1)) != []
    assert tuple(loss for _, loss in heard) == card.curves["validation_loss"]


@every_model
def test_two_targets_can_be_learned_together(model: Model, make_songs: MakeSongs) -> None:
    songs = make_songs(1, 4, n_targets=2)
    predictor = fitted(model, songs)
    (values,) = predictor.predict(songs[3:])
    assert values.shape == (8, 2)
    assert not np.array_equal(values[:, 0], values[:, 1])


@every_model
def test_of_two_targets_only_labels_that_have_both_are_learned(
    model: Model, make_songs: MakeSongs
) -> None:
    """The constant, which looks at no input, and branches take each target by itself."""
    first, second, held, test = make_songs(1, 4, n_targets=2)
    half, neither = first.labels.copy(), first.labels.copy()
    half[-2:, 1] = half[:1, 0] = np.nan
    neither[-2:] = neither[:1] = np.nan
    (halved,) = fitted(model, [replace(first, labels=half), second, held]).predict([test])
    (gone,) = fitted(model, [replace(first, labels=neither), second, held]).predict([test])
    assert np.isfinite(halved).all()
    if model.name == "stacked_crnn":
        assert not np.array_equal(halved, gone)
    elif model.view:
        np.testing.assert_array_equal(halved, gone)
    else:
        rated = np.concatenate([half, second.labels, held.labels])
        np.testing.assert_allclose(halved, np.tile(np.nanmean(rated, axis=0), (8, 1)))


@every_model
def test_each_song_is_predicted_by_itself(model: Model, make_songs: MakeSongs) -> None:
    songs = make_songs(1, 5)
    predictor = fitted(model, songs)
    together = predictor.predict(songs[3:])
    for song, values in zip(songs[3:], together, strict=True):
        np.testing.assert_array_equal(predictor.predict([song])[0], values)


@dataclass(frozen=True)
class Saved:
    """A folder with a folder per model, songs, and what each model said of them."""

    root: Path
    songs: list[SongFrames]
    said: dict[str, list[np.ndarray]]


@pytest.fixture(scope="module")
def saved(make_songs: MakeSongs, tmp_path_factory: pytest.TempPathFactory) -> Saved:
    root, songs = tmp_path_factory.mktemp("models"), make_songs(1, 5)
    said = {}
    for model in MODELS:
        predictor = fitted(model, songs)
        (root / model.name).mkdir()
        predictor.save(root / model.name)
        said[model.name] = predictor.predict(songs[3:])
    return Saved(root, songs[3:], said)


@every_model
def test_every_registered_model_can_be_saved_and_loaded(model: Model, saved: Saved) -> None:
    predictor = model.load(saved.root / model.name)
    assert isinstance(predictor.card, TrainingCard)
    for values, said in zip(predictor.predict(saved.songs), saved.said[model.name], strict=True):
        assert values.dtype == np.float64
        np.testing.assert_array_equal(values, said)


FRESH = """
import pickle
from pathlib import Path

import numpy as np

models, songs = pickle.loads(Path("asked").read_bytes())
for model in models:
    np.savez(model.name, *model.load(Path(model.name)).predict(songs))
"""


def test_a_fresh_process_predicts_the_same_numbers(saved: Saved) -> None:
    (saved.root / "asked").write_bytes(pickle.dumps((MODELS, saved.songs)))
    subprocess.run([sys.executable, "-c", FRESH], cwd=saved.root, check=True)
    for model in MODELS:
        with np.load(saved.root / f"{model.name}.npz") as told:
            for values, said in zip(told.values(), saved.said[model.name], strict=True):
                np.testing.assert_array_equal(values, said)


def files_in(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


@every_model
def test_a_damaged_file_is_named_with_what_would_work(
    model: Model, saved: Saved, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    for name in files_in(saved.root / model.name):
        shutil.copytree(saved.root / model.name, folder)
        whole = (folder / name).read_bytes()
        flipped = bytes([*whole[:-40], whole[-40] ^ 1, *whole[-39:]])
        for damaged in (whole[: len(whole) // 2], b"", flipped):
            (folder / name).write_bytes(damaged)
            with pytest.raises(BenchmarkError, match=r"model.*: .*train .* again") as raised:
                model.load(folder)
            assert "\n" not in str(raised.value)
        (folder / name).unlink()
        with pytest.raises(BenchmarkError, match=rf"model/{name}.*; train .* again"):
            model.load(folder)
        shutil.rmtree(folder)
    with pytest.raises(BenchmarkError, match=r"model.*; train .* again"):
        model.load(folder)


@every_model
def test_a_file_that_is_something_else_is_refused(
    model: Model, saved: Saved, tmp_path: Path
) -> None:
    """Its digest is right; the library that reads it finds nothing that it knows."""
    folder = tmp_path / "model"
    for name in [name for name in files_in(saved.root / model.name) if Path(name).name != SEAL]:
        shutil.copytree(saved.root / model.name, folder)
        (folder / name).write_bytes(b"something else")
        seal((folder / name).parent)
        with pytest.raises(
            BenchmarkError, match=r"no model .* from .*/model.*: .*; train .* again"
        ):
            model.load(folder)
        shutil.rmtree(folder)


def test_what_cannot_be_saved_says_what_it_wants(tmp_path: Path) -> None:
    class Foreign(Predictor):
        def predict(self, songs: list[SongFrames]) -> list[np.ndarray]:
            return []

    class Other(Model):
        name = "other"
        view = None

        def fit(self, train: object, validation: object, *, seed: int) -> Predictor:
            return Foreign()

    with pytest.raises(BenchmarkError, match=r"Foreign cannot be saved: it wants a method `save`"):
        Foreign().save(tmp_path)
    with pytest.raises(BenchmarkError, match=r"Other cannot be loaded: it wants a method `load`"):
        Other().load(tmp_path)
