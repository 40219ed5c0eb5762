"""Which rows of a table are told apart: paired over songs, Holm's correction over all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from benchmark.evaluation.scores import SongTable
from benchmark.evaluation.statistics import Comparison, holm, rank_groups, wilcoxon

ALPHA = 0.05


@dataclass(frozen=True)
class Versus:
    """A paired comparison of two rows; `p` is adjusted for all comparisons of the table."""

    comparison: Comparison
    p: float

    @property
    def told_apart(self) -> bool:
        return self.p < ALPHA

    def reversed(self) -> Versus:
        """Return the comparison the other way round."""
        return Versus(self.comparison.reversed(), self.p)


@dataclass(frozen=True)
class Standing:
    """A row's rank, and how it compares.

    With the row above, with its constant, and with each row of the table, in their order; None for
    itself.
    """

    rank: int
    above: Versus | None
    constant: Versus | None
    others: tuple[Versus | None, ...] = ()


def standings(tables: Sequence[SongTable]) -> tuple[Standing, ...]:
    """Return the standing of each row of a table, rows sorted best first.

    A row shares the rank of the best row of its group unless the test finds it worse than that.
    The tests are those of all pairs of rows, and of each row against its constant.

    Raises
    ------
    ValueError
        If rows were not tested on the same songs: they belong to different tracks.
    """
    for table in tables:
        if table.ids != tables[0].ids:
            raise ValueError("rows tested on different songs share no table")
    rmse = [table.songs.rmse for table in tables]
    pairs = {
        (row, other): wilcoxon(rmse[row], rmse[other])
        for other, row in combinations(range(len(tables)), 2)
    }
    constants = {
        row: compared
        for row, table in enumerate(tables)
        if (compared := wilcoxon(rmse[row], table.constant_rmse)).n_unequal
    }
    adjusted = holm([compared.p for compared in (*pairs.values(), *constants.values())])
    against = {
        key: Versus(compared, p)
        for (key, compared), p in zip(pairs.items(), adjusted[: len(pairs)], strict=True)
    }
    constant = {
        row: Versus(compared, p)
        for (row, compared), p in zip(constants.items(), adjusted[len(pairs) :], strict=True)
    }
    ranks = rank_groups(
        len(tables),
        lambda row, leader: (
            against[row, leader].told_apart and against[row, leader].comparison.direction > 0
        ),
    )
    return tuple(
        Standing(
            rank,
            above=against.get((row, row - 1)),
            constant=constant.get(row),
            others=tuple(_between(row, other, against) for other in range(len(tables))),
        )
        for row, rank in enumerate(ranks)
    )


def _between(row: int, other: int, against: Mapping[tuple[int, int], Versus]) -> Versus | None:
    """Return how a row compares with another, whichever stands first."""
    if row < other:
        return against[other, row].reversed()
    return against.get((row, other))
