"""A third party's package: a feature, a model that can fail, and a broken entry point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from benchmark.interfaces import Extractor, Frames, Model, Predictor, View
from benchmark.models.mean import Mean
from benchmark.records import SongFrames

ANSWER = 42


@dataclass(frozen=True, kw_only=True)
class Loudness(Extractor):
    """Mean square of every tenth of a second, not overlapping."""

    name: ClassVar[str] = "loudness"

    rate: ClassVar[int] = 1000
    hop: ClassVar[float] = 0.1
    support: ClassVar[float] = 0.1
    n_bins: ClassVar[int] = 1

    def extract(self, samples: Frames) -> Frames:
        blocks = np.pad(samples, (0, -len(samples) % 100)).reshape(-1, 100)
        return np.square(blocks).mean(axis=1, keepdims=True)


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
