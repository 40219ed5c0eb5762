"""What all commands print to, and the progress bars of those that take long."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmark.runner import Listener, Workspace

console = Console(width=None if sys.stdout.isatty() else 160)
errors = Console(stderr=True)


def print_error(error: object) -> None:
    """Print a mistake, or what could not be done."""
    errors.print(f"[red]error[/red] {escape(str(error))}", soft_wrap=True)


def print_places(workspace: Workspace) -> None:
    """Print where the reports lie."""
    console.print(f"Leaderboard: {workspace.leaderboard}", soft_wrap=True)
    console.print(f"Protocols: {workspace.protocols}", soft_wrap=True)
    if workspace.studies.exists():
        console.print(f"Studies: {workspace.studies}", soft_wrap=True)


def print_page(workspace: Workspace) -> None:
    """Print where the report page lies: the last line of what makes it."""
    console.print(f"Report page: {workspace.page.absolute()}", soft_wrap=True, highlight=False)


class ProgressListener(Listener):
    """Draws a progress bar per stage; notes go above the bars."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[step]}"),
            console=console,
        )

    def __enter__(self) -> ProgressListener:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def stage(self, title: str, steps: int) -> None:
        self._task = self._progress.add_task(escape(title), total=steps, step="")

    def advance(self, step: str) -> None:
        self._progress.update(self._task, advance=1, step=escape(step))

    def note(self, text: str) -> None:
        self._progress.console.print(escape(text), style="yellow", soft_wrap=True)
