"""`tune`: studies on training songs, and what their winners are worth on test songs."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from benchmark.cli.arguments import Dask, Files, Jobs, Settings
from benchmark.cli.run import crew_of, publish
from benchmark.cli.screen import ProgressListener, console, errors
from benchmark.config import load_experiments
from benchmark.runner import Workspace


def tune_command(
    files: Files,
    settings: Settings = None,
    trials: Annotated[
        int | None, typer.Option(min=1, help="Trials of each study, instead of the file's.")
    ] = None,
    timeout: Annotated[
        float | None, typer.Option(min=0, metavar="SECONDS", help="Begin no trial after this.")
    ] = None,
    jobs: Jobs = None,
    dask: Dask = "",
    storage: Annotated[
        str,
        typer.Option(
            envvar="OPTUNA_STORAGE",
            metavar="URL",
            help="Where studies are kept: a database, or the file of a journal.",
        ),
    ] = "",
    apply: Annotated[
        bool, typer.Option("--apply", help="Write what won as experiment files.")
    ] = False,
) -> None:
    """Search parameters on training songs alone, and test what won; trials that ended are kept."""
    # Here and not above: Optuna takes a third of a second, and most commands do without it.
    from benchmark.tuning import Order, Storage, tune

    experiments = load_experiments(files, settings or ())
    workspace = Workspace()
    place = Storage.named(storage, workspace.tracking)
    order = Order(storage=place, trials=trials, seconds=timeout, apply=apply)
    try:
        with ProgressListener() as listener:
            done = tune(experiments, workspace, order, crew=crew_of(jobs, dask), listener=listener)
        complete = publish(workspace, done.jobs)
    except KeyboardInterrupt:
        errors.print("Interrupted. Trials that ended are kept; run the same command again.")
        raise typer.Exit(130) from None
    for reason in done.without_winner:
        errors.print(f"[red]no winner[/red] {escape(reason)}", soft_wrap=True)
    console.print(f"Trials: {escape(str(place))}", soft_wrap=True)
    for file in done.files:
        console.print(f"Written: {file}", soft_wrap=True)
    if done.without_winner or not complete:
        raise typer.Exit(1)
