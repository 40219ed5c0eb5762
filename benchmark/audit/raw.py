"""Tables as they were written: what the suite's own readers strip, skip or stop at."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path


def raw_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, cells as they are) of a CSV file, up to where it cannot be read.

    Blank rows are left out. That it cannot be read is for the suite's own readers to say.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
            reader = csv.reader(file)
            for row in reader:
                if any(cell and not cell.isspace() for cell in row):
                    yield reader.line_num, row
    except (OSError, csv.Error):
        return


def header_of(path: Path) -> list[str]:
    """Return the column names as they are; none where the file has none."""
    return next((cells for _, cells in raw_rows(path)), [])


def spaced(names: Sequence[str]) -> list[str]:
    """Return the names that have spaces, tabs or no-break spaces around them."""
    return [name for name in names if name != name.strip()]
