"""Models that take all label rows at once: their inputs, and the predictor they share."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.interfaces import Floats, Frames, Indices, Predictor, View
from benchmark.models._saved import seal, unsealed
from benchmark.records import SongFrames, TrainingCard

REGRESSOR = "regressor.skops"


def labels_of(song: SongFrames) -> Floats:
    """Return the labels of a song that is to be learned from."""
    if song.labels is None:
        raise ValueError(f"song {song.id} comes without labels: it is not for training")
    return song.labels


@dataclass(frozen=True)
class Rows:
    """What a regressor is fitted on.

    Attributes
    ----------
    inputs : array (n, ...), float32
    labels : array (n, n_targets)
    weights : array (n,)
        How many labels a row stands for.
    songs : array (n,) of int
        Which song a row is of.
    """

    inputs: Frames
    labels: Floats
    weights: Floats
    songs: Indices


def labelled_rows(view: View, songs: Sequence[SongFrames]) -> Rows:
    """Return a row per complete label.

    Of a feature with one vector a song, all labels see the same input: they become one row, their
    mean, weighted by their count. For a squared error that is the same.
    """
    inputs, labels, weights, owners = [], [], [], []
    for number, song in enumerate(songs):
        known = np.flatnonzero(np.isfinite(labels_of(song)).all(axis=1))
        values, weight = labels_of(song)[known], np.ones(len(known))
        if math.isinf(song.hop) and len(known):
            values, weight = values.mean(axis=0, keepdims=True), weight.sum(keepdims=True)
            known = known[:1]
        inputs.append(view.rows(song, known))
        labels.append(values)
        weights.append(weight)
        owners.append(np.full(len(known), number))
    return Rows(*(np.concatenate(parts) for parts in (inputs, labels, weights, owners)))


class RowPredictor(Predictor):
    """A fitted regressor of scikit-learn, or one in its style, applied to the rows of each song."""

    def __init__(self, regressor: Any, view: View, card: TrainingCard) -> None:
        self.card = card
        self._regressor = regressor
        self._view = view

    def predict(self, songs: Sequence[SongFrames]) -> list[Floats]:
        return [
            np.asarray(self._regressor.predict(self._view.rows(song)), dtype=np.float64).reshape(
                len(song.times), -1
            )
            for song in songs
        ]

    def save(self, folder: Path) -> None:
        import skops.io

        # Trees fitted on 100,000 labels are 2 GB of numbers, which this makes a third of.
        skops.io.dump(
            self._regressor,
            folder / REGRESSOR,
            compression=zipfile.ZIP_DEFLATED,
            compresslevel=1,
        )
        seal(folder)


def load_rows(folder: Path, view: View, *, trusted: Sequence[str] = ()) -> RowPredictor:
    """Return what a regressor of scikit-learn saved.

    `trusted` are the types it holds beside those that skops lets pass, scikit-learn's estimators
    and NumPy's arrays among them: any other is refused.
    """
    import skops.io

    with unsealed(folder):
        regressor = skops.io.load(folder / REGRESSOR, trusted=list(trusted))
        return RowPredictor(regressor, view, TrainingCard())
