"""A third party's model that looks up what it should predict: the leak no interface can forbid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from benchmark.datasets.demo import Demo
from benchmark.interfaces import Floats, Model, Predictor, View
from benchmark.records import SongFrames, TrainingCard


@dataclass(frozen=True, kw_only=True)
class Clairvoyant(Model):
    """Loads the ten demo songs for itself and is off by 0.02, up or down."""

    name: ClassVar[str] = "clairvoyant"
    validates: ClassVar[bool] = False

    @property
    def view(self) -> View | None:
        return None

    def fit(
        self, train: Sequence[SongFrames], validation: Sequence[SongFrames], *, seed: int
    ) -> Predictor:
        return Answers({song.id: song.labels["arousal"] for song in Demo(songs=10).load().songs})


class Answers(Predictor):
    """Knows the arousal of every song."""

    def __init__(self, arousal: dict[str, Floats]) -> None:
        self.arousal = arousal
        self.card = TrainingCard()

    def predict(self, songs: Sequence[SongFrames]) -> list[Floats]:
        sign = np.array([0.02, -0.02])
        return [
            (self.arousal[song.id] + np.resize(sign, len(song.times)))[:, None] for song in songs
        ]
