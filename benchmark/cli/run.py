"""`run`: experiments to records, tables and MLflow."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from benchmark.cli.arguments import Dask, Files, Jobs, Settings
from benchmark.cli.results import fill_tracking
from benchmark.cli.screen import (
    ProgressListener,
    console,
    errors,
    print_error,
    print_page,
    print_places,
)
from benchmark.config import Experiment, load_experiments
from benchmark.errors import ReportError
from benchmark.execution import Cluster, Pool
from benchmark.reporting.terminal import show
from benchmark.runner import Crew, Summary, Workspace, run, tables, write_reports


def run_command(
    files: Files,
    settings: Settings = None,
    dry_run: Annotated[bool, typer.Option(help="Show what would run, and stop.")] = False,
    jobs: Jobs = None,
    dask: Dask = "",
    fresh: Annotated[bool, typer.Option(help="Compute again what has been recorded.")] = False,
) -> None:
    """Run experiments: cross-validate every cell, fill MLflow, write the leaderboard."""
    experiments = load_experiments(files, settings or ())
    if dry_run:
        _preview(experiments)
        return
    workspace = Workspace()
    crew = crew_of(jobs, dask)
    try:
        with ProgressListener() as listener:
            summary = run(experiments, workspace, crew=crew, fresh=fresh, listener=listener)
        complete = publish(workspace, summary)
    except KeyboardInterrupt:
        errors.print("Interrupted. Finished jobs are kept; run the same command again to go on.")
        raise typer.Exit(130) from None
    if not complete:
        raise typer.Exit(1)


def crew_of(jobs: int | None, dask: str) -> Crew:
    """Return who works: processes of this machine, or a cluster and they for the features."""
    return Crew(here=Pool(jobs), jobs=Cluster(dask, jobs) if dask else Pool(jobs))


def publish(workspace: Workspace, summary: Summary) -> bool:
    """Show tables, write reports, fill MLflow: each even if another fails. False if one has."""
    board = tables(workspace)
    show(board, console)
    console.print(
        f"\n{summary.computed} jobs computed, {summary.recorded} taken from records, "
        f"{len(summary.failures)} failed."
    )
    for failure in summary.failures:
        errors.print(f"[red]failed[/red] {escape(failure)}", soft_wrap=True)
    if summary.failures:
        errors.print("Run the same command again to retry the failed jobs only.")
    written = True
    try:
        write_reports(workspace, board, anew=False)
        print_places(workspace)
    except ReportError as error:
        written = False
        print_error(error)
    filled = fill_tracking(workspace)
    if written:
        print_page(workspace)
    return written and filled and not summary.failures


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
