"""Scores of predicted against annotated ratings, per song.

All take the labels and predictions of songs laid end to end, (n_labels,) each, ratings in [-1, 1]
without NaN, and `counts`, the number of labels of each song, at least one; they return (n_songs,).
Correlations are NaN where they are not defined; callers count those.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.intp]

CONSTANT = 1e-7
"""A range (maximum less minimum) below this is no variation: float32 noise around a constant."""


def mean(labels: Floats, counts: Counts) -> Floats:
    """Return the mean label."""
    mean: Floats = _sum(labels, counts) / counts
    return mean


def squared_error(labels: Floats, values: Floats, counts: Counts) -> Floats:
    """Return the sum of squared errors."""
    return _sum(np.square(values - labels), counts)


def rmse(labels: Floats, values: Floats, counts: Counts) -> Floats:
    """Return the root of the mean squared error, on the scale of the ratings."""
    root: Floats = np.sqrt(squared_error(labels, values, counts) / counts)
    return root


def pearson(labels: Floats, values: Floats, counts: Counts) -> Floats:
    """Return Pearson's r; NaN for fewer than two labels or where either side is constant."""
    x, y = _centred(labels, counts), _centred(values, counts)
    scale = np.sqrt(_sum(x * x, counts) * _sum(y * y, counts))
    return _ratio(_sum(x * y, counts), scale, _varies(labels, counts) & _varies(values, counts))


def ccc(labels: Floats, values: Floats, counts: Counts) -> Floats:
    """Return the concordance correlation coefficient (Lin 1989, Biometrics 45), ddof 0.

    A constant prediction of a varying rating has 0. NaN for fewer than two labels, or where both
    sides are constant.
    """
    x, y = _centred(labels, counts), _centred(values, counts)
    apart = np.square(_sum(labels, counts) - _sum(values, counts)) / counts
    scale = _sum(x * x, counts) + _sum(y * y, counts) + apart
    return _ratio(2 * _sum(x * y, counts), scale, _varies(labels, counts) | _varies(values, counts))


def skill(error: float, constant_error: float) -> float:
    """Return 1 - MSE / MSE of the constant, from sums of squared errors over the same labels."""
    return 1 - error / constant_error if constant_error > 0 else math.nan


def _starts(counts: Counts) -> Counts:
    return np.cumsum(counts) - counts


def _sum(column: Floats, counts: Counts) -> Floats:
    total: Floats = np.add.reduceat(column, _starts(counts))
    return total


def _centred(column: Floats, counts: Counts) -> Floats:
    centred: Floats = column - np.repeat(_sum(column, counts) / counts, counts)
    return centred


def _varies(column: Floats, counts: Counts) -> npt.NDArray[np.bool_]:
    starts = _starts(counts)
    span = np.maximum.reduceat(column, starts) - np.minimum.reduceat(column, starts)
    varies: npt.NDArray[np.bool_] = (span >= CONSTANT) & (counts > 1)
    return varies


def _ratio(above: Floats, below: Floats, defined: npt.NDArray[np.bool_]) -> Floats:
    ratio: Floats = np.divide(above, below, out=np.full(len(above), math.nan), where=defined)
    return ratio
