"""What has been computed, shown again: `report`, `compare`, `track`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer
from rich.markup import escape

from benchmark.cli.screen import ProgressListener, console, print_error, print_page, print_places
from benchmark.errors import TrackingError
from benchmark.reporting.terminal import show
from benchmark.runner import Workspace, compare, tables, track, write_reports


def report_command() -> None:
    """Write the reports again from what is recorded, and show the leaderboard."""
    workspace = Workspace()
    board = tables(workspace)
    show(board, console)
    write_reports(workspace, board)
    console.print()
    print_places(workspace)
    print_page(workspace)


def compare_command(
    experiments: Annotated[list[str], typer.Argument(help="Names of experiments that have run.")],
    target: Annotated[Literal["arousal", "valence"], typer.Option()] = "arousal",
) -> None:
    """Show rows of some experiments in one table; refused where they are not comparable.

    Paired tests are adjusted for these rows alone.
    """
    show([compare(Workspace(), experiments, target)], console)


def track_command() -> None:
    """Fill the MLflow store again from the records."""
    if not fill_tracking(Workspace(), anew=True):
        raise typer.Exit(1)


def fill_tracking(workspace: Workspace, *, anew: bool = False) -> bool:
    """Bring MLflow up to date and print where its pages are; False, and why, if it cannot be."""
    try:
        with ProgressListener() as listener:
            tracked = track(workspace, listener, anew=anew)
    except TrackingError as error:
        print_error(error)
        return False
    server = tracked.uri if tracked.uri.startswith("http") else "http://127.0.0.1:5000"
    if server != tracked.uri:
        console.print(f"MLflow ({tracked.uri}): python -m benchmark ui", soft_wrap=True)
    for name, page in tracked.pages.items():
        console.print(f"  {escape(name)}: {server}/{page}", soft_wrap=True, highlight=False)
    return True
