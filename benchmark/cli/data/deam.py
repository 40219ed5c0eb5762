"""`data deam`: the dataset from its authors' server, or from zips that are there."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from benchmark.acquisition.deam import Wish, acquire, in_words
from benchmark.acquisition.deam_parts import (
    CITATION,
    EXPERIMENTS,
    HOME,
    PARTS,
    TERMS,
    DeamPart,
    choose_parts,
)
from benchmark.acquisition.disk import in_units
from benchmark.acquisition.ledger import Ledger
from benchmark.acquisition.progress import BytesListener
from benchmark.cli.screen import console, errors
from benchmark.errors import AcquisitionError

ROOT = Path("data/deam")
ALL = ",".join(part.name for part in PARTS)


def deam_command(
    root: Annotated[Path, typer.Option(metavar="DIR", help="Where the data goes.")] = ROOT,
    parts: Annotated[str, typer.Option(metavar="NAMES", help="Some of these.")] = ALL,
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="FOLDER", help="Take zips from here; no network is used."),
    ] = None,
    accept_terms: Annotated[
        bool, typer.Option("--accept-terms", help="Accept the terms of use without being asked.")
    ] = False,
    mirror: Annotated[
        str, typer.Option(metavar="URL", help="Fetch the zips from below this address.")
    ] = HOME,
    allow_other_content: Annotated[
        str,
        typer.Option(
            metavar="NAMES",
            help="Parts to use though the SHA-256 of their zip is not the known one; warn.",
        ),
    ] = "",
) -> None:
    """Fetch DEAM and unpack it; what is there already is kept, and gone on with."""
    if source and mirror != HOME:
        raise AcquisitionError("--from takes zips that are there, --mirror fetches; give one")
    if not mirror.startswith(("http://", "https://")):
        raise AcquisitionError(f"--mirror: {mirror!r} is no address of the kind https://HOST/PATH")
    wish = Wish(
        root=root,
        parts=choose_parts(parts.split(",")),
        base=mirror,
        source=source,
        other_content=_named(allow_other_content),
    )
    due = wish.due()
    _introduce(wish, due)
    if due and not accept_terms and not Ledger.read(root).terms_accepted and not _accepts():
        errors.print("The terms are not accepted; nothing was fetched.")
        raise typer.Exit(1)
    failed: Mapping[str, AcquisitionError] = {}
    try:
        if due:
            with BytesProgress() as listener:
                failed = acquire(wish, listener)
    except KeyboardInterrupt:
        errors.print(
            "Interrupted. What is fetched and unpacked is kept; run the same command again to "
            "go on."
        )
        raise typer.Exit(130) from None
    _conclude(wish, failed)
    if failed:
        raise typer.Exit(1)


def _named(parts: str) -> tuple[str, ...]:
    if not parts:
        return ()
    return tuple(part.name for part in choose_parts(parts.split(","), "--allow-other-content"))


def _introduce(wish: Wish, due: tuple[DeamPart, ...]) -> None:
    console.print(f"DEAM: {CITATION}", soft_wrap=True, highlight=False)
    console.print(f"Terms: {TERMS}", soft_wrap=True, highlight=False)
    for part in wish.parts:
        size = f"{'' if part.size_is_known else 'about '}{in_units(part.size)}"
        state = size if part in due else "there"
        console.print(f"  {part.name:<12} {state:>14}  {part.holds}", highlight=False)


def _accepts() -> bool:
    if not sys.stdin.isatty():
        raise AcquisitionError(
            "the terms are not accepted, and nobody is here to ask: give --accept-terms if you "
            "accept them; nothing was fetched"
        )
    try:
        return console.input("Do you accept these terms? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _conclude(wish: Wish, failed: Mapping[str, AcquisitionError]) -> None:
    if failed:
        words = escape(in_words(wish, failed))
        errors.print(f"[red]not there[/red] {words}", soft_wrap=True, highlight=False)
    there = ", ".join(part.name for part in wish.parts if part.name not in failed)
    console.print(f"{there}: in {escape(str(wish.root))}", soft_wrap=True, highlight=False)
    kept = list(wish.zips.glob("*.zip"))
    if kept and not failed:
        size = in_units(sum(path.stat().st_size for path in kept))
        console.print(
            f"{escape(str(wish.zips))} ({size}) is not needed any more", soft_wrap=True,
            highlight=False,
        )  # fmt: skip
    at = shlex.quote(str(wish.root))
    elsewhere = "" if wish.root == ROOT else f" --set dataset.root={at}"
    ledger = Ledger.read(wish.root)
    possible = [files for files, parts in EXPERIMENTS.items() if all(map(ledger.holds, parts))]
    console.print("Next:", highlight=False)
    for command in (f"data check {at}", *(f"run {files}{elsewhere}" for files in possible)):
        console.print(f"  python -m benchmark {escape(command)}", soft_wrap=True, highlight=False)


class BytesProgress(BytesListener):
    """Draws a progress bar of bytes a file; notes go above the bars."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=console,
        )
        self._bars: dict[str, TaskID] = {}

    def __enter__(self) -> BytesProgress:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def stage(self, title: str, n_bytes: int | None) -> None:
        if title not in self._bars:
            self._bars[title] = self._progress.add_task(escape(title), total=None)
        self._bar = self._bars[title]
        self._progress.update(self._bar, total=n_bytes)

    def reached(self, n_bytes: int) -> None:
        self._progress.update(self._bar, completed=n_bytes)

    def note(self, text: str) -> None:
        self._progress.console.print(escape(text), style="yellow", soft_wrap=True)
