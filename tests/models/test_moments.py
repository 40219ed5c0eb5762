"""Sums over rows against scikit-learn on the rows themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.models._moments import Moments, ridge_lines, total


def rows(
    seed: int, n: int, n_inputs: int = 5, n_targets: int = 2
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, n_inputs)) * random.uniform(0.1, 10, n_inputs)
    y = x @ random.normal(size=(n_inputs, n_targets)) + random.normal(size=(n, n_targets))
    return x + random.normal(size=n_inputs), y, random.integers(1, 5, n).astype(float)


@settings(deadline=None)
@given(
    seed=st.integers(0, 1000), n=st.integers(1, 40), alpha=st.sampled_from([1e-3, 1.0, 30.0, 1e4])
)
def test_a_line_is_that_of_scikit_learn(seed: int, n: int, alpha: float) -> None:
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, y, weights = rows(seed, n)
    (line,) = ridge_lines(Moments.of(x, y, weights), [alpha])
    theirs = make_pipeline(StandardScaler(), Ridge(alpha)).fit(
        x, y, standardscaler__sample_weight=weights, ridge__sample_weight=weights
    )
    np.testing.assert_allclose(x @ line.slope + line.intercept, theirs.predict(x), atol=1e-6)


@pytest.mark.parametrize("alphas", [[1.0], [0.1, 100.0]])
def test_the_error_on_other_rows_is_the_sum_of_theirs(alphas: list[float]) -> None:
    lines = ridge_lines(Moments.of(*rows(0, 30)), alphas)
    x, y, weights = rows(1, 7)
    for line in lines:
        by_hand = (weights[:, None] * np.square(x @ line.slope + line.intercept - y)).sum()
        assert line.squared_error(Moments.of(x, y, weights)) == pytest.approx(by_hand)


def test_moments_of_parts_add_up_and_can_be_taken_out() -> None:
    parts = [rows(seed, n) for seed, n in ((0, 3), (1, 8), (2, 1))]
    joined = Moments.of(*(np.concatenate(kind) for kind in zip(*parts, strict=True)))
    summed = total(Moments.of(*part) for part in parts)
    without = joined - Moments.of(*parts[1])
    again = total([Moments.of(*parts[0]), Moments.of(*parts[2])])
    for name in ("weight", "x", "y", "xx", "xy", "yy"):
        np.testing.assert_allclose(getattr(summed, name), getattr(joined, name), atol=1e-9)
        np.testing.assert_allclose(getattr(without, name), getattr(again, name), atol=1e-9)


def test_an_input_that_does_not_vary_has_no_slope() -> None:
    x, y, weights = rows(0, 20)
    x[:, 2] = 0.1
    (line,) = ridge_lines(Moments.of(x, y, weights), [1.0])
    assert (line.slope[2] == 0).all()
    assert (line.slope[[0, 1, 3, 4]] != 0).all()


def test_fewer_rows_than_inputs_have_a_line() -> None:
    x, y, weights = rows(0, 3, n_inputs=20)
    (line,) = ridge_lines(Moments.of(x, y, weights), [1e-6])
    np.testing.assert_allclose(x @ line.slope + line.intercept, y, atol=1e-4)
