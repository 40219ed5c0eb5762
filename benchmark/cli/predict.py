"""`train` and `predict`: from an experiment to a model, from a model to curves of any music."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from benchmark.cli.arguments import Jobs, Settings
from benchmark.cli.run import crew_of
from benchmark.cli.screen import ProgressListener, console, errors, print_error
from benchmark.config import load_experiments
from benchmark.execution import Pool
from benchmark.runner import Workspace

Model = Annotated[
    str,
    typer.Option(
        metavar="MODEL",
        help="A registered model, `NAME`, `NAME/VERSION` or `NAME@ALIAS`; the address or the "
        "folder of one; `none` for no curve.",
    ),
]


def train_command(
    file: Annotated[Path, typer.Argument(help="An experiment file that has been run.")],
    settings: Settings = None,
    best: Annotated[
        list[str] | None,
        typer.Option(metavar="TARGET", help="Train the best cell on arousal, valence, or both."),
    ] = None,
    cell: Annotated[
        list[str] | None,
        typer.Option(metavar="CELL", help="Train this cell, as --dry-run lists it."),
    ] = None,
    jobs: Jobs = None,
) -> None:
    """Fit a cell on all songs and register it in MLflow with its cross-validated score."""
    from benchmark.prediction.train import train

    (experiment,) = load_experiments([file], settings or ())
    try:
        with ProgressListener() as listener:
            registered = train(
                experiment,
                Workspace(),
                named=cell or (),
                best=best or (),
                crew=crew_of(jobs, ""),
                listener=listener,
            )
    except KeyboardInterrupt:
        errors.print("Interrupted. Models that are registered stay.")
        raise typer.Exit(130) from None
    for model in registered:
        console.print(f"[bold]{escape(model.name)}[/bold] version {model.version}")
        console.print(f"  {escape(model.description)}", soft_wrap=True, highlight=False)
        console.print(
            f'  mlflow.pyfunc.load_model("{escape(model.uri)}").predict(["song.mp3"])',
            soft_wrap=True,
        )
    console.print("Curves of any music: python -m benchmark predict SONG_OR_FOLDER... --out DIR")


def predict_command(
    songs: Annotated[list[Path], typer.Argument(help="Files of audio, and folders of them.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where curves and the page go.")],
    arousal: Model = "mer-arousal",
    valence: Model = "mer-valence",
    start: Annotated[float, typer.Option(min=0, metavar="SECONDS")] = 0.0,
    end: Annotated[float | None, typer.Option(min=0, metavar="SECONDS")] = None,
    smooth: Annotated[
        int,
        typer.Option(min=0, metavar="STEPS", help="Moving mean over so many labels either side."),
    ] = 0,
    copy_audio: Annotated[
        bool, typer.Option("--copy-audio", help="Copy songs beside the page, to pass it on whole.")
    ] = False,
    jobs: Jobs = None,
) -> None:
    """Write 2 Hz emotion curves of any music as CSV, Parquet and a page to listen with."""
    from benchmark.prediction.forecast import Stretch
    from benchmark.prediction.models import find_models
    from benchmark.prediction.music import Wish, predict_music

    wish = Wish(places=songs, stretch=Stretch(start, end, smooth), out=out, copy_audio=copy_audio)
    models = find_models({"arousal": arousal, "valence": valence}, Workspace().tracking)
    with ProgressListener() as listener:
        done = predict_music(wish, models, pool=Pool(jobs), listener=listener)
    for reason in done.errors:
        print_error(reason)
    console.print(f"{done.n_done} of {done.n_songs} songs")
    for what, path in done.files.items():
        console.print(f"  {what}: {path}", soft_wrap=True, highlight=False)
    if done.interrupted:
        kept = "What is written is of the songs that were done." if done.files else ""
        errors.print(f"Interrupted. {kept}")
        raise typer.Exit(130)
    if done.errors or not done.files:
        raise typer.Exit(1)
