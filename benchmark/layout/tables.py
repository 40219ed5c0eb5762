"""Reads DEAM's tables: labels joined on column names, masks kept, ragged rows named."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator
from itertools import compress
from pathlib import Path

from benchmark.audio import FORMATS
from benchmark.errors import DataError

SAMPLE = re.compile(r"sample_(\d+)ms")
SPACE = re.compile(r"\s")


def rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, stripped cells) of a CSV file, blank rows left out.

    Cells lose surrounding spaces, tabs and no-break spaces; header names have leading spaces in the
    official files.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
            reader = csv.reader(file)
            for row in reader:
                line = "".join(row)
                if line and not line.isspace():
                    # Most of a table is empty cells, millions of them: few rows need stripping.
                    strip = SPACE.search(line) is not None
                    yield reader.line_num, [cell.strip() for cell in row] if strip else row
    except (OSError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read ({error})") from error


def read_labels(path: Path) -> dict[str, dict[int, float]]:
    """Return, per song id, its ratings by label start in milliseconds; no empty or NaN cells.

    Raises
    ------
    DataError
        On a second row for a song, a row longer or shorter than the header (its labels may have
        shifted), a cell that is not a number in [-1, 1], or a header without `song_id` and
        `sample_<n>ms` columns on the 500 ms grid.
    """
    table = rows(path)
    _, header = next(table, (0, [""]))
    if header[0] != "song_id":
        raise DataError(f"{path}: first column is {header[0]!r}, expected 'song_id'")
    starts = sample_starts(path, header[1:])
    labels: dict[str, dict[int, float]] = {}
    for line, cells in table:
        song = song_id(path, line, cells[0])
        if song in labels:
            raise DataError(f"{path}, line {line}: song {song} has a second row; keep one of them")
        if len(cells) != len(header):
            raise DataError(
                f"{path}, line {line}: song {song} has {len(cells)} cells "
                f"under {len(header)} columns"
            )
        labels[song] = {
            start: rating(path, line, f"song {song}, column 'sample_{start}ms'", cell)
            for start, cell in compress(zip(starts, cells[1:], strict=True), cells[1:])
            if cell.lower() != "nan"
        }
    return labels


def song_id(path: Path, line: int, cell: str) -> str:
    """Return a song id as DEAM names its files: '7', also where a table says '7.0'."""
    match = re.fullmatch(r"0*(\d+)(\.0*)?", cell)
    if not match:
        raise DataError(f"{path}, line {line}: song_id {cell!r} is not a whole number")
    return match[1]


def read_metadata(path: Path) -> dict[str, dict[str, str]]:
    """Return `artist` and `album` of each song in a metadata table, columns joined on names.

    What is not known is empty, also where a table writes 'n/a' or has file names under `album`, as
    DEAM's do. Rows may be longer than the header (tags follow) or shorter, and fields may hold tabs
    and no-break spaces. A table without `song_id`, or with neither column, holds nothing.
    """
    table = rows(path)
    _, header = next(table, (0, []))
    names = [name.lower() for name in header]
    columns: dict[str, int] = {
        name: names.index(name) for name in ("artist", "album") if name in names
    }
    if "song_id" not in names or not columns:
        return {}
    id_column = names.index("song_id")
    metadata: dict[str, dict[str, str]] = {}
    for line, cells in table:
        known = {
            name: _name(cells[column]) for name, column in columns.items() if column < len(cells)
        }
        if id_column < len(cells) and cells[id_column] and any(known.values()):
            metadata[song_id(path, line, cells[id_column])] = {"artist": "", "album": "", **known}
    return metadata


def sample_starts(path: Path, names: list[str]) -> list[int]:
    """Return the label start in milliseconds of each column `sample_<n>ms`."""
    starts = [_milliseconds(path, name) for name in names]
    if len(set(starts)) < len(starts):
        twice = next(start for start in starts if starts.count(start) > 1)
        raise DataError(f"{path}: column 'sample_{twice}ms' stands twice")
    return starts


def rating(path: Path, line: int, where: str, cell: str) -> float:
    """Return the dynamic rating in a cell, or raise a DataError that says where it stands."""
    try:
        value = float(cell)
    except ValueError:
        value = math.inf
    if not -1 <= value <= 1:
        raise DataError(f"{path}, line {line}: {where} is {cell!r}, expected a rating in [-1, 1]")
    return value


def _name(cell: str) -> str:
    name = " ".join(cell.split())
    return "" if name.lower() == "n/a" or name.lower().endswith(tuple(FORMATS)) else name


def _milliseconds(path: Path, name: str) -> int:
    match = SAMPLE.fullmatch(name)
    if not match or int(match[1]) % 500:
        raise DataError(
            f"{path}: column {name!r} is not 'sample_<n>ms' with n a multiple of 500 (2 Hz labels)"
        )
    return int(match[1])
