"""Tables of the report page: the leaderboard's own cells, and the worst songs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmark.evaluation.breakdown import worst_songs
from benchmark.pages.report_words import names_of
from benchmark.reporting.board import Track
from benchmark.reporting.columns import COLUMNS, FIRST, SPREADS, Column
from benchmark.reporting.numbers import NONE, number
from benchmark.reporting.published import published_numbers, verdict
from benchmark.reporting.wording import anchor_cells, cells, quoted, telling


@dataclass(frozen=True)
class Line:
    """Cells of a table; `kind` is its CSS class, `link` the address its last cell leads to."""

    cells: tuple[str, ...]
    kind: str = ""
    link: str = ""


@dataclass(frozen=True)
class Table:
    """A table as the template draws it: columns aligned right but for those in `left`."""

    headings: tuple[str, ...]
    lines: tuple[Line, ...]
    left: tuple[int, ...] = ()
    caption: str = ""


def leaderboard(track: Track) -> Table:
    """Return the table of a track as the markdown leaderboard has it."""
    return _board(track, COLUMNS)


def spreads(track: Track) -> Table:
    """Return other measures and spreads."""
    return _board(track, SPREADS)


def _board(track: Track, columns: Sequence[Column]) -> Table:
    shown = telling(track, columns)
    leaders = {row.standing.rank: row for row in reversed(track.rows) if row.standing}
    lines = [
        Line(
            cells(track, row, shown),
            kind="flagged"
            if row.alarms
            else "trouble"
            if row.result is None
            else "leads"
            if row in leaders.values()
            else "",
        )
        for row in track.rows
    ]
    lines += [Line(anchor_cells(anchor, shown), kind="anchor") for anchor in track.anchors]
    headings = (*FIRST, *(column.heading for column in shown))
    return Table(headings, tuple(lines), left=(1, 2))


def published(track: Track) -> Table:
    """Return published numbers with their verdicts, those that may be compared first."""
    kinds = ("comparable", "comparable in skill only", "not comparable")
    judged = [(one, verdict(one, track.conditions)) for one in published_numbers()]
    judged.sort(key=lambda pair: kinds.index(pair[1].kind))
    n_comparable = sum(found.kind == "comparable" for _, found in judged)
    return Table(
        ("system", "RMSE", "comparable?", "± over", "source"),
        tuple(
            Line(
                (
                    one.system,
                    quoted(one, track.target),
                    str(found),
                    one.spread_over or NONE,
                    f"{one.citation} ({one.confidence})",
                ),
                kind="" if found.kind == "comparable" else "anchor",
            )
            for one, found in judged
        ),
        left=(0, 2, 3, 4),
        caption=f"Published numbers: {n_comparable} of {len(judged)} comparable",
    )


def worst(
    track: Track, subsets: Mapping[str, str], link: Callable[[Track, str], str]
) -> Table | None:
    """Return the songs with the highest RMSE of the best row; None where there is no result."""
    best = track.best
    if best is None or best.result is None:
        return None
    models = [row for row in track.rows if row.result and not row.is_constant] or [best]
    found = worst_songs(best.result.table, [row.result.table for row in models if row.result])
    several = len({subsets.get(song.song, "") for song in found} - {""}) > 0
    links = [link(track, song.song) for song in found]
    headings = ["song"]
    if several:
        headings.append("subset")
    headings += ["RMSE", "constant", f"mean of {len(models)} rows"]
    if any(links):
        headings.append("curves")
    name = names_of(track)[id(best)]
    return Table(
        tuple(headings),
        tuple(
            Line(
                (
                    song.song,
                    *([subsets.get(song.song, "") or NONE] if several else []),
                    number(song.rmse),
                    number(song.constant),
                    number(song.of_rows),
                    *(["curves" if address else NONE] if any(links) else []),
                ),
                link=address,
            )
            for song, address in zip(found, links, strict=True)
        ),
        left=(0, 1) if several else (0,),
        caption=f"The {len(found)} songs that {name} errs on most; constant: the error on them of "
        f"the constant fitted on the same training songs; last, the mean over all rows of models.",
    )
