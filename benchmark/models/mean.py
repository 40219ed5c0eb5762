"""The constant predictor: the mean training label. What every row has to beat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from benchmark.interfaces import Floats, Model, Predictor, View
from benchmark.models._rows import labels_of
from benchmark.models._saved import seal, unsealed
from benchmark.records import SongFrames, TrainingCard

VALUE = "value.npz"


@dataclass(frozen=True, kw_only=True)
class Mean(Model):
    """Constant: the mean of all training labels. Needs no feature."""

    name: ClassVar[str] = "mean"
    validates: ClassVar[bool] = False

    @property
    def view(self) -> View | None:
        return None

    def fit(
        self, train: Sequence[SongFrames], validation: Sequence[SongFrames], *, seed: int
    ) -> Predictor:
        labels = np.concatenate([labels_of(song) for song in train])
        known = int(np.isfinite(labels).any(axis=1).sum())
        value = np.nanmean(labels, axis=0)
        card = TrainingCard(parameters=len(value), trainable_parameters=len(value), examples=known)
        return Constant(value, card)

    def load(self, folder: Path) -> Predictor:
        with unsealed(folder), np.load(folder / VALUE, allow_pickle=False) as arrays:
            return Constant(arrays["value"], TrainingCard())


class Constant(Predictor):
    """Predicts the same value for every label."""

    def __init__(self, value: Floats, card: TrainingCard) -> None:
        self.value = value
        self.card = card

    def predict(self, songs: Sequence[SongFrames]) -> list[Floats]:
        return [np.tile(self.value, (len(song.times), 1)) for song in songs]

    def save(self, folder: Path) -> None:
        np.savez(folder / VALUE, value=self.value)
        seal(folder)
