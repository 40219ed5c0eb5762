"""The same leaderboard as tables in the terminal, with fewer columns."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmark.reporting.board import Track
from benchmark.reporting.columns import FIRST, NARROW
from benchmark.reporting.published import published_numbers, verdict
from benchmark.reporting.wording import (
    MARK,
    alarm_lines,
    anchor_cells,
    cells,
    introduction,
    quoted,
    telling,
    title,
)

LEFT = ("feature", "model")
NARROWEST = {"feature": 6, "model": 12, "RMSE [95 %, songs]": 18}
"""What a narrow terminal leaves of the columns that wrap."""


def show(tracks: Sequence[Track], console: Console) -> None:
    """Print a table per track, and the number to compare with under it, comparable or not."""
    for track in tracks:
        columns = telling(track, NARROW)
        table = Table(title=escape(title(track)), title_justify="left", title_style="bold")
        for heading in (*FIRST, *(column.heading for column in columns)):
            left = heading in LEFT
            table.add_column(
                heading,
                justify="left" if left else "right",
                min_width=NARROWEST.get(heading),
                no_wrap=not left and not heading.startswith("RMSE"),  # where a reason may stand
            )
        for row in track.rows:
            table.add_row(*map(escape, cells(track, row, columns)))
        for anchor in track.anchors:
            table.add_row(*map(escape, anchor_cells(anchor, columns)), style="dim")
        console.print()
        console.print(table)
        for line in alarm_lines(track):
            console.print(escape(f"{MARK} {line}"), style="red")
        console.print(escape(introduction(track).replace("**", "")), style="dim")
        first = published_numbers()[0]
        found = verdict(first, track.conditions)
        reason = f": {found.reasons[0]}" if found.reasons else ""
        quote = f"Published: {first.system}: {quoted(first, track.target)}"
        console.print(escape(f"{quote} ({found.kind}{reason})"), style="dim")
