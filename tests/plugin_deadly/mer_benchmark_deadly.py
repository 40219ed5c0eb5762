"""A third party's feature that some songs are too loud for: its process is killed by them."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from benchmark.interfaces import Extractor, Frames


@dataclass(frozen=True, kw_only=True)
class Deadly(Extractor):
    """The level of every tenth of a second; full scale kills, as the system does without memory."""

    name: ClassVar[str] = "deadly"

    rate: ClassVar[int] = 1000
    hop: ClassVar[float] = 0.1
    support: ClassVar[float] = 0.1
    n_bins: ClassVar[int] = 1

    def extract(self, samples: Frames) -> Frames:
        if np.abs(samples).max(initial=0) > 0.9:
            os.kill(os.getpid(), signal.SIGKILL)
        blocks = np.pad(samples, (0, 100 - len(samples) % 100)).reshape(-1, 100)
        return np.abs(blocks).mean(axis=1, keepdims=True)
