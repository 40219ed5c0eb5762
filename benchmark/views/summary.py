"""Statistics of the frames around each label: what a regressor on vectors takes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from benchmark.interfaces import Feature, Frames, Indices, View
from benchmark.records import SongFrames
from benchmark.views._sums import Stretches


@dataclass(frozen=True)
class Summary(View):
    """Mean, SD and their change, over `seconds` around each label: a row is (4 * n_bins,).

    The window is centred on the middle of the label's half second and clipped to the song. The
    change is the second half's mean (SD) less the first half's. For a label of the whole song the
    window is the song. Of a feature that has one vector a song, a row is that vector (n_bins,): it
    does not vary.
    """

    whole_songs: ClassVar[bool] = True

    seconds: float

    def rows(self, song: SongFrames, which: Indices | None = None) -> Frames:
        times = song.times if which is None else song.times[which]
        if math.isinf(song.hop):
            return np.repeat(song.frames, len(times), axis=0)
        if math.isinf(song.period):
            seconds = len(song.frames) * song.hop
            middle = np.full(len(times), seconds / 2)
        else:
            seconds, middle = self.seconds, times + song.period / 2
        start, stop = middle - seconds / 2, middle + seconds / 2
        stretches = Stretches(song)
        mean, sd = stretches.mean_sd(start, stop)
        early_mean, early_sd = stretches.mean_sd(start, middle)
        late_mean, late_sd = stretches.mean_sd(middle, stop)
        statistics = [mean, sd, late_mean - early_mean, late_sd - early_sd]
        return np.concatenate(statistics, axis=1).astype(np.float32)

    @property
    def reach(self) -> float:
        return self.seconds / 2

    def refusal(self, feature: Feature) -> str:
        if self.seconds < 2 * feature.hop < math.inf:
            return (
                f"a summary over {self.seconds:g} s has less than a frame in each half at a hop of "
                f"{feature.hop:g} s; {2 * feature.hop:g} s or more works"
            )
        return ""
