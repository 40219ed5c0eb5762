"""A third party's package: a feature, a model of it, one that can fail, a broken entry point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Gt

from benchmark.interfaces import Extractor, Floats, Frames, Model, Predictor, View
from benchmark.models import labelled_rows
from benchmark.models.mean import Mean
from benchmark.records import SongFrames, TrainingCard
from benchmark.views import Summary

ANSWER = 42


@dataclass(frozen=True, kw_only=True)
class Loudness(Extractor):
    """Mean square of every tenth of a second, not overlapping."""

    name: ClassVar[str] = "loudness"
    source: ClassVar[str] = "A. Third Party 2026"

    rate: ClassVar[int] = 1000
    hop: ClassVar[float] = 0.1
    support: ClassVar[float] = 0.1
    n_bins: ClassVar[int] = 1

    def extract(self, samples: Frames) -> Frames:
        blocks = np.pad(samples, (0, -len(samples) % 100)).reshape(-1, 100)
        return np.square(blocks).mean(axis=1, keepdims=True)


@dataclass(frozen=True, kw_only=True)
class Halves(Model):
    """Two means: of labels where the first value is below its median, and of the others."""

    name: ClassVar[str] = "halves"
    source: ClassVar[str] = "A. Third Party 2026"
    validates: ClassVar[bool] = False

    seconds: Annotated[float, Gt(0)] = 6.0

    @property
    def view(self) -> View:
        return Summary(self.seconds)

    def fit(
        self, train: Sequence[SongFrames], validation: Sequence[SongFrames], *, seed: int
    ) -> Predictor:
        rows = labelled_rows(self.view, train)
        first = rows.inputs[:, 0]
        median = float(np.median(first))
        means = [rows.labels[half].mean(axis=0) for half in (first <= median, first >= median)]
        card = TrainingCard(trainable_parameters=1 + np.size(means), examples=len(first))
        return Step(self.view, median, np.array(means), card)

    def load(self, folder: Path) -> Predictor:
        with np.load(folder / "step.npz", allow_pickle=False) as kept:
            return Step(self.view, float(kept["median"]), kept["means"], TrainingCard())


class Step(Predictor):
    """Predicts one of two values, (2, n_targets), by the first value around a label."""

    def __init__(self, view: View, median: float, means: Floats, card: TrainingCard) -> None:
        self.card = card
        self._view, self._median, self._means = view, median, means

    def predict(self, songs: Sequence[SongFrames]) -> list[Floats]:
        firsts = [self._view.rows(song)[:, 0] for song in songs]
        return [self._means[(first > self._median).astype(int)] for first in firsts]

    def save(self, folder: Path) -> None:
        np.savez(folder / "step.npz", median=self._median, means=self._means)


@dataclass(frozen=True, kw_only=True)
class Moody(Model):
    """The mean, once there is a file `consolation`; before that, every fit fails."""

    name: ClassVar[str] = "moody"

    consolation: Path

    @property
    def view(self) -> View | None:
        return None

    def fit(
        self, train: Sequence[SongFrames], validation: Sequence[SongFrames], *, seed: int
    ) -> Predictor:
        if not self.consolation.exists():
            raise ArithmeticError("not today")
        return Mean().fit(train, validation, seed=seed)
