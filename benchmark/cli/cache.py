"""`cache`: what the feature cache holds, and how to be rid of it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.filesize import decimal
from rich.markup import escape
from rich.table import Table

from benchmark.cli.screen import console
from benchmark.runner import Workspace

app = typer.Typer(help="Show or clear the cache of features.", invoke_without_command=True)


@app.callback()
def show(context: typer.Context) -> None:
    """Show what the cache holds, and of which versions."""
    if context.invoked_subcommand:
        return
    cache = Workspace().features
    holdings = cache.holdings()
    table = Table("feature", "songs", "size", "made by")
    for holding in holdings:
        size = decimal(holding.n_bytes)
        table.add_row(
            escape(holding.feature), f"{holding.n_songs:,}", size, escape(holding.made_by)
        )
    if holdings:
        console.print(table)
    total = decimal(sum(holding.n_bytes for holding in holdings))
    console.print(f"{total} in {cache.root}", soft_wrap=True, highlight=False)


@app.command()
def clear(
    feature: Annotated[str, typer.Argument(help="As listed, or its name; all if left out.")] = "",
) -> None:
    """Remove features from the cache; jobs that need them compute them again."""
    removed = Workspace().features.clear(feature)
    n_files = sum(holding.n_songs for holding in removed)
    n_bytes = sum(holding.n_bytes for holding in removed)
    console.print(f"{n_files:,} files removed, {decimal(n_bytes)}")
