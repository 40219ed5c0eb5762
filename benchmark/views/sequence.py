"""One averaged frame per label, in order: what a recurrent network takes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from benchmark.interfaces import Feature, Frames, Indices, View
from benchmark.records import LABEL_PERIOD, SongFrames
from benchmark.views._sums import Stretches


@dataclass(frozen=True)
class Sequence(View):
    """The frames centred in each label's half second, averaged: a row is (n_bins,)."""

    averages: ClassVar[bool] = True

    def rows(self, song: SongFrames, which: Indices | None = None) -> Frames:
        times = song.times if which is None else song.times[which]
        mean, _ = Stretches(song).mean_sd(times, times + LABEL_PERIOD)
        return mean.astype(np.float32)

    def refusal(self, feature: Feature) -> str:
        if math.isinf(feature.hop):
            return "one vector a song is no sequence; ridge or xgboost_summary takes it"
        if feature.hop > LABEL_PERIOD:
            return (
                f"a hop of {feature.hop:g} s leaves half seconds without a frame; "
                f"a hop of {LABEL_PERIOD:g} s or less works"
            )
        return ""
