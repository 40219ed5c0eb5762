from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
import scipy.stats
from statsmodels.stats.multitest import multipletests

from benchmark.evaluation.scores import SongTable
from benchmark.evaluation.standing import Versus, standings
from benchmark.evaluation.statistics import Songs, wilcoxon

STEPS = 0.01 * np.arange(1, 13)
"""Twelve differences of their own, so that no two tie."""


def table(
    rmse: Sequence[float], *, constant: Sequence[float] | None = None, first: str = "00"
) -> SongTable:
    """A row by its songs' RMSE; without `constant`, its own constant has the same."""
    values, n = np.asarray(rmse, dtype=float), len(rmse)
    return SongTable(
        ids=(first, *(f"{song:02}" for song in range(1, n))),
        songs=Songs(np.full(n, 1 / n), values, values**2, np.ones(n), np.ones(n)),
        constant_rmse=values if constant is None else np.asarray(constant, dtype=float),
        folds=(float(values.mean()),),
        seeds=(),
    )


def ranks(*tables: SongTable) -> list[int]:
    return [standing.rank for standing in standings(tables)]


def test_identical_rows_share_the_first_rank() -> None:
    rows = [table(STEPS) for _ in range(3)]
    found = standings(rows)
    assert [standing.rank for standing in found] == [1, 1, 1]
    assert found[0].above is None
    for standing in found[1:]:
        assert standing.above is not None
        assert (standing.above.p, standing.above.comparison.direction) == (1, 0)
        assert not standing.above.told_apart


def test_rows_that_differ_in_the_order_of_a_sum_are_identical() -> None:
    (_, second) = standings([table(STEPS), table(STEPS + 1e-12)])
    assert second.above is not None
    assert (second.above.p, second.above.comparison.median_difference) == (1, 0)


def test_a_row_that_is_clearly_worse_has_its_own_place() -> None:
    assert ranks(table(STEPS), table(STEPS), table(2 * STEPS), table(3 * STEPS)) == [1, 1, 3, 4]


def test_rows_are_held_against_the_best_of_their_group_not_the_row_above() -> None:
    """Each step moves five songs, p 2/32; both together ten, p 2/1024, 6/1024 after Holm."""
    best = STEPS
    middle = best + np.r_[STEPS[:5], np.zeros(7)]
    last = middle + np.r_[np.zeros(5), STEPS[5:10], np.zeros(2)]
    found = standings([table(best), table(middle), table(last)])
    assert [standing.rank for standing in found] == [1, 1, 3]
    for standing in found[1:]:
        assert standing.above is not None
        # 2 * 2/32 for the smaller of the two: the larger may not fall below it.
        assert standing.above.p == pytest.approx(2 * 2 / 32)
        assert not standing.above.told_apart


def test_a_row_that_is_better_than_the_one_above_opens_no_group() -> None:
    """Its mean is worse for one song, its signed ranks are better for the other eleven."""
    first = STEPS + 0.5
    second = first - STEPS
    second[0] += 5
    assert first.mean() < second.mean()
    _, below = standings([table(first), table(second)])
    assert below.above is not None
    assert below.above.told_apart
    assert below.above.comparison.direction == -1
    assert below.rank == 1


def test_p_is_that_of_scipy_adjusted_over_all_pairs_and_constants() -> None:
    random = np.random.default_rng(3)
    base = random.uniform(0.1, 0.4, 15)
    rows = [base + shift + random.normal(0, 0.06, 15) for shift in (0, 0.02, 0.04, 0.1)]
    rows.sort(key=np.mean)
    constants = [base + 0.07 + random.normal(0, 0.05, 15) for _ in rows]
    found = standings([table(row, constant=c) for row, c in zip(rows, constants, strict=True)])

    pairs = list(combinations(range(4), 2))
    p = [scipy.stats.wilcoxon(rows[low], rows[high]).pvalue for high, low in pairs]
    p += [scipy.stats.wilcoxon(*both).pvalue for both in zip(rows, constants, strict=True)]
    adjusted = multipletests(p, method="holm")[1]
    assert len(adjusted) == 10
    assert len(set(adjusted)) > 5, "or a mistaken order would go unnoticed"
    for row in range(1, 4):
        above = found[row].above
        assert above is not None
        assert above.p == pytest.approx(adjusted[pairs.index((row - 1, row))])
        difference = rows[row] - rows[row - 1]
        assert above.comparison.median_difference == pytest.approx(np.median(difference))
    for row in range(4):
        versus = found[row].constant
        assert versus is not None
        assert versus.p == pytest.approx(adjusted[6 + row])
        difference = rows[row] - constants[row]
        assert versus.comparison.median_difference == pytest.approx(np.median(difference))


def test_a_row_that_is_its_constant_is_not_compared_with_it() -> None:
    """Nor does it count among the tests: of two rows one pair and one constant are adjusted."""
    constant = table(2 * STEPS)
    model = table(STEPS, constant=2 * STEPS)
    first, second = standings([model, constant])
    assert second.constant is None
    assert first.constant is not None
    assert first.constant.p == pytest.approx(2 * 2 / 2**12)
    assert second.above is not None
    assert second.above.p == pytest.approx(2 * 2 / 2**12)


def test_a_row_that_is_no_better_than_its_constant_is_still_compared_with_it() -> None:
    """Better on two songs by as many ranks as it is worse on one: p 1, and a test like others."""
    constant = STEPS + 0.5
    balanced = constant + np.r_[0.03, -0.01, -0.02, np.zeros(9)]
    (alone,) = standings([table(balanced, constant=constant)])
    assert alone.constant is not None
    assert (alone.constant.p, alone.constant.comparison.direction) == (1, 0)
    assert alone.constant.comparison.n_unequal == 3
    assert not alone.constant.told_apart
    best, second = standings([table(STEPS), table(balanced, constant=constant)])
    assert best.constant is None and second.above is not None
    assert second.above.p == pytest.approx(2 * 2 / 2**12)


def test_the_same_rows_are_harder_to_tell_apart_among_many() -> None:
    """Six of six songs better, p 2/64, is enough for a table of two rows and not of three."""
    better, worse = STEPS[:6], 2 * STEPS[:6]
    assert ranks(table(better), table(worse)) == [1, 2]
    assert ranks(table(better), table(worse), table(worse)) == [1, 1, 1]


def test_rows_of_other_songs_are_refused() -> None:
    with pytest.raises(ValueError, match="rows tested on different songs share no table"):
        standings([table(STEPS), table(STEPS, first="zz")])


def test_no_rows_have_no_standing() -> None:
    assert standings([]) == ()


def test_rows_are_compared_with_every_other_whichever_stands_first() -> None:
    """As scipy says of the two the other way round; p adjusted once a pair."""
    random = np.random.default_rng(4)
    base = random.uniform(0.2, 0.4, 12)
    shifts = (0, 0.02, 0.04, 0.1)
    rows = sorted((base + by + random.normal(0, 0.05, 12) for by in shifts), key=np.mean)
    found = standings([table(row) for row in rows])
    pairs = list(combinations(range(4), 2))
    p = [scipy.stats.wilcoxon(rows[one], rows[other]).pvalue for one, other in pairs]
    adjusted = dict(zip(pairs, multipletests(p, method="holm")[1], strict=True))
    for one, standing in enumerate(found):
        assert len(standing.others) == 4
        assert standing.others[one] is None
        for other in {0, 1, 2, 3} - {one}:
            versus = standing.others[other]
            assert versus is not None
            assert versus.comparison == wilcoxon(rows[one], rows[other])
            assert versus.p == pytest.approx(adjusted[min(one, other), max(one, other)])
            assert versus == found[other].others[one].reversed()
        assert standing.above == (standing.others[one - 1] if one else None)
    assert len({round(value, 6) for value in adjusted.values()}) > 2


def test_a_comparison_reversed_is_that_of_the_rows_in_the_other_order() -> None:
    """Its median and its ranks are of two minds: what is reversed is each of them."""
    one, other = STEPS + np.r_[0.3, 0.2, 0.1, -STEPS[:9]], STEPS
    there, back = wilcoxon(one, other), wilcoxon(other, one)
    assert there.median_difference < 0 < there.mean_difference
    versus = Versus(there, 0.04)
    assert versus.reversed() == Versus(back, 0.04)
    assert versus.reversed().reversed() == versus
    assert versus.reversed().told_apart
