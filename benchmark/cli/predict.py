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
    from benchmark.prediction.files import song_files
    from benchmark.prediction.forecast import Stretch, forecasts
    from benchmark.prediction.models import about_models, find_models
    from benchmark.prediction.outputs import write

    stretch = Stretch(start, end, smooth)
    found, problems = song_files(songs)
    models = find_models({"arousal": arousal, "valence": valence}, Workspace().tracking)
    done, lost = [], [str(problem) for problem in problems]
    order = {song: number for number, song in enumerate(found)}
    interrupted = False
    with ProgressListener() as listener:
        for note in models.notes:
            listener.note(note)
        listener.stage("songs", len(found))
        try:
            for forecast in forecasts(found, models.folders, stretch, pool=Pool(jobs)):
                listener.advance(forecast.song.name)
                if forecast.prediction:
                    done.append(forecast)
                    for note in forecast.prediction.notes:
                        listener.note(f"{forecast.song.name}: {note}")
                else:
                    lost.append(forecast.error)
        except KeyboardInterrupt:
            interrupted = True
    done.sort(key=lambda forecast: order[forecast.song])
    for reason in lost:
        print_error(reason)
    if done:
        paths = write(out, done, about_models(models, stretch), copy_audio=copy_audio)
        console.print(f"{len(done)} of {len(found)} songs")
        for what, path in paths.items():
            console.print(f"  {what}: {path}", soft_wrap=True, highlight=False)
    if interrupted:
        errors.print("Interrupted. What is written is of the songs that were done.")
        raise typer.Exit(130)
    if lost or not done:
        raise typer.Exit(1)
