"""An audit for the eye: the verdict, what lies where, then findings, most important first."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from benchmark.audit.finding import SEVERITIES, Audit, Finding

FEW = 3
"""Songs and examples that are named; the JSON has all songs, and more examples."""
COLOURS = {"unusable": "red", "left out": "yellow", "handled": "cyan", "fact": ""}


def in_words(audit: Audit) -> RenderableType:
    """Return what a terminal shows of an audit."""
    colour = "green" if audit.usable else "red"
    title = f"{audit.title} (ratings as released) in " if audit.official else ""
    head = Text.assemble(
        _plain(f"{title}{audit.root}: "), (_plain(audit.verdict), f"bold {colour}")
    )
    return Group(
        head, *([_counts(audit)] if audit.songs else ()), *_parts(audit), *_findings(audit)
    )


def song_list(songs: Sequence[str], few: int = FEW) -> str:
    """Return '1024, 272 and 18 more'."""
    if len(songs) <= few + 1:
        return " and ".join([", ".join(songs[:-1]), songs[-1]] if len(songs) > 1 else songs)
    return f"{', '.join(songs[:few])} and {len(songs) - few:,} more"


def _counts(audit: Audit) -> Table:
    table = Table("ids", box=None, padding=(0, 2), header_style="dim")
    in_deam = any(counts["in_deam"] is not None for counts in audit.songs.values())
    headings = {"rated": "rated songs", "usable": "usable"}
    if in_deam:
        headings = {"rated": "rated songs", "in_deam": "of DEAM's", "usable": "usable"}
    for heading in headings.values():
        table.add_column(heading, justify="right")
    for subset, counts in audit.songs.items():
        table.add_row(subset, *(f"{counts[key]:,}" for key in headings))
    return table


def _parts(audit: Audit) -> list[RenderableType]:
    found = [part for part in audit.parts if part.files]
    missing = [part.name for part in audit.parts if not part.files]
    shown: list[RenderableType] = []
    if found:
        table = Table("found", "files", "where", box=None, padding=(0, 2), header_style="dim")
        table.columns[1].justify = "right"
        for part in found:
            table.add_row(part.name, f"{part.files:,}", escape(_plain("\n".join(part.places))))
        shown.append(table)
    if missing:
        shown.append(Text(_plain(f"  not found: {', '.join(missing)}"), style="dim"))
    if audit.fetch:
        shown.append(Text(_plain(f"  to fetch:  {audit.fetch}"), style="dim"))
    return shown


def _findings(audit: Audit) -> list[RenderableType]:
    shown: list[RenderableType] = []
    for severity, meaning in SEVERITIES.items():
        found = audit.of(severity)
        if found:
            title = Text.assemble((severity, f"bold {COLOURS[severity]}"), (f"  {meaning}", "dim"))
            shown += [Text(""), title, *map(_finding, found)]
    return shown


def _finding(finding: Finding) -> Table:
    table = Table.grid(padding=(0, 1, 0, 2))
    named = f" ({song_list(finding.songs)})" if finding.songs else ""
    table.add_row("-", escape(_plain(finding.text + named)))
    examples = finding.examples
    for example in examples[:FEW]:
        table.add_row("", escape(_plain(example)), style="dim")
    if len(examples) > FEW:
        table.add_row("", "...", style="dim")
    return table


def _plain(text: str) -> str:
    """Return a text that every terminal takes, also where a file name is no UTF-8."""
    return text.encode("utf-8", "replace").decode()
