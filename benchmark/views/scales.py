"""Statistics of the frames around each label over several lengths of time, up to the whole song."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Gt, MinLen

from benchmark.interfaces import Feature, Floats, Frames, Indices, View
from benchmark.records import SongFrames
from benchmark.views._sums import Stretches
from benchmark.views.summary import Summary

Seconds = Annotated[float, Gt(0)]
Lengths = Annotated[tuple[Seconds | Literal["song"], ...], MinLen(1)]
"""Lengths of windows around a label, in seconds; `song` is all of it."""


@dataclass(frozen=True)
class Scales(View):
    """Mean and SD over each length around a label: a row is (2 * n_lengths * n_bins,).

    Windows are centred on the middle of the label's half second and clipped to the song. For a
    label of the whole song there is one window, the song. Of a feature that has one vector a song,
    a row is that vector (n_bins,).
    """

    whole_songs: ClassVar[bool] = True

    lengths: Lengths

    def rows(self, song: SongFrames, which: Indices | None = None) -> Frames:
        times = song.times if which is None else song.times[which]
        if math.isinf(song.hop):
            return np.repeat(song.frames, len(times), axis=0)
        stretches = Stretches(song)
        whole = np.zeros(len(times)), np.full(len(times), (1 + len(song.frames)) * song.hop)
        lengths: Lengths = ("song",) if math.isinf(song.period) else self.lengths
        statistics: list[Floats] = []
        for length in lengths:
            if length == "song":
                statistics += stretches.mean_sd(*whole)
            else:
                middle = times + song.period / 2
                statistics += stretches.mean_sd(middle - length / 2, middle + length / 2)
        return np.concatenate(statistics, axis=1).astype(np.float32)

    @property
    def reach(self) -> float:
        return max(math.inf if length == "song" else length / 2 for length in self.lengths)

    def refusal(self, feature: Feature) -> str:
        shortest = min(math.inf if length == "song" else length for length in self.lengths)
        if shortest < feature.hop < math.inf:
            return (
                f"a window of {shortest:g} s may hold no frame at a hop of {feature.hop:g} s; "
                f"{feature.hop:g} s or more works"
            )
        return ""


def around(seconds: float | Lengths) -> View:
    """Return the summary of one length around a label, or that of several."""
    return Scales(seconds) if isinstance(seconds, tuple) else Summary(seconds)
