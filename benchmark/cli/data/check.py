"""`data check`: what is unusual about a folder in DEAM's layout, and whether it can be used."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from benchmark.acquisition.ledger import Ledger
from benchmark.audit.check import check
from benchmark.audit.finding import Audit
from benchmark.audit.words import in_words
from benchmark.cli.arguments import Jobs
from benchmark.cli.screen import ProgressListener, console, errors
from benchmark.errors import DataError
from benchmark.execution import Pool
from benchmark.records.atomic import write_whole
from benchmark.runner import Listener

STANDARD_OUTPUT = Path("-")


def check_command(
    root: Annotated[Path, typer.Argument(help="A folder in DEAM's layout, however nested.")],
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write all of it as JSON; `-` prints that."),
    ] = None,
    audio: Annotated[
        bool,
        typer.Option("--audio/--no-audio", help="Decode all audio, or take the files to be sound."),
    ] = True,
    jobs: Jobs = None,
) -> None:
    """Say what is unusual about a folder, and whether it can be used (exit code 0, or 1)."""
    if json_file is not None and json_file.is_dir():
        raise DataError(f"--json {json_file}: is a folder; give the name of a file, or `-`")
    unpacked = Ledger.read(root).unpacked()
    look = partial(check, root, decode=audio, pool=Pool(jobs), unpacked=unpacked)
    try:
        if json_file == STANDARD_OUTPUT:
            audit = look(listener=Listener())
            print(_as_text(audit))  # noqa: T201  (JSON alone, whatever the terminal's width)
        else:
            with ProgressListener() as listener:
                audit = look(listener=listener)
            console.print(in_words(audit))
            if json_file is not None:
                write_whole(json_file, _as_text(audit).encode())
    except KeyboardInterrupt:
        errors.print("Interrupted. Nothing was written.")
        raise typer.Exit(130) from None
    if not audit.usable:
        raise typer.Exit(1)


def _as_text(audit: Audit) -> str:
    return json.dumps(audit.as_json(), indent=1)
