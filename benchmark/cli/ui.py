"""`ui`: MLflow's pages on the store that is filled."""

from __future__ import annotations

from typing import Annotated

import typer

from benchmark.cli.screen import console
from benchmark.runner import Workspace
from benchmark.tracking import serve


def ui_command(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Of 127.0.0.1.")] = 5000,
) -> None:
    """Open MLflow's UI on the right store, for this machine only; Ctrl-C ends it."""
    raise typer.Exit(serve(Workspace().tracking, port=port, say=console.print))
