"""`data vgmidi`: real ratings and rendered audio, rebuilt from a clone of VGMIDI's repository."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from benchmark.acquisition.vgmidi.build import Site
from benchmark.acquisition.vgmidi.clone import REPOSITORY, Material, read_clone
from benchmark.acquisition.vgmidi.rendering import Rendering
from benchmark.acquisition.vgmidi.synthesizer import find_synthesizer
from benchmark.cli.arguments import Jobs
from benchmark.cli.screen import ProgressListener, console, errors, print_error
from benchmark.execution import Pool

ROOT = Path("data/vgmidi")


def vgmidi_command(
    clone: Annotated[
        Path, typer.Option("--from", metavar="CLONE", help=f"A clone of {REPOSITORY}.")
    ],
    root: Annotated[Path, typer.Option(metavar="DIR", help="Where the data goes.")] = ROOT,
    soundfont: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A General MIDI soundfont; FluidR3_GM if left out."),
    ] = None,
    jobs: Jobs = None,
    labels_only: Annotated[
        bool, typer.Option("--labels-only", help="Write the labels; render nothing.")
    ] = False,
) -> None:
    """Build VGMIDI in DEAM's layout: labels twice a second, and audio through FluidSynth."""
    synthesizer = None if labels_only else find_synthesizer(soundfont)
    material = read_clone(clone)
    site = Site(root)
    notes = site.write_labels(material, synthesizer)
    _print_labels(material, notes)
    failed = list(material.missing)
    if synthesizer is not None:
        try:
            failed += _render(site, material, site.due(material, synthesizer), Pool(jobs))
        except KeyboardInterrupt:
            errors.print("Interrupted. What is rendered is kept; run the same command again.")
            raise typer.Exit(130) from None
    for reason in failed:
        print_error(reason)
    console.print(f"Built in {escape(str(root))}; ABOUT.md there says how.", soft_wrap=True)
    if failed:
        raise typer.Exit(1)


def _render(site: Site, material: Material, due: list[Rendering], pool: Pool) -> list[str]:
    """Render what is due, and return what could not be rendered."""
    failed = []
    if due:
        with ProgressListener() as listener:
            listener.stage("rendering", len(due))
            for task, reason in site.render(due, pool):
                name = material.excerpts[task.id].piece.name
                listener.advance(name)
                if reason:
                    failed.append(f"song {task.id}: {name} ({task.midi}): {reason}")
    done = len(due) - len(failed)
    console.print(f"audio: {done} pieces rendered, {len(material.excerpts) - len(due)} were there")
    return failed


def _print_labels(material: Material, notes: list[str]) -> None:
    excerpts = material.excerpts.values()
    full = sum(excerpt.piece.full for excerpt in excerpts)
    labels = sum(len(excerpt.labels.starts) for excerpt in excerpts)
    console.print(
        f"labels: {len(excerpts)} pieces ({len(excerpts) - full} excerpts, {full} full songs), "
        f"{labels:,} half seconds"
    )
    for note in (*material.notes, *notes):
        console.print(escape(note), style="yellow", soft_wrap=True)
