"""Frames of one extractor from samples that come in blocks: those it would make of all at once."""

from __future__ import annotations

import math

import numpy as np

from benchmark.interfaces import Extractor, Frames


class FrameStream:
    """Samples in, frames out as soon as no later sample can change them.

    An extractor whose hop is no whole number of samples has no grid to cut blocks on: its frames
    are all made at the end.
    """

    def __init__(self, extractor: Extractor) -> None:
        self._extractor = extractor
        self._hop = round(extractor.hop * extractor.rate)
        self._cuts = math.isclose(self._hop, extractor.hop * extractor.rate, rel_tol=1e-9)
        self._half = math.ceil(extractor.support * extractor.rate / 2)
        self._margin = math.ceil(self._half / self._hop) if self._cuts else 0
        self._grid = round(extractor.grid / extractor.hop)
        self._samples = np.empty(0, dtype=np.float32)
        self._first = 0
        """The frame centred on the first sample that is kept."""
        self._next = 0
        """The frame that is made next."""

    def push(self, samples: Frames, *, last: bool) -> Frames:
        """Return the frames (n_frames, n_bins) that have become final; all others if `last`."""
        self._samples = np.concatenate([self._samples, samples])
        heard = self._first * self._hop + len(self._samples)
        final = (heard - self._half) // self._hop + 1 if self._cuts else 0
        if not last and final <= self._next:
            return np.empty((0, self._extractor.n_bins), dtype=np.float32)
        made = self._extractor.extract(self._samples)
        frames = made[self._next - self._first :][: None if last else final - self._next]
        self._next += len(frames)
        first = max(self._next - self._margin, 0)
        first -= first % self._grid
        self._samples = self._samples[(first - self._first) * self._hop :]
        self._first = first
        return frames
