"""Least squares from sums over songs: no more memory for many songs, each song read once.

A linear model with a squared penalty, its standardisation and its error on other songs need only
first and second moments (Gram matrices). They are summed in double precision, around a point amid
the data, so that no digits are lost in their differences.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from benchmark.interfaces import Floats

SAME = 1e-12
"""Of its mean square, a variance that is no more than rounding."""


@dataclass(frozen=True)
class Moments:
    """Weighted sums over rows of inputs x (n_inputs,) and labels y (n_targets,).

    Attributes
    ----------
    weight : float
        Sum of the weights.
    x, y : arrays (n_inputs,), (n_targets,)
    xx, xy, yy : arrays (n_inputs, n_inputs), (n_inputs, n_targets), (n_targets,)
    """

    weight: float
    x: Floats
    y: Floats
    xx: Floats
    xy: Floats
    yy: Floats

    @classmethod
    def of(cls, x: Floats, y: Floats, weights: Floats) -> Moments:
        """Sum over rows: x (n, n_inputs), y (n, n_targets), weights (n,)."""
        weighted = x * weights[:, None]
        return cls(
            float(weights.sum()),
            weighted.sum(axis=0),
            weights @ y,
            weighted.T @ x,
            weighted.T @ y,
            weights @ np.square(y),
        )

    def __add__(self, other: Moments) -> Moments:
        """Return the moments of the rows of both."""
        return Moments(
            self.weight + other.weight,
            self.x + other.x,
            self.y + other.y,
            self.xx + other.xx,
            self.xy + other.xy,
            self.yy + other.yy,
        )

    def __sub__(self, other: Moments) -> Moments:
        """Return the moments without those of some of the rows."""
        return self + Moments(-other.weight, -other.x, -other.y, -other.xx, -other.xy, -other.yy)


@dataclass(frozen=True)
class Line:
    """Coefficients (n_inputs, n_targets) and intercepts (n_targets,)."""

    slope: Floats
    intercept: Floats

    def squared_error(self, moments: Moments) -> float:
        """Return the weighted sum of squared errors, over all targets, on the rows of `moments`."""
        slope, at_zero = self.slope, self.intercept
        predicted = np.einsum("it,ij,jt->t", slope, moments.xx, slope)
        predicted += 2 * at_zero * (moments.x @ slope) + moments.weight * at_zero**2
        common = np.einsum("it,it->t", slope, moments.xy) + at_zero * moments.y
        return float((moments.yy - 2 * common + predicted).sum())


def ridge_lines(moments: Moments, alphas: Sequence[float]) -> list[Line]:
    """Return, for each penalty, the ridge regression on standardised inputs.

    An input that does not vary is left out. The penalty is on the sum of squares, not on their
    mean: scikit-learn's `make_pipeline(StandardScaler(), Ridge(alpha))`.
    """
    mean_x, mean_y = moments.x / moments.weight, moments.y / moments.weight
    centred = moments.xx - np.outer(moments.x, mean_x)
    variance = np.diag(centred) / moments.weight
    varies = variance > SAME * np.diag(moments.xx) / moments.weight
    scale = np.where(varies, 1 / np.sqrt(np.where(varies, variance, 1.0)), 0.0)
    values, vectors = np.linalg.eigh(scale[:, None] * centred * scale)
    projected = vectors.T @ (scale[:, None] * (moments.xy - np.outer(moments.x, mean_y)))
    lines = []
    for alpha in alphas:
        shrunk = projected / (np.maximum(values, 0.0) + alpha)[:, None]
        slope = scale[:, None] * (vectors @ shrunk)
        lines.append(Line(slope, mean_y - mean_x @ slope))
    return lines


def total(parts: Iterable[Moments]) -> Moments:
    """Return the moments of all rows, one part after another."""
    return reduce(Moments.__add__, parts)
