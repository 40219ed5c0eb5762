"""Frames twice a second, each about the stretch of audio around it."""

from __future__ import annotations

import numpy as np

from benchmark.interfaces import Extractor, Floats, Indices

HOP = 0.5
"""Seconds between frames: as the labels."""


class TwiceASecond(Extractor):
    """What extractors of such frames share."""

    @property
    def hop(self) -> float:
        return HOP


def n_frames(n_samples: int, rate: int) -> int:
    """Return how many frames `HOP` apart begin in so many samples, the end included."""
    return 1 + int(n_samples / (HOP * rate) + 1e-9)


def stretches(count: int, seconds: float, hop: float, n_inner: int) -> tuple[Indices, Indices]:
    """Return for each of `count` frames the first inner frame around it, and the one past the last.

    `n_inner` inner frames are `hop` seconds apart; a stretch is clipped to them, and holds one at
    least.
    """
    middle = np.arange(count) * HOP
    first = np.ceil((middle - seconds / 2) / hop - 1e-6).astype(np.intp)
    past = np.ceil((middle + seconds / 2) / hop - 1e-6).astype(np.intp)
    first = np.clip(first, 0, n_inner - 1)
    return first, np.clip(past, first + 1, n_inner)


def means(values: Floats, first: Indices, past: Indices) -> Floats:
    """Return the means of `values` (n_inner, n_bins) over stretches: (n_stretches, n_bins)."""
    sums = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    averaged: Floats = (sums[past] - sums[first]) / (past - first)[:, None]
    return averaged
