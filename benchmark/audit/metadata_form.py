"""The form of a metadata table: ragged rows, spaces of all kinds, columns of other names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmark.audit.finding import Finding, Severity, counted
from benchmark.audit.raw import raw_rows, spaced
from benchmark.errors import DataError
from benchmark.layout.metadata import column_of_ids, read_metadata

Row = Sequence[str]
TAB, NO_BREAK_SPACE = "\t", "\u00a0"


def form_findings(path: Path, root: Path) -> list[Finding]:
    """Say what is unusual about the form of one table, and how the suite takes it."""
    rows = [cells for _, cells in raw_rows(path)]
    if not rows:
        return []
    header, table = rows[0], rows[1:]
    return [
        Finding(
            code=f"metadata.{code}",
            severity=severity,
            text=f"{path.name}: {words}",
            figures={"table": str(path.relative_to(root)), **figures},
        )
        for code, severity, words, figures in (
            *_ragged(header, table),
            *_spaces(header, table),
            *_twice(header, table),
            *_unread(path, header),
        )
    ]


Form = tuple[str, Severity, str, dict[str, Any]]
"""Code, severity, words and figures of a finding."""


def _ragged(header: Row, table: Sequence[Row]) -> Iterator[Form]:
    """Compare rows with the columns that have names: a header may end in empty ones."""
    named = max((column for column, name in enumerate(header, 1) if name.strip()), default=0)
    beyond = [sum(bool(cell.strip()) for cell in cells[named:]) for cells in table]
    figures = {
        "rows": len(table),
        "columns_with_names": named,
        "columns": len(header),
        "rows_beyond_names": sum(map(bool, beyond)),
        "cells_beyond_names": max(beyond, default=0),
        "rows_short_of_names": sum(len(cells) < named for cells in table),
        "rows_not_as_long_as_header": sum(len(cells) != len(header) for cells in table),
    }
    words = [
        f"{figures['rows_beyond_names']:,} of {counted(len(table), 'row')} with up to "
        f"{counted(figures['cells_beyond_names'], 'cell')} beyond the {named} named columns (tags)"
        if any(beyond)
        else "",
        f"{figures['rows_short_of_names']:,} of {counted(len(table), 'row')} that end before the "
        f"{named} named columns do"
        if figures["rows_short_of_names"]
        else "",
    ]
    if any(words):
        yield "ragged", "handled", f"{', '.join(filter(None, words))}; joined on names", figures


def _spaces(header: Row, table: Sequence[Row]) -> Iterator[Form]:
    names = spaced(header)
    if names:
        words = f"{counted(len(names), 'column name')} with spaces around; joined on the names"
        yield "header_spaces", "handled", f"{words} without them", {"columns": len(names)}
    fields = [cell for cells in table for cell in cells]
    tabs, hard = (sum(space in cell for cell in fields) for space in (TAB, NO_BREAK_SPACE))
    words = " and ".join(
        f"{counted(number, 'field')} with {kind}"
        for number, kind in ((tabs, "tabs"), (hard, "no-break spaces"))
        if number
    )
    if words:
        figures = {"fields_with_tabs": tabs, "fields_with_no_break_spaces": hard}
        yield "spaces", "handled", f"{words}; taken as spaces", figures


def _twice(header: Row, table: Sequence[Row]) -> Iterator[Form]:
    names = [name.strip().lower() for name in header]
    column = column_of_ids(names)
    if column is not None:
        ids = [cells[column].strip() for cells in table if column < len(cells)]
        again = len(ids) - len(set(ids)) - max(0, ids.count("") - 1)
        if again:
            words = f"{counted(again, 'second row')} of songs that have one already"
            yield "second_row", "handled", f"{words}; refused if they differ", {"rows": again}


def _unread(path: Path, header: Row) -> Iterator[Form]:
    try:
        metadata = read_metadata(path)
    except DataError:
        return
    if not any(facts["artist"] for facts in metadata.values()):
        names = [name.strip() for name in header if name.strip()]
        words = (
            f"names no artist in columns 'song_id' and 'artist' (its columns are "
            f"{', '.join(names[:8])[:200]}); its songs count as artists of their own"
        )
        yield "no_artist", "left out", words, {"columns": names}
