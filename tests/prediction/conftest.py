"""Trained models of a second's work, and what they say of songs, made by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from results import ORIGIN

from benchmark.features.mel import Mel
from benchmark.interfaces import Extractor, Model
from benchmark.models.ridge import Ridge
from benchmark.prediction.curves import SongPrediction
from benchmark.prediction.files import SongFile
from benchmark.prediction.forecast import Forecast
from benchmark.prediction.trained import Recipe, TrainedModel
from benchmark.records import SongFrames

MEL = Mel(n_mels=4)
RIDGE = Ridge(alphas=(1.0,), seconds=3.0)


@pytest.fixture(scope="session")
def make_trained(make_frames: Callable[..., SongFrames]) -> Callable[..., TrainedModel]:
    """Return a maker of models that are fitted on frames like those of their feature."""

    def make(
        model: Model = RIDGE, feature: Extractor | None = MEL, *, target: str = "arousal"
    ) -> TrainedModel:
        """Fit a model of a target, or of "arousal+valence"."""
        targets = tuple(target.split("+"))
        shape = {"n_bins": feature.n_bins, "hop": feature.hop} if feature else {}
        shape["n_targets"] = len(targets)
        songs = [make_frames(str(seed), seed=seed, n_labels=20, **shape) for seed in range(5)]
        recipe = Recipe(feature, model, targets, ORIGIN)
        return TrainedModel(recipe, model.fit(songs, songs[:1], seed=0))

    return make


@pytest.fixture(scope="session")
def make_forecast() -> Callable[..., Forecast]:
    """Return a maker of songs with curves."""

    def make(name: str = "a.mp3", path: Path | None = None, **curves: object) -> Forecast:
        values = {target: np.asarray(curve, dtype=float) for target, curve in curves.items()}
        values = values or {"arousal": np.linspace(-0.5, 0.5, 5), "valence": np.full(5, 0.25)}
        n_labels = len(next(iter(values.values())))
        prediction = SongPrediction(n_labels / 2, (), 0.5 * np.arange(n_labels), values)
        return Forecast(SongFile(name, path or Path("music") / name), prediction)

    return make
