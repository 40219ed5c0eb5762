"""Patches of frames centred on each label: what a convolutional network takes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchmark.interfaces import Feature, Floats, Frames, Indices, View
from benchmark.records import LABEL_PERIOD, SongFrames

TINY = 1e-7
"""What the seed adds to an SD."""


@dataclass(frozen=True)
class Level:
    """Mean and SD of the frames of a song."""

    mean: float = 0.0
    sd: float = 1.0


@dataclass(frozen=True)
class Windows(View):
    """Windows of `seconds`, centred on the middle of the label's half second.

    A row is (n_window_frames, n_bins) with n_window_frames = 1 + floor(seconds / hop): the 71
    frames of the seed's 1.5 s at 12 kHz and a hop of 256. Where a window reaches past the song, its
    first or last frame is repeated. Standardised (by `window`), each has zero mean and unit SD (the
    SD enlarged by 1e-7, as the seed does: a silent window becomes zeros); by `song`, all frames of
    its song have.
    """

    seconds: float
    standardize: Literal["window", "song", "none"] = "window"

    def rows(self, song: SongFrames, which: Indices | None = None) -> Frames:
        times = song.times if which is None else song.times[which]
        return self.cut(song, times, level=self.level(song))

    def level(self, song: SongFrames) -> Level:
        """Return what its frames are standardised by before windows are cut."""
        if self.standardize != "song":
            return Level()
        frames = np.asarray(song.frames, dtype=np.float64)
        return Level(float(frames.mean()), float(frames.std()) + TINY)

    def cut(self, song: SongFrames, times: Floats, *, level: Level, more: int = 0) -> Frames:
        """Return windows that begin where those of the labels at `times` do, longer by `more`.

        (len(times), n_window_frames + more, n_bins).
        """
        frames = song.frames
        start = np.rint((times + (LABEL_PERIOD - self.seconds) / 2) / song.hop).astype(np.intp)
        index = start[:, None] + np.arange(self.length(song.hop) + more)
        windows: Frames = np.asarray(frames[np.clip(index, 0, len(frames) - 1)], dtype=np.float32)
        if self.standardize == "song":
            windows -= level.mean
            windows /= level.sd
        elif self.standardize == "window":
            windows -= windows.mean(axis=(1, 2), keepdims=True)
            windows /= windows.std(axis=(1, 2), keepdims=True) + np.float32(TINY)
        return windows

    def length(self, hop: float) -> int:
        """Return the number of frames in a window."""
        return 1 + int(self.seconds / hop + 1e-9)

    @property
    def reach(self) -> float:
        return math.inf if self.standardize == "song" else self.seconds / 2

    def refusal(self, feature: Feature) -> str:
        if math.isinf(feature.hop):
            return "one vector a song has no windows; ridge or xgboost_summary takes it"
        if feature.hop > self.seconds:
            return (
                f"a window of {self.seconds:g} s holds no two frames at a hop of "
                f"{feature.hop:g} s; make the window longer or the hop shorter"
            )
        return ""


def window_mean(labels: Floats, seconds: float) -> Floats:
    """Return, per label, the mean of the labels inside a window of `seconds` around it.

    A label lies inside if its whole half second does; NaN labels are passed over, and where all are
    NaN so is the mean. For 1.5 s that is the label and its two neighbours.

    Parameters
    ----------
    labels : array (n_labels, n_targets)
        Evenly spaced by `LABEL_PERIOD`.
    """
    reach = max(0, int((seconds / LABEL_PERIOD - 1) / 2 + 1e-9))
    padded = np.pad(labels, ((reach, reach), (0, 0)), constant_values=np.nan)
    stacked = np.stack([padded[shift : shift + len(labels)] for shift in range(2 * reach + 1)])
    known = np.isfinite(stacked)
    count = known.sum(axis=0)
    total = np.where(known, stacked, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
