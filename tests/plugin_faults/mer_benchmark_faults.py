"""A third party's models that go wrong with their process, or take their time."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from benchmark.interfaces import Model, Predictor, View
from benchmark.models.mean import Mean
from benchmark.records import SongFrames


@dataclass(frozen=True, kw_only=True)
class Doomed(Model):
    """Kills its process, as the system does when memory is short."""

    name: ClassVar[str] = "doomed"

    @property
    def view(self) -> View | None:
        return None

    def fit(
        self, train: Sequence[SongFrames], validation: Sequence[SongFrames], *, seed: int
    ) -> Predictor:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("still alive")


@dataclass(frozen=True, kw_only=True)
class Slow(Model):
    """The mean, after some seconds."""

    name: ClassVar[str] = "slow"

    seconds: float = 1.0

    @property
    def view(self) -> View | None:
        return None

    def fit(
        self, train: Sequence[SongFrames], validation: Sequence[SongFrames], *, seed: int
    ) -> Predictor:
        time.sleep(self.seconds)
        return Mean().fit(train, validation, seed=seed)
