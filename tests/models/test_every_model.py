"""What every model has to keep, whoever wrote it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from benchmark import registry
from benchmark.interfaces import Extractor, Model
from benchmark.records import SongFrames

QUICK = {
    "arousal_cnn": {"epochs": 1, "seconds": 0.5},
    "valence_lstm": {"epochs": 1, "units": 2, "scale": False},
    "xgboost_summary": {"n_estimators": 3, "min_child_weight": 1.0},
}
MODELS = [
    registry.component("models", name)(**QUICK.get(name, {})) for name in registry.names("models")
]
FEATURES = [registry.component("features", name)() for name in registry.names("features")]
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
MakeSongs = Callable[..., list[SongFrames]]


@pytest.mark.parametrize(
    ("extractor", "model"),
    list(product(FEATURES, MODELS)),
    ids=lambda component: component.name,
)
def test_every_feature_meets_every_model(
    extractor: Extractor, model: Model, tone: Callable[..., np.ndarray]
) -> None:
    assert model.view is None or model.view.refusal(extractor) == ""
    songs = []
    for seed in range(4):
        frames = extractor.extract(tone(4.0, rate=extractor.rate, seed=seed))
        labels = np.linspace(-0.5, 0.5, 5)[:, None] + 0.1 * seed
        songs.append(SongFrames(str(seed), frames, extractor.hop, np.arange(1, 3.5, 0.5), labels))
    predictor = model.fit(songs[:2], songs[2:3], seed=0)
    (values,) = predictor.predict([replace(songs[3], labels=None)])
    assert values.shape == (5, 1)
    assert values.dtype == np.float64
    assert np.isfinite(values).all()


@every_model
def test_nan_labels_are_masked(model: Model, make_songs: MakeSongs) -> None:
    """A song whose last ratings are missing teaches what the same song does, cut before them."""
    songs = make_songs(1, 4)
    first, second, held, test = songs
    short = replace(first, times=first.times[:-2], labels=first.labels[:-2])
    gone = replace(first, labels=np.concatenate([short.labels, np.full((2, 1), np.nan)]))
    (cut,) = model.fit([short, second], [held], seed=0).predict([test])
    (masked,) = model.fit([gone, second], [held], seed=0).predict([test])
    assert np.isfinite(masked).all()
    np.testing.assert_allclose(masked, cut, rtol=1e-5, atol=1e-6)


@every_model
def test_two_targets_can_be_learned_together(model: Model, make_songs: MakeSongs) -> None:
    songs = make_songs(1, 4, n_targets=2)
    predictor = model.fit(songs[:2], songs[2:3], seed=0)
    (values,) = predictor.predict(songs[3:])
    assert values.shape == (8, 2)
    assert not np.array_equal(values[:, 0], values[:, 1])


@every_model
def test_each_song_is_predicted_by_itself(model: Model, make_songs: MakeSongs) -> None:
    songs = make_songs(1, 5)
    predictor = model.fit(songs[:2], songs[2:3], seed=0)
    together = predictor.predict(songs[3:])
    for song, values in zip(songs[3:], together, strict=True):
        np.testing.assert_array_equal(predictor.predict([song])[0], values)
