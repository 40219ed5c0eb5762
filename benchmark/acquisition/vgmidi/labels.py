"""From values a stretch of the piece to labels twice a second; the cleaning rule stands here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmark.acquisition.vgmidi.ratings import Piece
from benchmark.errors import DataError
from benchmark.interfaces import Floats
from benchmark.layout.tables import FIRST_LABEL, STEP
from benchmark.records import TARGETS

FEWEST = 2
"""Raters that a label needs for a deviation."""


RULE = """\
1. The values a rater gave belong to as many equal parts of the piece, from its start to the end of
   its MIDI. (The duration the ratings come with is cut to whole seconds in the first file, and 4 %
   short where the MIDI sets no tempo, which the renderer of that time played at 125 quarter notes
   a minute. What raters heard is the same share of the piece.)
2. A label at t covers t to t + 0.5 s and takes the value of the part that t lies in. Labels begin
   at 15.0 s and end with the piece, or where its recording is cut.
3. A rater with more or fewer values than the piece has parts is left out.
4. A part in which a rater has exactly 0 for both arousal and valence was not rated: it is what the
   rating page holds before a rater gets there. (In 24 of 160 pieces all raters have it in the last
   part, which the page no longer waited for.)
5. A part rated by fewer than half of the raters that are left has no label.

Raters that disagree, or never move, are kept.
"""
"""How values become labels; ABOUT.md has it too."""


@dataclass(frozen=True)
class GridRatings:
    """Ratings of one piece on the 2 Hz grid; a label at t covers [t, t + 0.5 s).

    Attributes
    ----------
    starts : range
        Label starts in milliseconds.
    raters : tuple of str
        Names of the raters that are kept.
    values : mapping of str to array (n_raters, n_labels)
        What each rater said, per target, in [-1, 1]; NaN where a rater said nothing.
    """

    starts: range
    raters: tuple[str, ...]
    values: Mapping[str, Floats]

    def mean(self, target: str) -> Floats:
        """Return the mean over raters, array (n_labels,); NaN where there is no label."""
        values = self.values[target]
        mean: Floats = np.full(values.shape[1], np.nan)
        given = np.isfinite(values).any(axis=0)
        mean[given] = np.nanmean(values[:, given], axis=0)
        return mean

    def deviation(self, target: str) -> Floats:
        """Return the SD over raters (ddof 1), array (n_labels,); NaN where there is no label."""
        values = self.values[target]
        deviation: Floats = np.full(values.shape[1], np.nan)
        given = np.isfinite(values).any(axis=0)
        deviation[given] = np.nanstd(values[:, given], axis=0, ddof=1)
        return deviation


def label(piece: Piece, length: float, limit: float) -> GridRatings:
    """Put the ratings of a piece on the 2 Hz grid.

    `RULE` says how.

    Parameters
    ----------
    piece : Piece
        The ratings.
    length : float
        How long its MIDI lasts, in seconds.
    limit : float
        Where its recording is cut, in seconds.

    Raises
    ------
    DataError
        If no label is left.
    """
    kept = [
        rater
        for rater in piece.raters
        if len(rater.arousal) == len(rater.valence) == piece.measures
    ]
    starts = range(FIRST_LABEL, int(min(length, limit) * 1000) - STEP + 1, STEP)
    if not starts:
        raise DataError(f"lasts {length:.1f} s; labels begin at {FIRST_LABEL / 1000} s")
    curves = {
        target: np.array([getattr(rater, target) for rater in kept], dtype=np.float64).reshape(
            len(kept), piece.measures
        )
        for target in TARGETS
    }
    rated = (curves["arousal"] != 0) | (curves["valence"] != 0)
    rated &= rated.sum(axis=0) >= max(FEWEST, len(kept) / 2)
    part = np.minimum(np.array(starts) / 1000 / length * piece.measures, piece.measures - 1)
    at = part.astype(np.intp)
    if not rated[:, at].any():
        raise DataError("too few ratings for a label")
    values = {target: np.where(rated, curve, np.nan)[:, at] for target, curve in curves.items()}
    return GridRatings(starts, tuple(rater.name for rater in kept), values)
