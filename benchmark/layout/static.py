"""Static ratings of a folder in DEAM's layout: one value a song, on the raters' scale of 1 to 9."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark.layout.mistakes import Report, TableError, refuse
from benchmark.layout.tables import number, rows, song_id
from benchmark.records import TARGETS

SCALE = (1.0, 9.0)
"""The raters' scale (Aljanaki, Yang & Soleymani 2017); dynamic ratings have [-1, 1]."""
COLUMNS = {
    f"{target}_{of}": bounds
    for target in TARGETS
    for of, bounds in (("mean", SCALE), ("std", (0.0, SCALE[1] - SCALE[0])))
}
"""Of each column that is read, what its numbers lie between."""
RATERS = 10
"""Ratings a song, as DEAM's authors planned them; some songs have half of that."""


@dataclass(frozen=True)
class Static:
    """Mean and SD over raters of one song and target, both on the scale 1 to 9; NaN if missing."""

    mean: float
    sd: float


Ratings = Mapping[str, Mapping[str, Static]]
"""By song id, then by target."""


def read_static(paths: Iterable[Path], report: Report = refuse) -> Ratings:
    """Return what tables `static_annotations_averaged_songs_*.csv` hold, joined on column names.

    The columns are `song_id`, `<target>_mean` and `<target>_std`, in any order, among others.
    Their names may have spaces around them, as in the release. A song whose cells are all empty is
    there without a rating.

    Raises
    ------
    TableError
        On a column that is missing or stands twice, a row longer or shorter than the header (its
        cells may have shifted), a second row for a song, a table without one, or a number that
        ratings from 1 to 9 cannot have.
    """
    found: dict[str, Mapping[str, Static]] = {}
    for path in paths:
        try:
            _read_table(path, found, report)
        except TableError as unreadable:
            report(unreadable)
    return found


def _read_table(path: Path, found: dict[str, Mapping[str, Static]], report: Report) -> None:
    """Add the songs of one table to those of the tables before."""
    table = rows(path)
    _, header = next(table, (0, [""]))
    for name in ("song_id", *COLUMNS):
        if header.count(name) != 1:
            words = f"{header.count(name)} columns {name!r}, expected one"
            report(TableError(path, words, kind="header"))
    if "song_id" not in header:
        return
    line = 0
    for line, cells in table:
        if len(cells) != len(header):
            words = f"{len(cells)} cells under {len(header)} columns"
            report(TableError(path, words, kind="ragged", line=line))
            continue
        named = dict(zip(header, cells, strict=True))
        try:
            song = song_id(path, line, named["song_id"])
        except TableError as mistake:
            report(mistake)
            continue
        if song in found:
            words = f"song {song} has a second row; keep one"
            report(TableError(path, words, kind="second_row", line=line, song=song))
        values = dict.fromkeys(COLUMNS, math.nan)
        for column, bounds in COLUMNS.items():
            try:
                values[column] = _number(path, line, song, column, named.get(column, ""), bounds)
            except TableError as mistake:
                report(mistake)
        found[song] = {
            target: Static(mean=values[f"{target}_mean"], sd=values[f"{target}_std"])
            for target in TARGETS
        }
    if not line:
        report(TableError(path, "holds no song", kind="empty"))


def brought_to_unit(value: float) -> float:
    """Return a rating from 1 to 9 on [-1, 1]."""
    low, high = SCALE
    return (value - (low + high) / 2) / ((high - low) / 2)


def plausible_floors(ratings: Ratings, songs: Collection[str]) -> dict[str, float]:
    """Return, per target, a pooled RMSE on [-1, 1] that no honest model of these songs goes below.

    It is the standard error of the mean static rating by ten raters, sd / sqrt(10), brought from
    the scale 1-9 to [-1, 1], and its root mean square over `songs`. DEAM's songs were rated by
    about 5 to 10 people each (Aljanaki, Yang & Soleymani 2017), so it is a low, cautious bound,
    though not a proof: raters use the dynamic scale more narrowly (dynamic song means have 0.70
    to 0.94 of the spread of static ones). It feeds an alarm for leakage, never a score. A song or
    target without a deviation counts for nothing.
    """
    floors = {}
    for target in TARGETS:
        deviations = [ratings[song][target].sd for song in songs if song in ratings]
        known = [sd for sd in deviations if not math.isnan(sd)]
        if known:
            unit = (SCALE[1] - SCALE[0]) / 2
            floors[target] = float(np.sqrt(np.mean(np.square(known)) / unit**2 / RATERS))
    return floors


def _number(
    path: Path, line: int, song: str, column: str, cell: str, bounds: tuple[float, float]
) -> float:
    if cell.lower() in ("", "nan"):
        return math.nan
    value = number(cell)
    low, high = bounds
    if not low <= value <= high:
        words = (
            f"song {song}, column {column!r} is {cell!r}, expected {low:g} to {high:g}: ratings "
            f"are from {SCALE[0]:g} to {SCALE[1]:g}"
        )
        raise TableError(path, words, kind="out_of_range", line=line, song=song)
    return value
