"""What every rendering says: the text of a row, what a track is. Knows no layout."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.evaluation.oracles import Anchor
from benchmark.reporting.board import Track
from benchmark.reporting.columns import COLUMNS, R2, SPREADS, TUNING, UNIT, Column
from benchmark.reporting.numbers import NONE, number
from benchmark.reporting.published import Published
from benchmark.reporting.rows import Row, is_joint

MARK = "⚠"


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
    joint = (
        " Rows of **both targets**: one fit predicts arousal and valence; its seconds are those of "
        "both."
        if any(is_joint(row.cell) for row in track.rows)
        else ""
    )
    labels = next((row.result.score.n_labels for row in track.rows if row.result), None)
    counted = f", {labels:,} labels at 2 Hz" if labels else ""
    if track.conditions.whole_songs:
        counted = ", one rating each, of the whole song, brought from the raters' scale to [-1, 1]"
    protocols = ". ".join(
        f"{words[0].upper()}{words[1:]} [folds {folds[:8]}]" for words, folds in track.protocols
    )
    return (
        f"{synthetic}{_warning(track)}{protocols}. {track.conditions.n_test_songs} test songs of "
        f"{track.n_songs}{counted}.{citation}{joint}"
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
    ] or [column for column in columns if column not in (TUNING, UNIT, R2)]


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
