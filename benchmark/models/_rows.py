"""Models that take all label rows at once: their inputs, and the predictor they share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmark.interfaces import Floats, Frames, Predictor, View
from benchmark.records import SongFrames, TrainingCard


def labels_of(song: SongFrames) -> Floats:
    """Return the labels of a song that is to be learned from."""
    if song.labels is None:
        raise ValueError(f"song {song.id} comes without labels: it is not for training")
    return song.labels


def labelled_rows(view: View, songs: Sequence[SongFrames]) -> tuple[Frames, Floats]:
    """Return inputs (n, ...) and labels (n, n_targets) of all songs, for complete labels only."""
    inputs, labels = [], []
    for song in songs:
        known = np.flatnonzero(np.isfinite(labels_of(song)).all(axis=1))
        inputs.append(view.rows(song, known))
        labels.append(labels_of(song)[known])
    return np.concatenate(inputs), np.concatenate(labels)


class RowPredictor(Predictor):
    """A fitted scikit-learn style regressor, applied to the rows of each song."""

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
