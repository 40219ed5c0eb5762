"""Predictions of one model as the frames of a song come in.

A model that sees a few seconds around a label predicts block by block, with as many seconds of
overlap on either side as it sees. One that sees a song as a sequence of half seconds (an LSTM) has
these kept instead of frames, and predicts in the end, over the whole song.
"""

from __future__ import annotations

import math

import numpy as np

from benchmark.interfaces import Floats, Frames, Predictor, View
from benchmark.records import LABEL_PERIOD, SongFrames

BLOCK = 60.0
"""Seconds that are decoded, and predicted, at a time."""
BLOCK_LABELS = round(BLOCK / LABEL_PERIOD)


class Reading:
    """What a predictor says of one song.

    `view` is that of its model, None for one that looks at nothing; `hop` and `n_bins` are those of
    its feature.
    """

    def __init__(self, predictor: Predictor, view: View | None, *, hop: float, n_bins: int) -> None:
        self._predictor = predictor
        self._view = view
        self._averages = view is not None and view.averages
        self._hop = hop
        self._frames: Frames = np.empty((0, n_bins), dtype=np.float32)
        self._first = 0
        self._done = 0
        self._parts: list[Floats] = []
        self._rows: list[Frames] = []

    def push(self, frames: Frames) -> None:
        """Take the frames that follow."""
        if self._view is None:
            return
        self._frames = np.concatenate([self._frames, frames])
        reach = 0.0 if self._averages else self._view.reach
        if math.isinf(reach):
            return
        while self._covers(self._done + BLOCK_LABELS, reach):
            self._read(BLOCK_LABELS)
            keep = self._done * LABEL_PERIOD + LABEL_PERIOD / 2 - max(reach, LABEL_PERIOD / 2)
            spare = max(math.floor(keep / self._hop) - 1 - self._first, 0)
            spare -= spare % 2  # halfway between two frames, views round to the even one
            self._frames = self._frames[spare:]
            self._first += spare

    def finish(self, n_labels: int) -> Floats:
        """Return the predictions (n_labels, n_targets) of a song that has so many labels."""
        if n_labels > self._done:
            self._read(n_labels - self._done)
        if self._averages:
            return self._predict(np.concatenate(self._rows), LABEL_PERIOD, _times(0, n_labels))
        return np.concatenate(self._parts)[:n_labels]

    def _covers(self, labels: int, reach: float) -> bool:
        """Whether the frames are there that the first so many labels need."""
        end = labels * LABEL_PERIOD
        needed = max(end, end - LABEL_PERIOD / 2 + reach)
        return self._first + len(self._frames) > needed / self._hop + 1

    def _read(self, count: int) -> None:
        times = _times(self._done, count) - (self._first * self._hop if self._view else 0)
        if self._view is not None and self._averages:
            song = SongFrames("song", self._frames, self._hop, times)
            self._rows.append(self._view.rows(song))
        else:
            self._parts.append(self._predict(self._frames, self._hop, times))
        self._done += count

    def _predict(self, frames: Frames, hop: float, times: Floats) -> Floats:
        (values,) = self._predictor.predict([SongFrames("song", frames, hop, times)])
        return values


def _times(first: int, count: int) -> Floats:
    return LABEL_PERIOD * np.arange(first, first + count, dtype=np.float64)
