"""What every rendering says: columns, the text of a row, what a track is. Knows no layout."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmark.evaluation.oracles import Anchor
from benchmark.evaluation.standing import Versus
from benchmark.evaluation.statistics import Interval
from benchmark.reporting.board import Track
from benchmark.reporting.published import Published
from benchmark.reporting.rows import Result, Row

NONE = "–"
SPACE = "\N{NO-BREAK SPACE}"
MARK = "⚠"


@dataclass(frozen=True)
class Column:
    """A heading, and the text of a row with a result."""

    heading: str
    text: Callable[[Row, Result], str]


FOLDS = Column("± SD (folds)", lambda _, result: number(result.score.rmse_std))
PEARSON = Column(
    "r", lambda _, result: _defined(result.score.pearson, result.score.pearson_undefined)
)
CCC = Column("CCC", lambda _, result: _defined(result.score.ccc, result.score.ccc_undefined))
TUNING = Column(
    "tuning optimism", lambda row, _: signed(row.tuned.optimism, 4) if row.tuned else NONE
)
SECONDS = Column("seconds", lambda row, _: f"{row.seconds:.1f}")

COLUMNS = (
    Column(
        "RMSE [95 %, songs]",
        lambda _, result: within(result.score.rmse, 4, result.over_songs.rmse, 3),
    ),
    FOLDS,
    Column(
        "skill [95 %, songs]",
        lambda _, result: within(result.score.skill, 3, result.over_songs.skill, 2),
    ),
    TUNING,
    Column("vs row above", lambda row, _: versus(row.standing.above if row.standing else None)),
    Column("vs constant", lambda row, _: versus(row.standing.constant if row.standing else None)),
)
"""The columns of a leaderboard after those of `FIRST`."""

NARROW = (
    *COLUMNS[:4],
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


def title(track: Track) -> str:
    """Return the heading of a track: data, target, protocol, and what is wrong with it."""
    labels = {row.protocol for row in track.rows}
    protocol = labels.pop() if len(labels) == 1 else track.conditions.protocol
    flaw = f" ({track.conditions.flaw})" if track.conditions.flaw else ""
    return f"{track.conditions.title}: {track.target}, {protocol}{flaw}"


def introduction(track: Track) -> str:
    """Say what the numbers of a track were measured on."""
    synthetic = (
        "**Synthetic data**: rendered tunes, no listeners. These numbers show that the machinery "
        "works and say nothing about music. "
        if track.conditions.synthetic
        else ""
    )
    licence = f" ({track.licence})" if track.licence else ""
    citation = f" Data: {track.citation}{licence}." if track.citation else ""
    labels = next((row.result.score.n_labels for row in track.rows if row.result), None)
    counted = f", {labels:,} labels at 2 Hz" if labels else ""
    protocols = ". ".join(
        f"{words[0].upper()}{words[1:]} [folds {folds[:8]}]" for words, folds in track.protocols
    )
    return (
        f"{synthetic}{_warning(track)}{protocols}. {track.conditions.n_test_songs} test songs of "
        f"{track.n_songs}{counted}.{citation}"
    )


def _warning(track: Track) -> str:
    return {
        "": "",
        "optimistic": "**Optimistic**: choices are made on the songs that are tested; no row is "
        "ranked, and none may be held against rows of another table. ",
        "leaky": "**Leaky**: the songs that are tested are trained on too; no row is ranked. ",
    }[track.conditions.flaw]


def telling(track: Track, columns: Sequence[Column]) -> list[Column]:
    """Return the columns that say something of any row; all of them where there is no result."""
    return [
        column
        for column in columns
        if any(row.result and column.text(row, row.result) != NONE for row in track.rows)
    ] or [column for column in columns if column is not TUNING]


def cells(track: Track, row: Row, columns: Sequence[Column]) -> tuple[str, ...]:
    """Return a row's cells as text: those of `FIRST`, then of some columns."""
    rank = str(row.standing.rank) if row.standing else MARK if row.alarms else NONE
    first = (rank, row.feature, row.model, _trained_on(track, row))
    if row.result is None:
        return (*first, row.trouble, *[""] * (len(columns) - 1))
    return (*first, *(column.text(row, row.result) for column in columns))


def _trained_on(track: Track, row: Row) -> str:
    """Return the number of training songs, and the protocol where several have as many."""
    count = f"{row.cell.n_training_songs:,.0f}"
    same = {
        other.protocol for other in track.rows if f"{other.cell.n_training_songs:,.0f}" == count
    }
    return f"{count} ({row.protocol})" if len(same) > 1 else count


def anchor_cells(anchor: Anchor, columns: Sequence[Column]) -> tuple[str, ...]:
    """Return the cells of an anchor: never ranked, and without most columns."""
    shown = {COLUMNS[0]: number(anchor.rmse), SPREADS[0]: number(anchor.rmse_pooled)}
    return (NONE, "", anchor.name, "", *(shown.get(column, "") for column in columns))


def alarm_lines(track: Track) -> list[str]:
    """Return what speaks against rows, a line each; a cause many rows share is said once."""
    found: dict[str, list[str]] = {}
    for row in track.rows:
        for alarm in row.alarms:
            found.setdefault(f"{alarm.kind}: {alarm.words}", []).append(
                f"{row.feature} / {row.model}"
            )
    return [f"{', '.join(rows)}: {words}" for words, rows in found.items()]


def quoted(published: Published, target: str) -> str:
    """Return a published number with its spread, and its skill where that is known."""
    value = published.number(target)
    text = f"{value.rmse:g}" if value.rmse is not None else f"r {value.pearson:g}"
    text += f" ± {value.spread:g}" if value.spread is not None else ""
    return text + (f" (skill {value.skill:.2f})" if value.skill is not None else "")


def interval(value: Interval, digits: int = 4) -> str:
    """Return an interval as text."""
    if math.isnan(value.low):
        return NONE
    return f"[{_fixed(value.low, digits)},{SPACE}{_fixed(value.high, digits)}]"


def within(value: float, digits: int, around: Interval, fewer: int) -> str:
    """Return a number and the interval it lies in."""
    return f"{number(value, digits)}{SPACE}{interval(around, fewer)}"


def number(value: float, digits: int = 4) -> str:
    """Return a number, or a dash where it is not defined."""
    return NONE if math.isnan(value) else _fixed(value, digits)


def versus(value: Versus | None) -> str:
    """Return median difference and adjusted p of a comparison."""
    if value is None:
        return NONE
    return f"{signed(value.comparison.median_difference, 4)}, p{SPACE}{probability(value.p)}"


def signed(value: float, digits: int) -> str:
    """Return a difference with its sign; a zero has a plus."""
    return f"{round(value, digits) + 0.0:+.{digits}f}"


def probability(p: float) -> str:
    """Return a p value as text."""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def _fixed(value: float, digits: int) -> str:
    """Return so many decimals, and no minus before a zero."""
    return f"{round(value, digits) + 0.0:.{digits}f}"


def _defined(value: float, undefined: int) -> str:
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
    return _sd([float(value) for value in result.table.songs.rmse])
