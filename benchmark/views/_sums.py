"""Means and SDs over many stretches of one song, by running sums."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchmark.interfaces import Floats
from benchmark.records import SongFrames


class Stretches:
    """Statistics of the frames centred in [start, stop) seconds, clipped to the song.

    A stretch beyond the song, or shorter than a hop, takes the nearest frame.
    """

    def __init__(self, song: SongFrames) -> None:
        frames = np.asarray(song.frames, dtype=np.float64)
        self._centre = frames.mean(axis=0)
        frames = frames - self._centre
        self._hop = song.hop
        self._last = len(frames) - 1
        zero = np.zeros((1, frames.shape[1]))
        self._sums = np.concatenate([zero, np.cumsum(frames, axis=0)])
        self._squares = np.concatenate([zero, np.cumsum(frames**2, axis=0)])

    def mean_sd(self, start: Floats, stop: Floats) -> tuple[Floats, Floats]:
        """Return mean and SD (ddof 0), each (n_stretches, n_bins)."""
        first = np.clip(self._frame(start), 0, self._last)
        past = np.clip(self._frame(stop), first + 1, self._last + 1)
        count = (past - first)[:, None]
        mean = (self._sums[past] - self._sums[first]) / count
        variance = (self._squares[past] - self._squares[first]) / count - mean**2
        return mean + self._centre, np.sqrt(np.maximum(variance, 0.0))

    def _frame(self, seconds: Floats) -> npt.NDArray[np.intp]:
        """Return the first frame centred at or after `seconds`."""
        return np.ceil(seconds / self._hop - 1e-6).astype(np.intp)
