"""The columns of tables: a heading, and what stands below it. Knows no layout."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmark.reporting.numbers import NONE, interval, number, probability, signed, versus, within
from benchmark.reporting.rows import Result, Row


@dataclass(frozen=True)
class Column:
    """A heading, and the text of a row with a result."""

    heading: str
    text: Callable[[Row, Result], str]


FOLDS = Column("± SD (folds)", lambda _, result: number(result.score.rmse_std))
PEARSON = Column(
    "r", lambda _, result: _in_songs(result, result.score.pearson, result.score.pearson_undefined)
)
CCC = Column(
    "CCC", lambda _, result: _in_songs(result, result.score.ccc, result.score.ccc_undefined)
)
R2 = Column(
    "R² ± SD (folds)",
    lambda _, result: (
        NONE
        if math.isnan(result.score.r2)
        else f"{number(result.score.r2, 3)} ± {number(result.score.r2_std, 3)}"
    ),
)
UNIT = Column(
    "RMSE on the raters' scale",
    lambda row, result: NONE if row.unit == 1 else number(result.score.rmse * row.unit, 3),
)
TUNING = Column(
    "tuning optimism", lambda row, _: signed(row.tuned.optimism, 4) if row.tuned else NONE
)
SECONDS = Column("seconds", lambda row, _: f"{row.seconds:.1f}")

SKILL = Column(
    "skill [95 %, songs]",
    lambda _, result: within(result.score.skill, 3, result.over_songs.skill, 2),
)

COLUMNS = (
    Column(
        "RMSE [95 %, songs]",
        lambda _, result: within(result.score.rmse, 4, result.over_songs.rmse, 3),
    ),
    FOLDS,
    UNIT,
    R2,
    SKILL,
    TUNING,
    Column("vs row above", lambda row, _: versus(row.standing.above if row.standing else None)),
    Column("vs constant", lambda row, _: versus(row.standing.constant if row.standing else None)),
)
"""The columns of a leaderboard after those of `FIRST`."""

NARROW = (
    COLUMNS[0],
    FOLDS,
    R2,
    SKILL,
    TUNING,
    Column("p constant", lambda row, _: _p_constant(row)),
    SECONDS,
)
"""Those a terminal has room for."""

SPREADS = (
    Column(
        "RMSE pooled [95 %, songs]",
        lambda _, result: within(result.score.rmse_pooled, 4, result.over_songs.pooled, 3),
    ),
    Column("RMSE [95 %, folds, corrected]", lambda _, result: interval(result.over_folds, 3)),
    Column("SD (songs)", lambda _, result: number(_song_sd(result))),
    Column("SD (seeds)", lambda _, result: number(_sd(result.table.seeds))),
    PEARSON,
    CCC,
    SECONDS,
)
"""Other measures and spreads, in a table of their own."""

FIRST = ("#", "feature", "model", "trained on")


def _in_songs(result: Result, value: float, undefined: int) -> str:
    if result.table.songs.whole:
        return NONE
    return number(value, 3) + (f" ({undefined})" if undefined else "")


def _p_constant(row: Row) -> str:
    against = row.standing.constant if row.standing else None
    return probability(against.p) if against else NONE


def _sd(values: Sequence[float]) -> float:
    if len(values) < 2:
        return math.nan
    mean = sum(values) / len(values)
    return math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))


def _song_sd(result: Result) -> float:
    songs = result.table.songs
    return math.nan if songs.whole else _sd([float(value) for value in songs.rmse])
