from __future__ import annotations

import gc
import itertools
import math
import tracemalloc
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from benchmark.evaluation import statistics
from benchmark.evaluation.metrics import Floats
from benchmark.evaluation.statistics import (
    Bootstrap,
    Comparison,
    Interval,
    Songs,
    cluster_bootstrap,
    holm,
    nadeau_bengio,
    rank_groups,
    wilcoxon,
)

errors = arrays.arrays(np.float64, st.integers(2, 12), elements=st.floats(2**-7, 2, width=32))
# Steps of 1/64 subtract without rounding: differences tie, and are zero, as often as not. Up to 13
# songs with ties SciPy goes through every pattern of signs, slowly: those are tested one by one.
pairs = (st.integers(1, 5) | st.integers(14, 60)).flatmap(
    lambda n: st.tuples(
        *2 * [arrays.arrays(np.int64, n, elements=st.integers(0, 8)).map(lambda x: x / 64)]
    )
)


def make_songs(n: int, *, seed: int = 0) -> Songs:
    """Songs of unequal weight and length, so that no mean can pass for another."""
    random = np.random.default_rng(seed)
    rmse, n_labels = random.gamma(4, 0.05, n), random.integers(20, 90, n).astype(float)
    squared_error = n_labels * np.square(rmse)
    return Songs(
        weights=random.dirichlet(np.full(n, 4)),
        rmse=rmse,
        squared_error=squared_error,
        constant_squared_error=squared_error * random.uniform(0.8, 3, n),
        n_labels=n_labels,
    )


def equal_songs(rmse: Sequence[float] | Floats) -> Songs:
    values = np.asarray(rmse, dtype=float)
    ones = np.ones(len(values))
    return Songs(ones / len(values), values, np.square(values), ones, ones)


def by_definition(songs: Songs, drawn: np.ndarray) -> dict[str, np.ndarray]:
    """The three scores of songs `drawn` by number along the last axis, written out."""

    def total(values: np.ndarray) -> np.ndarray:
        return np.asarray(values[drawn].sum(axis=-1))

    error = total(songs.squared_error)
    return {
        "rmse": total(songs.weights * songs.rmse) / total(songs.weights),
        "pooled": np.sqrt(error / total(songs.n_labels)),
        "skill": 1 - error / total(songs.constant_squared_error),
    }


@pytest.mark.parametrize(("n", "low", "high"), [(8, 1 / 8, 7 / 8), (10, 0.2, 0.8)])
def test_bootstrap_by_hand(n: int, low: float, high: float) -> None:
    # Half the songs have 0, half 1: n times the mean is binomial(n, 1/2). For n = 8 it is 0 in
    # 0.4 % of draws and at most 1 in 3.5 %, for n = 10 at most 1 in 1.1 % and at most 2 in 5.5 %:
    # 2.5 % fall on 1 and on 2, five standard errors of 10,000 draws from the next step or more.
    songs = equal_songs([0, 1] * (n // 2))
    found = cluster_bootstrap(songs)
    assert (found.rmse.low, found.rmse.high) == pytest.approx((low, high))
    # Squares of 0 and 1 are 0 and 1, and the constant is off by 1 everywhere.
    assert (found.pooled.low, found.pooled.high) == pytest.approx((low**0.5, high**0.5))
    assert (found.skill.low, found.skill.high) == pytest.approx((1 - high, 1 - low))


@pytest.mark.parametrize("score", ["rmse", "pooled", "skill"])
@pytest.mark.parametrize("n", [3, 5])
def test_bootstrap_ends_are_percentiles_of_all_possible_draws(score: str, n: int) -> None:
    songs = make_songs(n, seed=n)
    every = np.array(list(itertools.product(range(n), repeat=n)))
    values = by_definition(songs, every)[score]
    found: Interval = getattr(cluster_bootstrap(songs), score)
    # Four standard errors of a share of 2.5 % in 10,000 draws.
    tolerance = 4 * math.sqrt(0.025 * 0.975 / 10_000)
    assert np.mean(values < found.low - 1e-9) <= 0.025 + tolerance
    assert np.mean(values <= found.low + 1e-9) >= 0.025 - tolerance
    assert np.mean(values > found.high + 1e-9) <= 0.025 + tolerance
    assert np.mean(values >= found.high - 1e-9) >= 0.025 - tolerance


@pytest.mark.parametrize("score", ["rmse", "pooled", "skill"])
@pytest.mark.parametrize("n", [12, 60])
def test_bootstrap_agrees_with_scipy(score: str, n: int) -> None:
    songs = make_songs(n, seed=n)

    def statistic(drawn: np.ndarray, axis: int) -> np.ndarray:
        return by_definition(songs, np.moveaxis(drawn, axis, -1))[score]

    theirs = scipy.stats.bootstrap(
        (np.arange(n),), statistic, method="percentile", n_resamples=10_000, rng=1
    )
    ours: Interval = getattr(cluster_bootstrap(songs), score)
    # A 2.5 % quantile of 10,000 normal draws has a standard error of sqrt(.025 * .975 / 10,000)
    # / .0584 = .027 standard deviations, the difference of two of them .038: four times that. A
    # 90 % interval would be off by .32 standard deviations.
    expected = theirs.confidence_interval
    assert ours.low == pytest.approx(expected.low, abs=0.15 * theirs.standard_error)
    assert ours.high == pytest.approx(expected.high, abs=0.15 * theirs.standard_error)


@pytest.mark.parametrize("chunk_bytes", [1, 100_000, 2**40])
def test_bootstrap_does_not_depend_on_chunks(
    chunk_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    songs = make_songs(31)
    expected = cluster_bootstrap(songs, draws=1001)
    monkeypatch.setattr(statistics, "CHUNK_BYTES", chunk_bytes)
    found = cluster_bootstrap(songs, draws=1001)
    for score in ("rmse", "pooled", "skill"):
        ours, theirs = getattr(found, score), getattr(expected, score)
        assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), rel=1e-12)


def test_bootstrap_needs_little_memory() -> None:
    tracemalloc.start()
    cluster_bootstrap(make_songs(1802))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * 2**20 + statistics.KEPT_BYTES


def test_draws_that_are_kept_are_those_that_would_be_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = [cluster_bootstrap(make_songs(300), draws=1001) for _ in range(2)]
    monkeypatch.setattr(statistics, "KEPT_BYTES", 0)
    assert kept == 2 * [cluster_bootstrap(make_songs(300), draws=1001)]


def test_rows_are_drawn_alike_and_seeds_are_not() -> None:
    # Off by 0.1 on every song, a row is off by 0.1 in every draw: only if songs are the same.
    songs = make_songs(40)
    shifted = Songs(
        songs.weights,
        songs.rmse + 0.1,
        songs.squared_error,
        songs.constant_squared_error,
        songs.n_labels,
    )
    ours, theirs = cluster_bootstrap(songs).rmse, cluster_bootstrap(shifted).rmse
    assert (theirs.low - 0.1, theirs.high - 0.1) == pytest.approx((ours.low, ours.high), rel=1e-12)
    assert cluster_bootstrap(songs) == cluster_bootstrap(songs)
    assert cluster_bootstrap(songs, seed=1) != cluster_bootstrap(songs)


def test_intervals_cover_the_mean_about_as_often_as_they_say() -> None:
    # 300 samples of 60 songs from a skewed law of mean 0.2. A percentile interval of 60 songs
    # holds a little less than 95 %; the standard error of 300 is 1.3 %.
    random = np.random.default_rng(0)
    found = [
        cluster_bootstrap(equal_songs(random.gamma(4, 0.05, 60)), draws=500, seed=seed).rmse
        for seed in range(300)
    ]
    assert 0.90 <= np.mean([interval.low <= 0.2 <= interval.high for interval in found]) <= 0.99


@given(rmse=errors, scale=st.floats(0.1, 10))
def test_intervals_are_ordered_within_the_songs_and_blind_to_the_scale_of_weights(
    rmse: np.ndarray, scale: float
) -> None:
    songs = equal_songs(rmse)
    found = cluster_bootstrap(songs, draws=50)
    for interval in (found.rmse, found.pooled):
        assert rmse.min() - 1e-9 <= interval.low <= interval.high <= rmse.max() + 1e-9
    scaled = Songs(scale * songs.weights, rmse, *3 * [songs.n_labels])
    again = cluster_bootstrap(scaled, draws=50)
    assert (again.rmse.low, again.rmse.high) == pytest.approx((found.rmse.low, found.rmse.high))


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_songs_have_no_interval(n: int) -> None:
    found = cluster_bootstrap(equal_songs([0.2] * n))
    for interval in (found.rmse, found.pooled, found.skill):
        assert math.isnan(interval.low) and math.isnan(interval.high)


@pytest.mark.parametrize("constant", [[0.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
def test_no_skill_where_a_draw_has_nothing_to_divide_by(constant: list[float]) -> None:
    ones = np.ones(3)
    found = cluster_bootstrap(Songs(ones / 3, ones, ones, np.array(constant), ones))
    assert math.isnan(found.skill.low) and math.isnan(found.skill.high)
    assert found == Bootstrap(Interval(1.0, 1.0), Interval(1.0, 1.0), found.skill)


def exact_p(differences: Sequence[float]) -> float:
    """Wilcoxon's p from its definition: the share of sign patterns as far off as this one."""
    ranks = scipy.stats.rankdata(np.abs(differences))
    sums = [np.dot(signs, ranks) for signs in itertools.product([-1, 1], repeat=len(ranks))]
    return float(np.mean(np.abs(sums) >= abs(np.dot(np.sign(differences), ranks))))


def test_wilcoxon_by_hand() -> None:
    # Ranks 1 to 5, the positive ones 1 and 2: W+ = 3. Of 32 sign patterns 5 have W+ of at most 3:
    # none, 1, 2, 3 and 1 + 2. Two-sided 10 / 32.
    differences = np.array([1.0, 2.0, -3.0, -4.0, -5.0])
    assert wilcoxon(differences, np.zeros(5)) == Comparison(
        5, median_difference=-3, mean_difference=-1.8, p=10 / 32, direction=-1, n_unequal=5
    )
    assert exact_p(differences) == 10 / 32


def test_wilcoxon_of_rows_that_always_differ() -> None:
    found = wilcoxon(np.arange(1.0, 7.0), np.zeros(6))
    assert (found.p, found.direction) == (2 / 64, 1)


@pytest.mark.parametrize(
    "differences",
    [[1, -2, 3, 4, 5, 6, -7, 8], [1, 1, -2, 3, 3, -3], [2, -2, 5, -7, 9, 9, 9]],
)
def test_wilcoxon_of_few_songs_is_exact_with_ties_too(differences: list[float]) -> None:
    found = wilcoxon(np.array(differences, dtype=float), np.zeros(len(differences)))
    assert found.p == pytest.approx(exact_p(differences))


def test_wilcoxon_drops_equal_songs_from_the_test_but_not_from_the_differences() -> None:
    # W- = 3, as by hand above but of four: 5 of 16 patterns. Ranked with the zeros (Pratt) the
    # songs have ranks 4 to 7, W- = 6, and 4 patterns are as far off.
    found = wilcoxon(np.array([0.0, 0.0, 0.0, 1.0, 2.0, -3.0, 4.0]), np.zeros(7))
    assert found.p == pytest.approx(10 / 16) == exact_p([1, 2, -3, 4])
    assert (found.n_songs, found.n_unequal, found.median_difference) == (7, 4, 0)
    assert found.mean_difference == pytest.approx(4 / 7)


def test_the_direction_is_that_of_ranks_not_of_the_mean() -> None:
    # One song is off by far, five the other way: ranks 6 against 15, means 100 against 15.
    found = wilcoxon(np.array([100.0, -1.0, -2.0, -3.0, -4.0, -5.0]), np.zeros(6))
    assert found.mean_difference > 0
    assert found.direction == -1


def test_the_direction_of_balanced_ranks_is_neither() -> None:
    found = wilcoxon(np.array([3.0, -1.0, -2.0]), np.zeros(3))
    assert (found.p, found.direction, found.n_unequal) == (1.0, 0, 3)


def test_ties_are_ties_whatever_the_order_of_sums() -> None:
    """Written in floats, 0.3 less 0.2 is more than 0.2 less 0.1, and neither is 0.1."""
    other = np.array([0.1, 0.2, 0.7, 0.4, 0.6, 0.3, 0.9])
    tenths = np.array([1, 1, -1, 2, 2, -2, 0])
    rmse = other + tenths / 10
    assert len(set(np.abs(rmse - other))) > 3
    found, clean = wilcoxon(rmse, other), wilcoxon(tenths.astype(float), np.zeros(7))
    assert found.p == clean.p == pytest.approx(exact_p([1, 1, -1, 2, 2, -2]))
    assert (found.n_unequal, found.direction) == (clean.n_unequal, clean.direction) == (6, 1)
    assert found.median_difference == 0.1


def test_what_differs_beyond_nine_decimals_is_equal() -> None:
    other = np.array([0.25, 0.5, 0.75, 0.125])
    assert wilcoxon(other + 4e-10, other) == Comparison(4, 0.0, 0.0, 1.0, 0, n_unequal=0)
    assert wilcoxon(other + 6e-10, other).n_unequal == 4


@settings(max_examples=50, deadline=None)
@given(pair=pairs)
def test_wilcoxon_agrees_with_scipy_and_turns_with_its_rows(pair: tuple[np.ndarray, ...]) -> None:
    rmse, other = pair
    found, turned = wilcoxon(rmse, other), wilcoxon(other, rmse)
    if np.array_equal(rmse, other):
        assert found == turned == Comparison(len(rmse), 0.0, 0.0, 1.0, 0, 0)
        return
    greater = scipy.stats.wilcoxon(rmse, other, alternative="greater")
    n = np.count_nonzero(rmse - other)
    assert found.p == pytest.approx(scipy.stats.wilcoxon(rmse, other).pvalue)
    assert found.direction == np.sign(greater.statistic - n * (n + 1) / 4)
    assert turned.p == pytest.approx(found.p)
    assert turned.n_unequal == found.n_unequal == n
    assert turned.direction == -found.direction
    assert turned.mean_difference == -found.mean_difference
    assert turned.median_difference == -found.median_difference


@pytest.mark.parametrize("n", [5, 12, 13, 14, 50, 51, 300])
@pytest.mark.parametrize("step", [1e-6, 0.25])
def test_p_of_wilcoxon_is_that_of_scipy_to_the_last_bit(n: int, step: float) -> None:
    """In exact and approximate tests, with ties and zeros (steps of 0.25) and without."""
    random = np.random.default_rng(n)
    differences = (random.normal(0.2, 1, n) / step).round() * step
    assert wilcoxon(differences, np.zeros(n)).p == scipy.stats.wilcoxon(differences).pvalue


def test_no_songs_are_no_evidence() -> None:
    found = wilcoxon(np.array([]), np.array([]))
    assert (found.n_songs, found.n_unequal, found.p, found.direction) == (0, 0, 1.0, 0)
    assert math.isnan(found.median_difference) and math.isnan(found.mean_difference)


def test_holm_by_hand() -> None:
    # .005 * 4, .01 * 3, .03 * 2; .04 * 1 would fall below .06.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([0.5, 0.9]) == (1.0, 1.0)
    assert holm([0.2]) == (0.2,)
    assert holm([]) == ()


@pytest.fixture(scope="module")
def quick_collection() -> Iterator[None]:
    """Each call of statsmodels collects garbage: spare it what is there already."""
    gc.freeze()
    yield
    gc.unfreeze()


@settings(max_examples=30, deadline=None)
@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_agrees_with_statsmodels(quick_collection: None, p: list[float]) -> None:
    from statsmodels.stats.multitest import multipletests

    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])


def test_nadeau_bengio_by_hand() -> None:
    # s^2 = .01, J = 3, n_test / n_train = 1/4: variance .01 * (1/3 + 1/4) = .0058333, its root
    # .0763763; t at 97.5 % with 2 degrees of freedom is 4.3026527 (any table): .3 -+ .3286207.
    found = nadeau_bengio([0.2, 0.3, 0.4], test_share=0.25)
    assert (found.low, found.high) == pytest.approx((-0.0286207, 0.6286207), abs=1e-6)


@given(
    values=st.lists(st.floats(-1, 1, width=16), min_size=2, max_size=20),
    test_share=st.floats(0, 1),
)
def test_nadeau_bengio_is_student_without_overlap_and_never_narrower(
    values: list[float], test_share: float
) -> None:
    error = scipy.stats.sem(values)
    low, high = np.mean(values), np.mean(values)
    if error > 0:
        low, high = scipy.stats.t.interval(0.95, len(values) - 1, np.mean(values), error)
    naive = nadeau_bengio(values, test_share=0)
    assert (naive.low, naive.high) == pytest.approx((low, high), abs=1e-9)
    found = nadeau_bengio(values, test_share=test_share)
    assert found.high - found.low >= naive.high - naive.low
    assert found.low + found.high == pytest.approx(naive.low + naive.high, abs=1e-9)


@pytest.mark.parametrize("n", [2, 5, 10, 100])
def test_the_quantile_of_student_is_that_of_scipy_to_the_last_bit(n: int) -> None:
    values = np.arange(n, dtype=float)
    error = math.sqrt(values.var(ddof=1) * (1 / n + 0.25))
    half = float(scipy.stats.t.ppf(0.975, n - 1)) * error
    mean = float(values.mean())
    assert nadeau_bengio(values, test_share=0.25) == Interval(mean - half, mean + half)


@pytest.mark.parametrize("values", [[], [0.3]])
def test_one_fold_has_no_interval(values: list[float]) -> None:
    found = nadeau_bengio(values, test_share=0.25)
    assert math.isnan(found.low) and math.isnan(found.high)


@pytest.mark.parametrize(
    ("told_apart", "ranks"),
    [
        ([], (1, 1, 1, 1)),
        ([(1, 0), (2, 1), (3, 2)], (1, 2, 3, 4)),
        ([(2, 0), (3, 0)], (1, 1, 3, 3)),
        ([(3, 0)], (1, 1, 1, 4)),
        # The chain: 2 is like 1, and 1 like 0, but 2 is not like 0, who leads.
        ([(2, 0)], (1, 1, 3, 3)),
        # 3 is unlike 0, but like 2, who leads by then.
        ([(2, 0), (3, 0), (3, 1)], (1, 1, 3, 3)),
        # 2 is unlike 1, who leads nobody.
        ([(2, 1)], (1, 1, 1, 1)),
        # 1 is unlike the leader and 2 is not: 2 is held against 1 and shares its rank.
        ([(1, 0)], (1, 2, 2, 2)),
    ],
)
def test_rank_groups(told_apart: list[tuple[int, int]], ranks: tuple[int, ...]) -> None:
    assert rank_groups(4, lambda row, leader: (row, leader) in told_apart) == ranks


@given(worse=st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9))), n=st.integers(0, 10))
def test_ranks_are_places_and_never_decrease(worse: set[tuple[int, int]], n: int) -> None:
    def is_worse(row: int, leader: int) -> bool:
        assert leader < row, "a row is held against one above it, never against itself"
        return (row, leader) in worse

    ranks = rank_groups(n, is_worse)
    assert len(ranks) == n
    assert ranks[:1] == (1,)[:n]
    assert list(ranks) == sorted(ranks)
    assert all(rank == ranks.index(rank) + 1 for rank in ranks)
