"""Where the excerpts of DEAM lie in the songs they are cut from.

Songs of 2013 (ids up to 1000) were rated on 45 s of them. `metadata_2013.csv` says where these
begin and end, in minutes and seconds with a dot between: '1.3' is 90 s. In public code that reads
the table all last 45 s; the table itself has not been seen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from benchmark.errors import DataError
from benchmark.layout.metadata import METADATA, column_of_ids
from benchmark.layout.tables import rows, song_id

EXCERPT = 45.0
"""Seconds of an excerpt."""
START = "start of the segment (min.sec)"
END = "end of the segment (min.sec)"
MINUTES = re.compile(r"([0-9]{1,3})(?:\.([0-5][0-9]?))?")


def excerpt_starts(files: Sequence[Path]) -> dict[str, float]:
    """Return the seconds at which the excerpts begin, of songs whose metadata say it.

    Raises
    ------
    DataError
        In a table with starts: on a row longer or shorter than the header (its start may be another
        cell), a start that is no time or not 45 s before the end, a column of times that stands
        twice. Also where a song has two starts.
    """
    starts: dict[str, float] = {}
    for path in files:
        if path.match(METADATA):
            for song, start in _starts(path).items():
                if starts.setdefault(song, start) != start:
                    raise DataError(f"{path}: song {song} begins elsewhere in another table")
    return starts


def _starts(path: Path) -> dict[str, float]:
    table = rows(path)
    _, header = next(table, (0, []))
    names = [name.lower() for name in header]
    id_column = column_of_ids(names)
    if id_column is None or START not in names:
        return {}
    for name in (START, END):
        if names.count(name) > 1:
            raise DataError(f"{path}: column {name!r} stands twice")
    columns = [names.index(name) for name in (START, END) if name in names]
    named = max(at for at, name in enumerate(names, 1) if name)
    starts: dict[str, float] = {}
    for line, cells in table:
        _check_length(path, line, cells, named)
        start, *end = [cells[column] for column in columns]
        if start:
            song = song_id(path, line, cells[id_column])
            begins = _seconds(path, line, START, start)
            for cell in end:
                _check_end(path, line, f"song {song}: the excerpt", begins, cell)
            if starts.setdefault(song, begins) != begins:
                raise DataError(f"{path}, line {line}: song {song} has a second, other start")
    return starts


def _check_length(path: Path, line: int, cells: Sequence[str], named: int) -> None:
    """Refuse a row whose cells may stand below other names; empty ones at its end do not count."""
    if len(cells) < named or any(cells[named:]):
        raise DataError(
            f"{path}, line {line}: has {len(cells)} cells under {named} columns, so where the "
            f"excerpt begins could be misread; a cell with a comma in it wants quotes"
        )


def _check_end(path: Path, line: int, what: str, begins: float, cell: str) -> None:
    lasts = _seconds(path, line, END, cell) - begins
    if lasts != EXCERPT:
        raise DataError(
            f"{path}, line {line}: {what} lasts {lasts:g} s, from {begins:g} s on, expected "
            f"{EXCERPT:g} s; {START!r} and {END!r} may be those of another song or shifted"
        )


def _seconds(path: Path, line: int, column: str, cell: str) -> float:
    match = MINUTES.fullmatch(cell)
    if not match:
        raise DataError(
            f"{path}, line {line}: {column!r} is {cell!r}, expected minutes and seconds as '1.05'"
        )
    return 60.0 * int(match[1]) + int((match[2] or "0").ljust(2, "0"))
