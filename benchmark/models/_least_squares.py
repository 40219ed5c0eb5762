"""Ridge regression from sums over rows, or, where these are fewer than inputs, from the rows.

A linear model with a squared penalty, its standardisation and its error on other rows need only
first and second moments. They take no more memory for many songs, and each song is read once. Of
many inputs and few rows, the rows are less.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Self

import numpy as np

from benchmark.interfaces import Floats

SAME = 1e-12
"""Of its mean square, a variance that is no more than rounding."""


@dataclass(frozen=True)
class Line:
    """Coefficients (n_inputs, n_targets) and intercepts (n_targets,)."""

    slope: Floats
    intercept: Floats


class Sample(ABC):
    """Weighted rows of inputs x (n_inputs,) and labels y (n_targets,)."""

    @classmethod
    @abstractmethod
    def of(cls, x: Floats, y: Floats, weights: Floats) -> Self:
        """Take rows: x (n, n_inputs), y (n, n_targets), weights (n,)."""

    @abstractmethod
    def __add__(self, other: Self) -> Self:
        """Return the rows of both."""

    @abstractmethod
    def lines(self, alphas: Sequence[float]) -> list[Line]:
        """Return, for each penalty, the ridge regression on standardised inputs.

        That of scikit-learn's `make_pipeline(StandardScaler(), Ridge(alpha))`: the penalty is on
        the sum of squares, not on their mean, and an input that does not vary is left out.
        """

    @abstractmethod
    def squared_error(self, line: Line) -> float:
        """Return the weighted sum of squared errors over all rows and targets."""


def total(samples: Iterable[Sample]) -> Sample:
    """Return all rows, one sample after another."""
    return reduce(lambda one, other: one + other, samples)


@dataclass(frozen=True)
class Moments(Sample):
    """Weighted sums over rows, in double precision; digits are lost far from zero.

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
    def of(cls, x: Floats, y: Floats, weights: Floats) -> Self:
        weighted = x * weights[:, None]
        return cls(
            float(weights.sum()),
            weighted.sum(axis=0),
            weights @ y,
            weighted.T @ x,
            weighted.T @ y,
            weights @ np.square(y),
        )

    def __add__(self, other: Self) -> Self:
        return type(self)(
            self.weight + other.weight,
            self.x + other.x,
            self.y + other.y,
            self.xx + other.xx,
            self.xy + other.xy,
            self.yy + other.yy,
        )

    def lines(self, alphas: Sequence[float]) -> list[Line]:
        mean_x, mean_y = self.x / self.weight, self.y / self.weight
        centred = self.xx - np.outer(self.x, mean_x)
        scale = _scale(np.diag(centred) / self.weight, np.diag(self.xx) / self.weight)
        values, vectors = np.linalg.eigh(scale[:, None] * centred * scale)
        values = np.maximum(values, 0.0)
        projected = vectors.T @ (scale[:, None] * (self.xy - np.outer(self.x, mean_y)))
        slopes = (
            scale[:, None] * (vectors @ (projected / (values + alpha)[:, None])) for alpha in alphas
        )
        return [Line(slope, mean_y - mean_x @ slope) for slope in slopes]

    def squared_error(self, line: Line) -> float:
        slope, at_zero = line.slope, line.intercept
        predicted = np.einsum("it,ij,jt->t", slope, self.xx, slope, optimize=True)
        predicted += 2 * at_zero * (self.x @ slope) + self.weight * at_zero**2
        common = np.einsum("it,it->t", slope, self.xy) + at_zero * self.y
        return float((self.yy - 2 * common + predicted).sum())


@dataclass(frozen=True)
class WholeRows(Sample):
    """The rows themselves: x (n, n_inputs), y (n, n_targets), weights (n,)."""

    x: Floats
    y: Floats
    weights: Floats

    @classmethod
    def of(cls, x: Floats, y: Floats, weights: Floats) -> Self:
        return cls(x, y, weights)

    def __add__(self, other: Self) -> Self:
        return type(self)(
            np.concatenate([self.x, other.x]),
            np.concatenate([self.y, other.y]),
            np.concatenate([self.weights, other.weights]),
        )

    def lines(self, alphas: Sequence[float]) -> list[Line]:
        shares = self.weights / self.weights.sum()
        mean_x, mean_y = shares @ self.x, shares @ self.y
        centred = self.x - mean_x
        scale = _scale(shares @ np.square(centred), shares @ np.square(self.x))
        roots = np.sqrt(self.weights)[:, None]
        left, values, right = np.linalg.svd(roots * centred * scale, full_matrices=False)
        projected = left.T @ (roots * (self.y - mean_y))
        slopes = (
            scale[:, None] * (right.T @ (projected * (values / (values**2 + alpha))[:, None]))
            for alpha in alphas
        )
        return [Line(slope, mean_y - mean_x @ slope) for slope in slopes]

    def squared_error(self, line: Line) -> float:
        off = self.x @ line.slope + line.intercept - self.y
        return float((self.weights @ np.square(off)).sum())


def _scale(variance: Floats, square: Floats) -> Floats:
    """Return what inputs are multiplied by to have unit variance; 0 for one that does not vary."""
    varies = variance > SAME * square
    scale: Floats = np.where(varies, 1 / np.sqrt(np.where(varies, variance, 1.0)), 0.0)
    return scale
