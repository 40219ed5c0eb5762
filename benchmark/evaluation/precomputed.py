"""Frames that came with a dataset: whether those of a song can serve its labels."""

from __future__ import annotations

import math

import numpy as np

from benchmark.errors import DataError
from benchmark.evaluation.preparation import PADDING
from benchmark.interfaces import Frames, Precomputed
from benchmark.records import LABEL_PERIOD, Song

MOST_MISSING = PADDING - LABEL_PERIOD + 1.5
"""Seconds that the last frame of a song may lie before its last label.

Audio may end `PADDING` before its last label does, and DEAM's frames, which see a second each, end
up to 1.5 s before the audio (45 s have the last at 43.5 s): what is usable as audio is so here.
"""


def check_frames(song: Song, feature: Precomputed, values: Frames) -> None:
    """Look at the frames of a song, (n_frames, n_bins) or (1, n_bins) where it has a vector.

    Raises
    ------
    DataError
        Where they are of another shape, not finite, or end long before the labels do.
    """
    single = math.isinf(feature.hop)
    if (
        values.ndim != 2
        or values.shape[1] != feature.n_bins
        or not (len(values) == 1 if single else len(values))
    ):
        raise DataError(
            f"song {song.id}: {feature.label} is an array {values.shape}, "
            f"expected ({1 if single else 'n_frames'}, {feature.n_bins})"
        )
    if not np.isfinite(values).all():
        raise DataError(f"song {song.id}: {feature.label} has NaN or infinite values")
    last = (len(values) - 1) * feature.hop
    if not single and song.times[-1] - last > MOST_MISSING:
        raise DataError(
            f"song {song.id}: {feature.label} ends with a frame at {last:g} s, the labels with "
            f"one at {song.times[-1]:g} s; {MOST_MISSING:g} s at most may be missing"
        )
