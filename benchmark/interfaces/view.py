"""What a model sees of the frames."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import ClassVar

from benchmark.interfaces.arrays import Frames, Indices
from benchmark.interfaces.feature import Feature
from benchmark.records import SongFrames


class View(ABC):
    """What a model sees around each label, made on demand, never for a whole dataset."""

    averages: ClassVar[bool] = False
    """Whether its rows stand for the frames: taken as frames `LABEL_PERIOD` apart, the same rows
    come of them. So a song can be handed over in parts, whatever its length."""

    @abstractmethod
    def rows(self, song: SongFrames, which: Indices | None = None) -> Frames:
        """Return what is seen around the labels `which` (all by default): (len(which), ...)."""

    whole_songs: ClassVar[bool] = False
    """Whether a row can stand for a whole song, as a label of a whole song asks."""

    @property
    def reach(self) -> float:
        """Seconds of audio it sees on either side of the middle of a label, at most."""
        return math.inf

    def refusal(self, feature: Feature) -> str:
        """Say why this feature makes no sense here and what would; empty if it does."""
        return ""
