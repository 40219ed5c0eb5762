"""Reads a table of frames as openSMILE writes it: ';' between cells, a row a frame, its time first.

Rows are known by their time, columns by their name, never by their place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark.errors import DataError
from benchmark.interfaces import Floats, Frames

TIME = "frameTime"
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


@dataclass(frozen=True, eq=False)
class FrameTable:
    """The frames of one song.

    Attributes
    ----------
    path : Path
    names : tuple of str
        What the columns hold, in the order of `values`.
    times : array (n_frames,)
        Seconds, `hop` apart: when each frame begins, as openSMILE says it.
    values : array (n_frames, n_columns), float32
    """

    path: Path
    names: tuple[str, ...]
    times: Floats
    values: Frames


def read_names(path: Path) -> tuple[str, ...]:
    """Return the names of the columns after the first, which is the time; raises DataError."""
    return _names(path, _lines(path, most=1))


def read_frames(path: Path, names: Sequence[str], *, hop: float) -> FrameTable:
    """Return the frames of a file, the columns in the order of `names`.

    Raises
    ------
    DataError
        Where a column is missing, is one too many, or stands twice; a row is longer or shorter than
        the header; a cell is no number that float32 can hold; rows are not `hop` seconds apart; or
        the last line has no end, as openSMILE's have: its last number may be cut short. Names file,
        line and column.
    """
    lines = _lines(path)
    found = _names(path, lines)
    missing, unknown = sorted(set(names) - set(found)), sorted(set(found) - set(names))
    if missing or unknown:
        raise DataError(
            f"{path}: has other columns than the other songs: "
            + (f"{missing[0]!r} is missing" if missing else f"{unknown[0]!r} is one too many")
        )
    header, body = found, lines[1:]
    if not body:
        raise DataError(f"{path}: has no row of frames below its header")
    for line, text in body:
        cells = text.count(";") + 1
        if cells != len(header) + 1:
            raise DataError(
                f"{path}, line {line}: has {cells} cells under {len(header) + 1} columns"
            )
    try:
        table = np.loadtxt([text for _, text in body], delimiter=";", comments=None, ndmin=2)
    except ValueError as error:
        raise _fault(path, header, body) from error
    with np.errstate(over="ignore"):
        values = table[:, 1:].astype(np.float32)
    if not (np.isfinite(table).all() and np.isfinite(values).all()):
        raise _fault(path, header, body)
    _check_times(path, table[:, 0], [line for line, _ in body], hop)
    order = [header.index(name) for name in names]
    return FrameTable(path, tuple(names), table[:, 0], values[:, order])


def _lines(path: Path, *, most: int | None = None) -> list[tuple[int, str]]:
    """Return (line number, text) of lines that are not blank."""
    lines = []
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            for number, text in enumerate(file, 1):
                if not text.endswith("\n"):
                    raise DataError(
                        f"{path}, line {number}: has no line end; if the file was cut short, get "
                        f"it again, else add one"
                    )
                if not text.isspace():
                    lines.append((number, text.rstrip("\n")))
                    if len(lines) == most:
                        break
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    return lines


def _names(path: Path, lines: Sequence[tuple[int, str]]) -> tuple[str, ...]:
    names = [name.strip() for name in lines[0][1].split(";")] if lines else [""]
    if names[0] != TIME:
        raise DataError(
            f"{path}: first column is {names[0]!r}, expected {TIME!r} (cells divided by ';')"
        )
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise DataError(f"{path}: column {twice[0]!r} stands twice")
    return tuple(names[1:])


def _fault(path: Path, header: Sequence[str], body: Sequence[tuple[int, str]]) -> DataError:
    """Return the error that names the first cell that is no number."""
    largest = float(np.finfo(np.float32).max)
    for line, text in body:
        for name, cell in zip([TIME, *header], text.split(";"), strict=True):
            number = cell.strip()
            if not NUMBER.fullmatch(number) or abs(float(number)) > largest:
                return DataError(
                    f"{path}, line {line}: column {name!r} is {number!r}, expected a number"
                )
    return DataError(f"{path}: cannot be read as numbers")


def _check_times(path: Path, times: Floats, lines: Sequence[int], hop: float) -> None:
    if times[0] < 0 or abs(times[0] / hop - round(times[0] / hop)) > 1e-3:
        raise DataError(
            f"{path}, line {lines[0]}: {TIME} is {times[0]:g}, expected a multiple of {hop:g} s"
        )
    apart = np.flatnonzero(np.abs(np.diff(times) - hop) > 1e-3)
    if len(apart):
        row = int(apart[0]) + 1
        raise DataError(
            f"{path}, line {lines[row]}: {TIME} is {times[row]:g}, expected "
            f"{times[row - 1] + hop:g}: rows are {hop:g} s apart, none missing"
        )
