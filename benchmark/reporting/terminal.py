"""The same leaderboard as tables in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmark.reporting.board import Track
from benchmark.reporting.published import obstacles, published_numbers
from benchmark.reporting.wording import HEADINGS, cells, introduction, quoted, title

LEFT = ("feature", "model")


def show(tracks: Sequence[Track], console: Console) -> None:
    """Print a table per track, and the number to compare with under it, comparable or not."""
    for track in tracks:
        table = Table(title=escape(title(track)), title_justify="left", title_style="bold")
        for heading in HEADINGS:
            table.add_column(heading, justify="left" if heading in LEFT else "right")
        for number, row in enumerate(track.rows, 1):
            table.add_row(*map(escape, cells(number, row)))
        console.print()
        console.print(table)
        console.print(escape(introduction(track).replace("**", "")), style="dim")
        first = published_numbers()[0]
        reasons = obstacles(first, track.conditions)
        verdict = "comparable" if not reasons else f"not comparable: {reasons[0]}"
        console.print(
            escape(f"Published: {first.system}: {quoted(first, track.target)} ({verdict})"),
            style="dim",
        )
