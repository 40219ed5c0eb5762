"""Reads DEAM's tables: labels joined on column names, masks kept, ragged rows refused."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator
from itertools import compress, pairwise
from pathlib import Path

from benchmark.errors import DataError

SAMPLE = re.compile(r"sample_([0-9]{1,9})ms")
SPACE = re.compile(r"\s")
STEP = 500
"""Milliseconds from one label to the next."""


def rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, stripped cells) of a CSV file, blank rows left out.

    Cells lose surrounding spaces, tabs and no-break spaces; header names have leading spaces in the
    official files. The last row may do without a line end, though what a cut left of its last cell
    cannot be told from a whole one; a cut anywhere else leaves a row that is too short.

    Raises
    ------
    DataError
        On what is no text, and on a quote that swallows a line end and with it the next row.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
            reader = csv.reader(file, strict=True)
            for row in reader:
                line = "".join(row)
                if "\n" in line or "\r" in line:
                    raise DataError(
                        f"{path}, line {reader.line_num}: a cell in quotes goes over several "
                        f"lines; is a quote missing, or one too many?"
                    )
                if "\0" in line:
                    raise DataError(
                        f"{path}, line {reader.line_num}: is no text in UTF-8; save it as CSV, "
                        f"UTF-8"
                    )
                if line and not line.isspace():
                    # Most of a table is empty cells, millions of them: few rows need stripping.
                    strip = SPACE.search(line) is not None
                    yield reader.line_num, [cell.strip() for cell in row] if strip else row
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    except csv.Error as error:
        raise DataError(f"{path}, line {reader.line_num}: cannot be read ({error})") from error


def read_labels(path: Path) -> dict[str, dict[int, float]]:
    """Return, per song id, its ratings by label start in milliseconds; no empty or NaN cells.

    Raises
    ------
    DataError
        On a second row for a song, a row longer or shorter than the header (its labels may have
        shifted), a cell that is not a number in [-1, 1], a table without a rating, or a header
        without `song_id` and `sample_<n>ms` columns, 500 ms apart and none left out.
    """
    table = rows(path)
    _, header = next(table, (0, [""]))
    if header[0] != "song_id":
        raise DataError(
            f"{path}: first column is {header[0][:40]!r}, expected 'song_id' (columns are divided "
            f"by commas)"
        )
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
    if not any(labels.values()):
        raise DataError(f"{path}: holds no rating of any song")
    return labels


def song_id(path: Path, line: int, cell: str) -> str:
    """Return a song id as DEAM names its files: '7', also where a table says '7.0'."""
    match = re.fullmatch(r"0*([0-9]{1,9})(\.0*)?", cell)
    if not match:
        raise DataError(f"{path}, line {line}: song_id {cell[:40]!r} is not a whole number")
    return match[1]


def sample_starts(path: Path, names: list[str]) -> list[int]:
    """Return the label start in milliseconds of each column `sample_<n>ms`, in any order.

    Raises
    ------
    DataError
        On a name of another kind, one that stands twice, or one that is left out: where a column
        was renamed, all labels below it would shift.
    """
    starts = [_milliseconds(path, name) for name in names]
    for start, following in pairwise(sorted(starts)):
        if start == following:
            raise DataError(f"{path}: column 'sample_{start}ms' stands twice")
        if following != start + STEP:
            raise DataError(
                f"{path}: no column 'sample_{start + STEP}ms', but one of {start} ms and one of "
                f"{following} ms; columns are {STEP} ms apart, empty where nobody rated"
            )
    return starts


def rating(path: Path, line: int, where: str, cell: str) -> float:
    """Return the dynamic rating in a cell, or raise a DataError that says where it stands."""
    value = number(cell)
    if not -1 <= value <= 1:
        raise DataError(
            f"{path}, line {line}: {where} is {cell[:40]!r}, expected a rating in [-1, 1]"
        )
    return value


def number(cell: str) -> float:
    """Return the number in a cell; infinite, so beyond every range, if it holds none."""
    try:
        return math.inf if odd(cell) else float(cell)
    except ValueError:
        return math.inf


def odd(cells: str) -> bool:
    """Whether Python takes for a number what no table means: 1_0, other scripts' digits, -nan."""
    return (
        "_" in cells or not cells.isascii() or "-nan" in (lower := cells.lower()) or "+nan" in lower
    )


def _milliseconds(path: Path, name: str) -> int:
    match = SAMPLE.fullmatch(name)
    if not match or int(match[1]) % STEP:
        raise DataError(
            f"{path}: column {name[:40]!r} is not 'sample_<n>ms' with n a multiple of {STEP} "
            f"(2 Hz labels)"
        )
    return int(match[1])
