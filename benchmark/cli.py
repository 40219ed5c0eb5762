"""The command line: run, report, compare, track, list, validate."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from benchmark import registry
from benchmark.config import Experiment, load_experiments
from benchmark.errors import BenchmarkError, ConfigError, RegistryError, TrackingError
from benchmark.reporting.terminal import show
from benchmark.runner import Listener, Workspace, compare, report, run, track

app = typer.Typer(
    name="benchmark",
    help="The benchmark suite of dynamic music emotion recognition.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console(width=None if sys.stdout.isatty() else 160)
errors = Console(stderr=True)

Files = Annotated[list[Path], typer.Argument(help="Experiment files, as in experiments/*.yaml")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override a key of every file given."),
]


@app.command("run")
def run_command(
    files: Files,
    settings: Settings = None,
    dry_run: Annotated[bool, typer.Option(help="Show what would run, and stop.")] = False,
    jobs: Annotated[
        int, typer.Option(min=1, help="Worker processes; the numbers do not depend on it.")
    ] = os.cpu_count() or 1,
    fresh: Annotated[bool, typer.Option(help="Compute again what has been recorded.")] = False,
) -> None:
    """Run experiments: cross-validate every cell, fill MLflow, write the leaderboard."""
    experiments = load_experiments(files, settings or ())
    if dry_run:
        _preview(experiments)
        return
    workspace = Workspace()
    try:
        with ProgressListener() as listener:
            summary = run(experiments, workspace, workers=jobs, fresh=fresh, listener=listener)
        show(report(workspace), console)
        console.print(
            f"\n{summary.computed} jobs computed, {summary.recorded} taken from records, "
            f"{len(summary.failures)} failed."
        )
        _print_places(workspace)
        for failure in summary.failures:
            errors.print(f"[red]failed[/red] {escape(failure)}", soft_wrap=True)
        if summary.failures:
            errors.print("Run the same command again to retry the failed jobs only.")
        _track(workspace)
    except KeyboardInterrupt:
        errors.print("Interrupted. Finished jobs are kept; run the same command again to go on.")
        raise typer.Exit(130) from None
    if summary.failures:
        raise typer.Exit(1)


@app.command("report")
def report_command() -> None:
    """Write the reports again from what is recorded, and show the leaderboard."""
    workspace = Workspace()
    show(report(workspace), console)
    console.print()
    _print_places(workspace)


@app.command("compare")
def compare_command(
    experiments: Annotated[list[str], typer.Argument(help="Names of experiments that have run.")],
    target: Annotated[Literal["arousal", "valence"], typer.Option()] = "arousal",
) -> None:
    """Show rows of some experiments in one table; refused where they are not comparable.

    Paired tests are adjusted for these rows alone.
    """
    show([compare(Workspace(), experiments, target)], console)


@app.command("track")
def track_command() -> None:
    """Fill the MLflow store again from the records."""
    _track(Workspace())


@app.command("list")
def list_command() -> None:
    """List features, models, datasets and protocols with their parameters."""
    for group in registry.GROUPS:
        table = Table(title=group, title_justify="left", title_style="bold", show_lines=False)
        table.add_column("name")
        table.add_column("what it is", ratio=2)
        table.add_column("parameters", ratio=3)
        for name in registry.names(group):
            try:
                component = registry.component(group, name)
            except RegistryError as error:
                table.add_row(name, f"[red]{escape(str(error))}[/red]", "")
                continue
            sentence = (component.__doc__ or "").strip().partition("\n")[0]
            parameters = [f"{key}={value!r}" for key, value in component.defaults().items()]
            table.add_row(name, escape(sentence), escape(", ".join(parameters)))
        console.print(table)


@app.command("validate")
def validate_command(files: Files, settings: Settings = None) -> None:
    """Check experiment files and name every mistake; nothing is loaded or run."""
    for experiment in load_experiments(files, settings or ()):
        cells = experiment.cells()
        console.print(f"{experiment.file}: fine, {len(cells)} cells", soft_wrap=True)


def _print_places(workspace: Workspace) -> None:
    console.print(f"Leaderboard: {workspace.leaderboard}", soft_wrap=True)
    console.print(f"Protocols: {workspace.protocols}", soft_wrap=True)


def _track(workspace: Workspace) -> None:
    try:
        with ProgressListener() as listener:
            tracked = track(workspace, listener)
    except TrackingError as error:
        errors.print(f"[red]error[/red] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(1) from None
    server = tracked.uri if tracked.uri.startswith("http") else "http://127.0.0.1:5000"
    if server != tracked.uri:
        console.print(f"MLflow: mlflow ui --backend-store-uri {tracked.uri}", soft_wrap=True)
    for name, page in tracked.pages.items():
        console.print(f"  {escape(name)}: {server}/{page}", soft_wrap=True, highlight=False)


def _preview(experiments: tuple[Experiment, ...]) -> None:
    for experiment in experiments:
        console.print(f"[bold]{escape(experiment.name)}[/bold] ({experiment.file})")
        console.print(f"  dataset {escape(experiment.dataset.label)}", soft_wrap=True)
        for protocol in experiment.protocols:
            flaw = f"{protocol.flaw.upper()}: " if protocol.flaw else ""
            console.print(f"  {flaw}{escape(protocol.in_words)}", soft_wrap=True)
        for cell in experiment.cells():
            several = f" / {cell.protocol.label}" if len(experiment.protocols) > 1 else ""
            console.print(f"  {escape(cell.label + several)}", soft_wrap=True)
        console.print(f"  {len(experiment.cells())} cells, seeds {list(experiment.seeds)}")


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


def main() -> None:
    """Run the command line; a user's mistake is one message and exit code 2, no traceback."""
    try:
        app()
    except ConfigError as error:
        count = len(error.problems)
        errors.print(f"[red]{count} mistake{'s' if count > 1 else ''} in experiment files[/red]")
        for problem in error.problems:
            errors.print(f"  {escape(str(problem))}", soft_wrap=True)
        sys.exit(2)
    except (BenchmarkError, OSError) as error:
        errors.print(f"[red]error[/red] {escape(str(error))}", soft_wrap=True)
        sys.exit(2)
