"""How sure a score is, and whether two rows differ: what is drawn, or paired, is the whole song.

Labels of one song resemble each other, songs do not: thousands of labels of a hundred songs say as
much about an average as a hundred songs do. All take finite numbers; an interval that is not
defined, a single song's for one, is NaN at both ends.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from benchmark.evaluation.metrics import Counts, Floats

LEVEL = 0.95
"""The share of intervals that hold what they estimate, in the long run."""

DRAWS = 10_000
"""At 10,000 draws an end of an interval is off by 0.03 standard errors of the mean or so."""

DIGITS = 9
"""Differences of RMSE are taken to so many decimals: what lies beyond is the order of a sum."""

CHUNK_BYTES = 16 * 2**20
"""Memory for the draws in hand; has no say in the result."""

KEPT_BYTES = 48 * 2**20
"""Draws of so much memory are kept for the next row of as many songs; more are drawn again."""

BLOCK = 16
"""Draws multiplied at once: so few that BLAS takes one thread, for two may round otherwise."""


@dataclass(frozen=True)
class Interval:
    """Where a score lies at `LEVEL`."""

    low: float
    high: float

    def rooted(self) -> Interval:
        """Return the interval of the root of what this is an interval of."""
        return Interval(*(math.sqrt(max(end, 0.0)) for end in (self.low, self.high)))


UNDEFINED = Interval(math.nan, math.nan)


@dataclass(frozen=True, eq=False)
class Songs:
    """One row of a table, song by song: arrays of shape (n_songs,), songs in the same order.

    `weights` of the songs in the headline mean sum to 1. `rmse` is on the scale of the ratings.
    `squared_error` and `constant_squared_error`, that of the constant baseline, are sums over the
    `n_labels` labels of a song. Where they have one label each (`whole`), the headline is the root
    of the mean squared error over songs, not the mean of their RMSE.
    """

    weights: Floats
    rmse: Floats
    squared_error: Floats
    constant_squared_error: Floats
    n_labels: Floats
    whole: bool = False

    def headline(self, rmse: Floats) -> float:
        """Return the weighted average of some RMSE of these songs, (n_songs,)."""
        return float((self.weights @ rmse**self.power) ** (1 / self.power))

    @property
    def power(self) -> int:
        """What RMSE are raised to before they are averaged, and their mean's root after it."""
        return 2 if self.whole else 1


@dataclass(frozen=True)
class Bootstrap:
    """Intervals of the headline RMSE, of the RMSE of all labels pooled, and of skill."""

    rmse: Interval
    pooled: Interval
    skill: Interval


@dataclass(frozen=True)
class Comparison:
    """A signed-rank test of two rows on the same songs; differences are first less second.

    `n_unequal` counts the songs on which they differ. `direction` is that of the signed ranks: 1
    where the first row's errors tend to be larger, the first is worse; -1 where it is better; 0
    where neither is. Without songs differences are NaN.
    """

    n_songs: int
    median_difference: float
    mean_difference: float
    p: float
    direction: int
    n_unequal: int

    def reversed(self) -> Comparison:
        """Return the comparison of the second row with the first."""
        return replace(
            self,
            median_difference=-self.median_difference,
            mean_difference=-self.mean_difference,
            direction=-self.direction,
        )


def cluster_bootstrap(songs: Songs, *, draws: int = DRAWS, seed: int = 0) -> Bootstrap:
    """Return percentile intervals over songs drawn with replacement, each with all its labels.

    The bootstrap of clusters, Field & Welsh 2007 (J. R. Stat. Soc. B 69). One seed draws the same
    songs for every row of as many songs, so rows may be compared draw by draw. Skill is NaN where
    a draw has no error of the constant to divide by.
    """
    if len(songs.rmse) < 2:
        return Bootstrap(UNDEFINED, UNDEFINED, UNDEFINED)
    sums = (songs.squared_error, songs.n_labels, songs.constant_squared_error)
    columns = np.stack([songs.weights * songs.rmse**songs.power, songs.weights, *sums], axis=1)
    rmse, weight, error, n_labels, constant = _totals(columns, draws, seed).T
    return Bootstrap(
        rmse=_percentiles(_ratio(rmse, weight) ** (1 / songs.power)),
        pooled=_percentiles(np.sqrt(_ratio(error, n_labels))),
        skill=_percentiles(1 - _ratio(error, constant)),
    )


def _totals(columns: Floats, draws: int, seed: int) -> Floats:
    """Return sums over the songs of each draw, (draws, n_columns), of columns (n_songs, ...)."""
    n_songs = len(columns)
    kept = draws * n_songs * np.min_scalar_type(n_songs).itemsize <= KEPT_BYTES
    totals = [
        chunk[start : start + BLOCK] @ columns
        for chunk in (_kept if kept else _counts)(n_songs, draws, seed, CHUNK_BYTES)
        for start in range(0, len(chunk), BLOCK)
    ]
    return np.concatenate(totals)


@lru_cache(maxsize=4)
def _kept(n_songs: int, draws: int, seed: int, chunk_bytes: int) -> tuple[Counts, ...]:
    """Return `_counts` in as few bytes as a count takes: it is at most `n_songs`."""
    small = np.min_scalar_type(n_songs)
    return tuple(chunk.astype(small) for chunk in _counts(n_songs, draws, seed, chunk_bytes))


def _counts(n_songs: int, draws: int, seed: int, chunk_bytes: int) -> Iterator[Counts]:
    """Yield how often each song came in each draw, (some draws, n_songs)."""
    random = np.random.default_rng(seed)
    # A draw takes three numbers a song: which song, how often it came, and that as a float.
    chunk = max(1, chunk_bytes // (3 * 8 * n_songs))
    for start in range(0, draws, chunk):
        size = min(chunk, draws - start)
        drawn = random.integers(n_songs, size=(size, n_songs))
        drawn += n_songs * np.arange(size)[:, None]
        yield np.bincount(drawn.ravel(), minlength=drawn.size).reshape(drawn.shape)


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Return the ratio, NaN where nothing is there to divide by."""
    out = np.full_like(numerator, np.nan)
    return np.divide(numerator, denominator, out=out, where=denominator > 0)


def _percentiles(values: Floats) -> Interval:
    """Return the middle `LEVEL` of the values; NaN where one of them is."""
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high))


def wilcoxon(rmse: Floats, other: Floats) -> Comparison:
    """Return the two-sided signed-rank test of paired RMSE, (n_songs,) each (Wilcoxon 1945).

    Songs on which the rows are equal are dropped from the test, as Wilcoxon did, and stay in the
    differences; p is 1 where no other is left. SciPy's `method="auto"`: exact up to 50 songs, or
    up to 13 where differences tie or are zero; the normal approximation beyond.
    """
    from scipy import stats

    difference = (rmse - other).round(DIGITS)
    if not difference.any():
        value = 0.0 if len(difference) else math.nan
        return Comparison(len(difference), value, value, p=1.0, direction=0, n_unequal=0)
    unequal = difference[difference != 0]
    signed_ranks = np.sign(unequal) * stats.rankdata(np.abs(unequal))
    return Comparison(
        n_songs=len(difference),
        median_difference=float(np.median(difference)),
        mean_difference=float(difference.mean()),
        p=float(stats.wilcoxon(difference, zero_method="wilcox", method="auto").pvalue),
        direction=int(np.sign(signed_ranks.sum())),
        n_unequal=len(unequal),
    )


def holm(p: Sequence[float]) -> tuple[float, ...]:
    """Return p adjusted for as many tests, in the order given (Holm 1979, Scand. J. Stat. 6).

    Step-down: the smallest of m is multiplied by m, the next by m - 1; none falls below the one
    before it or exceeds 1.
    """
    adjusted = [0.0] * len(p)
    largest = 0.0
    for step, index in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        largest = max(largest, min(1.0, (len(p) - step) * p[index]))
        adjusted[index] = largest
    return tuple(adjusted)


def nadeau_bengio(values: Sequence[float], *, test_share: float) -> Interval:
    """Return the corrected t interval of the mean of J folds' or repeats' scores.

    Nadeau & Bengio 2003 (Machine Learning 52): trained on shared songs, scores vary together, so
    the variance of their mean is s^2 (1/J + `test_share`), not s^2 / J. `test_share` is the size
    of the test set over that of the training set: 1 / (k - 1) in k folds.
    """
    from scipy.special import stdtrit  # scipy.stats takes a second to import

    n = len(values)
    if n < 2:
        return UNDEFINED
    error = math.sqrt(float(np.var(values, ddof=1)) * (1 / n + test_share))
    half = float(stdtrit(n - 1, (1 + LEVEL) / 2)) * error
    mean = float(np.mean(values))
    return Interval(mean - half, mean + half)


def rank_groups(n_rows: int, worse: Callable[[int, int], bool]) -> tuple[int, ...]:
    """Return the ranks of rows sorted best first; rows no test tells apart share one: 1, 1, 3.

    `worse(row, leader)` says whether a test finds the row worse than the best of its group, whose
    rank it shares if not. Else it leads the next group, at its own place. Who cannot be told apart
    from whom is no equivalence: each is held against the leader, not against the row above.
    """
    ranks = []
    leader = 0
    for row in range(n_rows):
        if row and worse(row, leader):
            leader = row
        ranks.append(leader + 1)
    return tuple(ranks)
