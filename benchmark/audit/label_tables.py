"""The tables of averaged ratings: every mistake that forbids reading them, and their form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.audit.finding import EXAMPLES, Finding, counted
from benchmark.audit.mistakes import Mistakes
from benchmark.audit.raw import header_of, spaced
from benchmark.errors import DataError
from benchmark.layout.labels import averaged_table, averaged_tables
from benchmark.layout.mistakes import TableError
from benchmark.layout.tables import NAMELESS, ended, read_labels, sample_starts

WORDS = {
    "unreadable": ("place where it cannot be read", "places where it cannot be read"),
    "header": ("column that is not as it should be", "columns that are not as they should"),
    "song_id": ("row without a song id", "rows without a song id"),
    "second_row": ("second row of a song", "second rows of songs"),
    "ragged": ("row not as long as the header", "rows not as long as the header"),
    "not_a_number": ("rating that is no number", "ratings that are no numbers"),
    "out_of_range": ("rating outside [-1, 1]", "ratings outside [-1, 1]"),
    "empty": ("reason why it is refused", "reasons why it is refused"),
}


@dataclass(frozen=True)
class LabelTable:
    """The averaged ratings of one target.

    `starts` are its columns (ms); `labels` holds, by song and label start, the ratings of the rows
    that can be read. `findings` are what the dataset `deam` refuses it for, and what is unusual.
    """

    paths: tuple[Path, ...]
    starts: tuple[int, ...]
    labels: Mapping[str, Mapping[int, float]]
    findings: tuple[Finding, ...]


def look_at_labels(target: str, files: Sequence[Path], root: Path) -> LabelTable:
    """Read the table of a target, or say everything that forbids reading it."""
    findings: list[Finding] = []
    paths = averaged_tables(target, files, root)
    try:
        table = averaged_table(target, files, root)
    except DataError as error:
        text = str(error).removeprefix(f"dataset.root = {root}: ")
        findings.append(Finding(code="labels.table", severity="unusable", text=text))
    else:
        findings.extend(_copies(paths, root) if len(paths) > 1 else ())
        paths = [table]
    looked = [_look_at(path, root) for path in paths]
    findings.extend(mistake for _, mistakes in looked for mistake in mistakes)
    labels = next((labels for labels, _ in looked if labels), {})
    for path in paths:
        findings.extend(_form(path, root))
    return LabelTable(tuple(paths), _starts(paths[0]) if paths else (), labels, tuple(findings))


def _form(path: Path, root: Path) -> Iterator[Finding]:
    names = spaced(header_of(path))
    figures = {"table": str(path.relative_to(root))}
    if names:
        yield Finding(
            code="labels.header_spaces",
            severity="handled",
            text=f"{path.name}: {counted(len(names), 'column name')} with spaces around; joined on "
            f"the names without them",
            figures={**figures, "columns": len(names)},
        )
    try:
        whole = ended(path)
    except OSError:  # said already
        whole = True
    if not whole:
        yield Finding(
            code="labels.unended",
            severity="handled",
            text=f"{path.name}: the last line has no line end; taken as it is, but if the file was "
            f"cut short, its last label is wrong and songs are missing",
            figures=figures,
        )


def _starts(path: Path) -> tuple[int, ...]:
    """Return the label starts (ms) that a table has columns for."""
    names = [name.strip() for name in header_of(path)[1:]]
    starts = sample_starts(path, names, Mistakes())
    return tuple(sorted(set(starts) - {NAMELESS}))


def _copies(paths: Sequence[Path], root: Path) -> list[Finding]:
    copies = [str(path.relative_to(root)) for path in paths]
    return [
        Finding(
            code="labels.copies",
            severity="handled",
            text=f"{paths[0].name} lies there {len(copies)} times; the copies are equal, one is "
            f"used",
            examples=tuple(copies[:EXAMPLES]),
            figures={"tables": copies},
        )
    ]


def _look_at(path: Path, root: Path) -> tuple[Mapping[str, Mapping[int, float]], list[Finding]]:
    """Return what can be read of a table, and every mistake in it."""
    mistakes = Mistakes(by=lambda mistake: mistake.kind)
    labels: Mapping[str, Mapping[int, float]] = {}
    try:
        labels = read_labels(path, mistakes)
    except TableError as unreadable:
        mistakes(unreadable)
    if len(mistakes.groups) > 1:
        mistakes.groups.pop("empty", None)  # by the other mistakes
    return labels, [
        group.finding(
            f"labels.{group.first.kind}",
            "unusable",
            f"{path.name}: {counted(group.count, *WORDS[group.first.kind])}",
            root,
        )
        for group in mistakes.groups.values()
    ]
