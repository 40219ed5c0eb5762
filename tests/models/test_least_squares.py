"""Ridge regression from sums and from rows against scikit-learn on the rows themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.models._least_squares import Moments, Sample, WholeRows, total

KINDS = pytest.mark.parametrize("kind", [Moments, WholeRows])
Rows = tuple[np.ndarray, np.ndarray, np.ndarray]


def rows(seed: int, n: int, n_inputs: int = 5, n_targets: int = 2) -> Rows:
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, n_inputs)) * random.uniform(0.1, 10, n_inputs)
    y = x @ random.normal(size=(n_inputs, n_targets)) + random.normal(size=(n, n_targets))
    return x + random.normal(size=n_inputs), y, random.integers(1, 5, n).astype(float)


@KINDS
@settings(deadline=None)
@given(
    seed=st.integers(0, 1000), n=st.integers(1, 40), alpha=st.sampled_from([1e-3, 1.0, 30.0, 1e4])
)
def test_a_line_is_that_of_scikit_learn(
    kind: type[Sample], seed: int, n: int, alpha: float
) -> None:
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, y, weights = rows(seed, n)
    (line,) = kind.of(x, y, weights).lines([alpha])
    theirs = make_pipeline(StandardScaler(), Ridge(alpha)).fit(
        x, y, standardscaler__sample_weight=weights, ridge__sample_weight=weights
    )
    np.testing.assert_allclose(x @ line.slope + line.intercept, theirs.predict(x), atol=1e-6)


@KINDS
def test_the_error_on_other_rows_is_the_sum_of_theirs(kind: type[Sample]) -> None:
    x, y, weights = rows(1, 7)
    for line in kind.of(*rows(0, 30)).lines([0.1, 100.0]):
        by_hand = (weights[:, None] * np.square(x @ line.slope + line.intercept - y)).sum()
        assert kind.of(x, y, weights).squared_error(line) == pytest.approx(by_hand)


@KINDS
def test_samples_add_up(kind: type[Sample]) -> None:
    parts = [rows(seed, n) for seed, n in ((0, 3), (1, 8), (2, 1))]
    joined = kind.of(*(np.concatenate(piece) for piece in zip(*parts, strict=True)))
    summed = total(kind.of(*part) for part in parts)
    for name, value in vars(joined).items():
        np.testing.assert_allclose(getattr(summed, name), value, atol=1e-9)


@KINDS
def test_an_input_that_does_not_vary_has_no_slope(kind: type[Sample]) -> None:
    x, y, weights = rows(0, 20)
    x[:, 2] = 0.1
    (line,) = kind.of(x, y, weights).lines([1.0])
    assert (line.slope[2] == 0).all()
    assert (line.slope[[0, 1, 3, 4]] != 0).all()


@KINDS
def test_fewer_rows_than_inputs_have_a_line(kind: type[Sample]) -> None:
    x, y, weights = rows(0, 3, n_inputs=20)
    (line,) = kind.of(x, y, weights).lines([1e-6])
    np.testing.assert_allclose(x @ line.slope + line.intercept, y, atol=1e-4)
