"""Reads DEAM's tables: labels joined on column names, masks kept, ragged rows refused."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Sequence
from itertools import compress, pairwise
from pathlib import Path

from benchmark.layout.mistakes import Report, TableError, refuse

SAMPLE = re.compile(r"sample_([0-9]{1,9})ms")
SPACE = re.compile(r"\s")
STEP = 500
"""Milliseconds from one label to the next."""
FIRST_LABEL = 15_000
"""Milliseconds at which DEAM's labels begin."""
NAMELESS = -1
"""In the place of the label start of a column that has none in its name."""


def rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, stripped cells) of a CSV file, blank rows left out.

    Cells lose surrounding spaces, tabs and no-break spaces; header names have leading spaces in the
    official files. The last row may do without a line end, though what a cut left of its last cell
    cannot be told from a whole one; a cut anywhere else leaves a row that is too short.

    Raises
    ------
    TableError
        On what is no text, and on a quote that swallows a line end and with it the next row.
    """

    def unreadable(words: str) -> TableError:
        return TableError(path, words, kind="unreadable", line=reader.line_num)

    try:
        with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
            reader = csv.reader(file, strict=True)
            for row in reader:
                line = "".join(row)
                if "\n" in line or "\r" in line:
                    raise unreadable(
                        "a cell in quotes goes over several lines; is a quote missing, or one too "
                        "many?"
                    )
                if "\0" in line:
                    raise unreadable("is no text in UTF-8; save it as CSV, UTF-8")
                if line and not line.isspace():
                    # Most of a table is empty cells, millions of them: few rows need stripping.
                    strip = SPACE.search(line) is not None
                    yield reader.line_num, [cell.strip() for cell in row] if strip else row
    except OSError as error:
        words = f"cannot be read ({error.strerror})"
        raise TableError(path, words, kind="unreadable") from error
    except csv.Error as error:
        raise unreadable(f"cannot be read ({error})") from error


def ended(path: Path) -> bool:
    """Tell whether the last line of a table has an end; without one, it may have been cut short."""
    return path.read_bytes().endswith((b"\n", b"\r"))


def read_labels(path: Path, report: Report = refuse) -> dict[str, dict[int, float]]:
    """Return, per song id, its ratings by label start in milliseconds; no empty or NaN cells.

    Raises
    ------
    TableError
        On a second row for a song, a row longer or shorter than the header (its labels may have
        shifted), a cell that is not a number in [-1, 1], a table without a rating, or a header
        without `song_id` and `sample_<n>ms` columns, 500 ms apart and none left out.
    """
    table = rows(path)
    _, header = next(table, (0, [""]))
    if header[0] != "song_id":
        words = f"first column is {header[0][:40]!r}, expected 'song_id' (columns are divided by "
        report(TableError(path, f"{words}commas)", kind="header"))
    starts = sample_starts(path, header[1:], report)
    labels: dict[str, dict[int, float]] = {}
    for line, cells in table:
        try:
            song = song_id(path, line, cells[0])
        except TableError as mistake:
            report(mistake)
            continue
        if song in labels:
            words = f"song {song} has a second row; keep one of them"
            report(TableError(path, words, kind="second_row", line=line, song=song))
            continue
        labels[song] = of_song = {}
        if len(cells) != len(header):
            words = f"song {song} has {len(cells)} cells under {len(header)} columns"
            report(TableError(path, words, kind="ragged", line=line, song=song))
            continue
        for start, cell in compress(zip(starts, cells[1:], strict=True), cells[1:]):
            if start != NAMELESS and cell.lower() != "nan":
                try:
                    of_song[start] = rating(path, line, start, cell, song=song)
                except TableError as mistake:
                    report(mistake)
    if not any(labels.values()):
        report(TableError(path, "holds no rating of any song", kind="empty"))
    return labels


def song_id(path: Path, line: int, cell: str) -> str:
    """Return a song id as DEAM names its files: '7', also where a table says '7.0'."""
    match = re.fullmatch(r"0*([0-9]{1,9})(\.0*)?", cell)
    if not match:
        words = f"song_id {cell[:40]!r} is not a whole number"
        raise TableError(path, words, kind="song_id", line=line)
    return match[1]


def sample_starts(path: Path, names: Sequence[str], report: Report = refuse) -> list[int]:
    """Return the label start in milliseconds of each column `sample_<n>ms`, in any order.

    Raises
    ------
    TableError
        On a name of another kind (`NAMELESS` where that does not stop it), one that stands twice,
        or one that is left out: where a column was renamed, all labels below it would shift.
    """
    starts = []
    for name in names:
        match = SAMPLE.fullmatch(name)
        is_one = match is not None and int(match[1]) % STEP == 0
        starts.append(int(match[1]) if match and is_one else NAMELESS)
        if not is_one:
            words = f"column {name[:40]!r} is not 'sample_<n>ms' with n a multiple of {STEP} "
            report(TableError(path, f"{words}(2 Hz labels)", kind="header"))
    for start, following in pairwise(sorted(start for start in starts if start != NAMELESS)):
        if start == following:
            report(TableError(path, f"column 'sample_{start}ms' stands twice", kind="header"))
        elif following != start + STEP:
            words = (
                f"no column 'sample_{start + STEP}ms', but one of {start} ms and one of "
                f"{following} ms; columns are {STEP} ms apart, empty where nobody rated"
            )
            report(TableError(path, words, kind="header"))
    return starts


def rating(path: Path, line: int, start: int, cell: str, *, song: str = "") -> float:
    """Return the dynamic rating in a cell, or raise a TableError that says where it stands."""
    value = number(cell)
    if not -1 <= value <= 1:
        place = f"{f'song {song}, ' if song else ''}column 'sample_{start}ms'"
        raise TableError(
            path,
            f"{place} is {cell[:40]!r}, expected a rating in [-1, 1]",
            kind="out_of_range" if math.isfinite(value) else "not_a_number",
            line=line,
            song=song,
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
