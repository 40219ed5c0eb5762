from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import scipy.stats
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from benchmark.evaluation import metrics


def of_song(metric: Callable[..., np.ndarray], labels: np.ndarray, values: np.ndarray) -> float:
    (value,) = metric(labels, values, np.array([len(labels)]))
    return float(value)


LABELS = np.array([0.0, 0.2, 0.4])
VALUES = np.array([0.1, 0.1, 0.7])
ratings = st.integers(2, 30).flatmap(
    lambda n: st.tuples(*2 * [arrays.arrays(np.float64, n, elements=st.floats(-1, 1, width=16))])
)


def test_rmse_by_hand() -> None:
    assert of_song(metrics.squared_error, LABELS, VALUES) == pytest.approx(0.01 + 0.01 + 0.09)
    assert of_song(metrics.rmse, LABELS, VALUES) == pytest.approx(math.sqrt(0.11 / 3))


def test_pearson_by_hand() -> None:
    # Deviations (-.2, 0, .2) and (-.2, -.2, .4): covariance .12, squares .08 and .24.
    assert of_song(metrics.pearson, LABELS, VALUES) == pytest.approx(0.12 / math.sqrt(0.08 * 0.24))


def test_ccc_by_hand() -> None:
    # 2 * .12/3 / (.08/3 + .24/3 + .1**2)
    assert of_song(metrics.ccc, LABELS, VALUES) == pytest.approx(0.24 / (0.08 + 0.24 + 0.03))


def test_skill_by_hand() -> None:
    assert metrics.skill(0.11, 0.44) == pytest.approx(0.75)
    assert metrics.skill(0.88, 0.44) == pytest.approx(-1)
    assert math.isnan(metrics.skill(0.0, 0.0))


def independent_ccc(x: np.ndarray, y: np.ndarray) -> float:
    """Lin's definition: 1 less the expected squared distance over that of independent raters."""
    independent = np.square(x[:, None] - y[None, :]).mean()
    return 1 - np.square(x - y).mean() / independent


@given(pair=ratings)
def test_correlations_agree_with_other_implementations(pair: tuple[np.ndarray, ...]) -> None:
    x, y = pair
    assume(np.ptp(x) > 1e-3 and np.ptp(y) > 1e-3)
    assert of_song(metrics.pearson, x, y) == pytest.approx(
        scipy.stats.pearsonr(x, y).statistic, abs=1e-9
    )
    assert of_song(metrics.ccc, x, y) == pytest.approx(independent_ccc(x, y), abs=1e-9)


@given(pair=ratings)
def test_agreement_is_at_most_correlation(pair: tuple[np.ndarray, ...]) -> None:
    x, y = pair
    assume(np.ptp(x) > 1e-3 and np.ptp(y) > 1e-3)
    assert abs(of_song(metrics.ccc, x, y)) <= abs(of_song(metrics.pearson, x, y)) + 1e-9


def test_a_perfect_prediction() -> None:
    assert of_song(metrics.rmse, LABELS, LABELS) == 0
    assert of_song(metrics.pearson, LABELS, LABELS) == pytest.approx(1)
    assert of_song(metrics.ccc, LABELS, LABELS) == pytest.approx(1)


@pytest.mark.parametrize("noise", [0.0, 3e-8])
def test_a_constant_prediction_has_no_correlation_and_no_agreement(noise: float) -> None:
    constant = 0.3 + noise * np.array([1, -1, 1])
    assert math.isnan(of_song(metrics.pearson, LABELS, constant))
    assert of_song(metrics.ccc, LABELS, constant) == pytest.approx(0, abs=1e-6)


def test_a_constant_rating_has_no_correlation() -> None:
    assert math.isnan(of_song(metrics.pearson, np.full(3, 0.2), VALUES))
    assert math.isnan(of_song(metrics.ccc, np.full(3, 0.2), np.full(3, 0.2)))


def test_a_single_label_has_no_correlation() -> None:
    assert math.isnan(of_song(metrics.pearson, LABELS[:1], VALUES[:1]))
    assert math.isnan(of_song(metrics.ccc, LABELS[:1], VALUES[:1]))


@given(pairs=st.lists(ratings, min_size=2, max_size=5))
def test_songs_laid_end_to_end_score_as_each_alone(pairs: list[tuple[np.ndarray, ...]]) -> None:
    labels, values = (np.concatenate(side) for side in zip(*pairs, strict=True))
    counts = np.array([len(x) for x, _ in pairs])
    for metric in (metrics.squared_error, metrics.rmse, metrics.pearson, metrics.ccc):
        alone = [of_song(metric, x, y) for x, y in pairs]
        np.testing.assert_allclose(metric(labels, values, counts), alone, atol=1e-12)
