"""Artist and album of the songs of a folder in DEAM's layout, from its ragged metadata tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmark.audio import FORMATS
from benchmark.layout.mistakes import Report, TableError, refuse
from benchmark.layout.tables import rows, song_id

METADATA = "metadata_*.csv"
IDS = ("song_id", "id")
"""How the column of ids is called: in DEAM's table of 2013, and in those of 2014 and 2015."""
CATCH_ALLS = (
    "",
    "n/a",
    "other",
    "others",
    "unknown",
    "unknown artist",
    "various",
    "various artists",
)
"""Not artists but the lack of one: their songs are grouped by album, or stand alone without."""


def joined_metadata(
    files: Sequence[Path], report: Report = refuse
) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Return `artist` and `album` of each song in all metadata tables, and notes on odd tables.

    Raises
    ------
    TableError
        On a mistake in a table, and on tables that contradict each other.
    """
    joined: dict[str, dict[str, str]] = {}
    notes = []
    for path in files:
        if not path.match(METADATA):
            continue
        try:
            metadata = read_metadata(path, report)
        except TableError as unreadable:
            report(unreadable)
            continue
        for song, facts in metadata.items():
            if joined.setdefault(song, facts) != facts:
                words = f"song {song} has another artist or album than in another table {METADATA}"
                report(TableError(path, f"{words}; keep one", kind="differ", song=song))
        if not any(facts["artist"] for facts in metadata.values()):
            notes.append(
                f"{path.name}: names no artist of any song (in columns 'song_id' (or 'id') and "
                f"'artist', divided by commas)"
            )
    return joined, notes


def read_metadata(path: Path, report: Report = refuse) -> dict[str, dict[str, str]]:
    """Return `artist` and `album` of each song in a metadata table, columns joined on names.

    What is not known is empty, also where a table writes 'n/a' or has file names under `album`, as
    DEAM's do. Rows may be longer than the header (tags follow) or shorter, and fields may hold tabs
    and no-break spaces. A table without `song_id` or `id`, or with neither column, holds nothing.

    Raises
    ------
    TableError
        On a column that stands twice, and on a second row for a song that says something else.
    """
    table = rows(path)
    _, header = next(table, (0, []))
    names = [name.lower() for name in header]
    columns: dict[str, int] = {
        name: names.index(name) for name in ("artist", "album") if name in names
    }
    for name in (*IDS, *columns):
        if names.count(name) > 1:
            report(TableError(path, f"column {name!r} stands twice", kind="header"))
    id_column = column_of_ids(names)
    if id_column is None or not columns:
        return {}
    metadata: dict[str, dict[str, str]] = {}
    for line, cells in table:
        known = {
            name: _name(cells[column]) for name, column in columns.items() if column < len(cells)
        }
        if id_column < len(cells) and cells[id_column] and any(known.values()):
            try:
                song = song_id(path, line, cells[id_column])
            except TableError as mistake:
                report(mistake)
                continue
            facts = {"artist": "", "album": "", **known}
            if metadata.setdefault(song, facts) != facts:
                words = f"song {song} has a second row that differs; keep one"
                report(TableError(path, words, kind="second_row", line=line, song=song))
    return metadata


def column_of_ids(names: Sequence[str]) -> int | None:
    """Return the place of the ids among the names of columns, in small letters; None without."""
    return next((names.index(name) for name in IDS if name in names), None)


def _name(cell: str) -> str:
    name = " ".join(cell.split())
    return "" if name.lower() == "n/a" or name.lower().endswith(tuple(FORMATS)) else name
