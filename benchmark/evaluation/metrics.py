"""Scores of predicted against annotated ratings of one song.

All take one-dimensional arrays of equal length, ratings in [-1, 1], without NaN: `rated` drops the
labels that have none. Correlations are NaN where they are not defined; callers count those.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

CONSTANT = 1e-7
"""A range (maximum less minimum) below this is no variation: float32 noise around a constant."""


def rated(labels: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Return labels and predictions where a rating exists."""
    known = np.isfinite(labels)
    return labels[known], values[known]


def squared_error(labels: Floats, values: Floats) -> float:
    """Return the sum of squared errors."""
    return float(np.square(values - labels).sum())


def rmse(labels: Floats, values: Floats) -> float:
    """Return the root of the mean squared error, on the scale of the ratings."""
    return math.sqrt(squared_error(labels, values) / len(labels)) if len(labels) else math.nan


def pearson(labels: Floats, values: Floats) -> float:
    """Return Pearson's r; NaN for fewer than two labels or where either side is constant."""
    if len(labels) < 2 or np.ptp(labels) < CONSTANT or np.ptp(values) < CONSTANT:
        return math.nan
    x, y = labels - labels.mean(), values - values.mean()
    return float((x @ y) / math.sqrt((x @ x) * (y @ y)))


def ccc(labels: Floats, values: Floats) -> float:
    """Return the concordance correlation coefficient (Lin 1989, Biometrics 45), ddof 0.

    A constant prediction of a varying rating has 0. NaN for fewer than two labels, or where both
    sides are constant.
    """
    if len(labels) < 2 or (np.ptp(labels) < CONSTANT and np.ptp(values) < CONSTANT):
        return math.nan
    x, y = labels - labels.mean(), values - values.mean()
    covariance = (x @ y) / len(labels)
    scale = labels.var() + values.var() + (labels.mean() - values.mean()) ** 2
    return float(2 * covariance / scale)


def skill(error: float, constant_error: float) -> float:
    """Return 1 - MSE / MSE of the constant, from sums of squared errors over the same labels."""
    return 1 - error / constant_error if constant_error > 0 else math.nan
