"""Arguments that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Files = Annotated[list[Path], typer.Argument(help="Experiment files, as in experiments/*.yaml")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override a key of every file given."),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Worker processes, as many as keep all cores busy if left out; the numbers of a job "
        "do not depend on it.",
    ),
]
Dask = Annotated[
    str, typer.Option(metavar="ADDRESS", help="Run jobs on a Dask cluster, or a `local` one.")
]
