"""Static ratings of a folder in DEAM's layout: one value a song, on the raters' scale of 1 to 9."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark.errors import DataError
from benchmark.layout.tables import number, rows, song_id
from benchmark.records import TARGETS

SCALE = (1.0, 9.0)
"""The raters' scale (Aljanaki, Yang & Soleymani 2017); dynamic ratings have [-1, 1]."""
RATERS = 10
"""Ratings a song, as DEAM's authors planned them; some songs have half of that."""


@dataclass(frozen=True)
class Static:
    """Mean and SD over raters of one song and target, both on the scale 1 to 9; NaN if missing."""

    mean: float
    sd: float


Ratings = Mapping[str, Mapping[str, Static]]
"""By song id, then by target."""


def read_static(paths: Iterable[Path]) -> Ratings:
    """Return what tables `static_annotations_averaged_songs_*.csv` hold, joined on column names.

    The columns are `song_id`, `<target>_mean` and `<target>_std`, in any order, among others.
    Their names may have spaces around them, as in the release. A song whose cells are all empty is
    there without a rating.

    Raises
    ------
    DataError
        On a column that is missing or stands twice, a row longer or shorter than the header (its
        cells may have shifted), a second row for a song, a table without one, or a number that
        ratings from 1 to 9 cannot have.
    """
    found: dict[str, Mapping[str, Static]] = {}
    for path in paths:
        table = rows(path)
        _, header = next(table, (0, [""]))
        for name in (
            "song_id",
            *(f"{target}_{of}" for target in TARGETS for of in ("mean", "std")),
        ):
            if header.count(name) != 1:
                raise DataError(f"{path}: {header.count(name)} columns {name!r}, expected one")
        line = 0
        for line, cells in table:
            if len(cells) != len(header):
                raise DataError(
                    f"{path}, line {line}: {len(cells)} cells under {len(header)} columns"
                )
            named = dict(zip(header, cells, strict=True))
            song = song_id(path, line, named["song_id"])
            if song in found:
                raise DataError(f"{path}, line {line}: song {song} has a second row; keep one")
            found[song] = {
                target: Static(
                    mean=_number(path, line, song, f"{target}_mean", named, SCALE),
                    sd=_number(path, line, song, f"{target}_std", named, (0, SCALE[1] - SCALE[0])),
                )
                for target in TARGETS
            }
        if not line:
            raise DataError(f"{path}: holds no song")
    return found


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
    path: Path,
    line: int,
    song: str,
    column: str,
    cells: Mapping[str, str],
    bounds: tuple[float, float],
) -> float:
    cell = cells[column]
    if cell.lower() in ("", "nan"):
        return math.nan
    value = number(cell)
    low, high = bounds
    if not low <= value <= high:
        raise DataError(
            f"{path}, line {line}: song {song}, column {column!r} is {cell!r}, expected "
            f"{low:g} to {high:g}: ratings are from {SCALE[0]:g} to {SCALE[1]:g}"
        )
    return value
