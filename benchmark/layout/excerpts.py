"""Where the excerpts of DEAM lie in the songs they are cut from.

The released features of the songs of 2013 (ids up to 1000) are those of the whole songs, their
ratings those of 45 s of them. `metadata_2013.csv` says where these begin, in minutes and seconds
with a dot between: '1.3' is 90 s.
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
MINUTES = re.compile(r"([0-9]{1,3})(?:\.([0-5][0-9]?))?")


def excerpt_starts(files: Sequence[Path]) -> dict[str, float]:
    """Return the seconds at which the excerpts begin, of songs whose metadata say it.

    Raises
    ------
    DataError
        On a start that is no time, and where a song has two.
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
    column = names.index(START)
    starts: dict[str, float] = {}
    for line, cells in table:
        if max(id_column, column) < len(cells) and cells[column]:
            song = song_id(path, line, cells[id_column])
            start = _seconds(path, line, cells[column])
            if starts.setdefault(song, start) != start:
                raise DataError(f"{path}, line {line}: song {song} has a second, other start")
    return starts


def _seconds(path: Path, line: int, cell: str) -> float:
    match = MINUTES.fullmatch(cell)
    if not match:
        raise DataError(
            f"{path}, line {line}: {START!r} is {cell!r}, expected minutes and seconds as '1.05'"
        )
    return 60.0 * int(match[1]) + int((match[2] or "0").ljust(2, "0"))
