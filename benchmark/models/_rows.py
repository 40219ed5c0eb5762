"""Models that take all label rows at once: their inputs, and the predictor they share."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.errors import BenchmarkError
from benchmark.interfaces import Floats, Frames, Indices, Predictor, View
from benchmark.models._saved import seal, unsealed
from benchmark.records import LABEL_PERIOD, SongFrames, TrainingCard

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
    """

    inputs: Frames
    labels: Floats
    weights: Floats


@dataclass(frozen=True)
class Known:
    """What a song gives to learn from: labels, where they stand in it, and what each counts.

    `which` are the places of the labels whose rows are learned from.
    """

    which: Indices
    labels: Floats
    weights: Floats


def known(song: SongFrames) -> Known:
    """Return the complete labels of a song.

    Of a feature with one vector a song, all labels see the same input: they become one, their mean,
    weighted by their count. For a squared error that is the same.
    """
    which = np.flatnonzero(np.isfinite(labels_of(song)).all(axis=1))
    labels, weights = labels_of(song)[which], np.ones(len(which))
    if math.isinf(song.hop) and len(which):
        labels, weights = labels.mean(axis=0, keepdims=True), weights.sum(keepdims=True)
        which = which[:1]
    return Known(which, labels, weights)


def labelled_rows(view: View, songs: Sequence[SongFrames]) -> Rows:
    """Return a row per label that `known` has, all songs together."""
    parts = [known(song) for song in songs]
    stops = np.cumsum([len(part.which) for part in parts])
    inputs: Frames = np.empty((0, 0), dtype=np.float32)
    for song, part, stop in zip(songs, parts, stops, strict=True):
        rows = view.rows(song, part.which)
        if not inputs.size:  # all at once: parts that are joined would be there twice
            inputs = np.empty((stops[-1], *rows.shape[1:]), dtype=np.float32)
        inputs[stop - len(rows) : stop] = rows
    return Rows(
        inputs,
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.weights for part in parts]),
    )


def averaged_rows(view: View, songs: Sequence[SongFrames], seconds: float) -> Rows:
    """Return a row for every `seconds` of each song: the mean of those of its labels.

    Labels half a second apart say almost the same, and what a kernel costs grows with the square of
    the rows.
    """
    parts = [rows for song in songs if len((rows := labelled_rows(view, [song])).labels)]
    if not parts:
        raise BenchmarkError("no training song has a complete label; nothing can be learned")
    several = max(1, round(seconds / LABEL_PERIOD))
    averaged = [_averaged(rows, several) for rows in parts]
    return Rows(
        np.concatenate([rows.inputs for rows in averaged]),
        np.concatenate([rows.labels for rows in averaged]),
        np.concatenate([rows.weights for rows in averaged]),
    )


def _averaged(rows: Rows, several: int) -> Rows:
    """Return the weighted mean of every `several` rows."""
    starts = np.arange(0, len(rows.inputs), several)
    weights = np.add.reduceat(rows.weights, starts)

    def mean(values: Floats | Frames) -> Floats:
        summed: Floats = np.add.reduceat(values * rows.weights[:, None], starts, axis=0)
        return summed / weights[:, None]

    return Rows(mean(rows.inputs).astype(np.float32), mean(rows.labels), weights)


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
