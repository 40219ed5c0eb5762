"""What every model has to keep, whoever wrote it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from math import isinf

import numpy as np
import pytest

from benchmark import registry
from benchmark.interfaces import Extractor, Feature, Model, Predictor
from benchmark.records import SongFrames
from benchmark.watch import watched

QUICK = {
    "arousal_cnn": {"epochs": 1, "seconds": 0.5},
    "valence_lstm": {"epochs": 1, "units": 2, "scale": False},
    "xgboost_summary": {"n_estimators": 3, "min_child_weight": 1.0},
    "extra_trees": {"n_estimators": 5},
}
MODELS = [
    registry.component("models", name)(**QUICK.get(name, {})) for name in registry.names("models")
]
FEATURES = [registry.component("features", name)() for name in registry.names("features")]
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
MakeSongs = Callable[..., list[SongFrames]]


def fitted(model: Model, songs: list[SongFrames]) -> Predictor:
    """Fit on two songs and validate on a third, or as a job does with a model without choices."""
    if model.validates:
        return model.fit(songs[:2], songs[2:3], seed=0)
    return model.fit(songs[:3], [], seed=0)


@pytest.mark.parametrize(
    ("feature", "model"),
    list(product(FEATURES, MODELS)),
    ids=lambda component: component.name,
)
def test_every_feature_meets_every_model_that_takes_it(
    feature: Feature, model: Model, tone: Callable[..., np.ndarray]
) -> None:
    refusal = model.view.refusal(feature) if model.view else ""
    if isinf(feature.hop) and model.validates:
        assert "one vector a song" in refusal and "ridge or xgboost_summary takes it" in refusal
        return
    assert refusal == ""
    songs = []
    for seed in range(4):
        if isinstance(feature, Extractor):
            frames = feature.extract(tone(4.0, rate=feature.rate, seed=seed))
        else:
            random = np.random.default_rng(seed)
            frames = random.normal(size=(1, feature.n_bins)).astype(np.float32)
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
def test_each_song_is_predicted_by_itself(model: Model, make_songs: MakeSongs) -> None:
    songs = make_songs(1, 5)
    predictor = fitted(model, songs)
    together = predictor.predict(songs[3:])
    for song, values in zip(songs[3:], together, strict=True):
        np.testing.assert_array_equal(predictor.predict([song])[0], values)
