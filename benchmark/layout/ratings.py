"""What the raters of a folder in DEAM's layout said, one by one: material for anchors, no labels.

No model is trained on these tables and no score is computed from them, so a folder whose tables
cannot be read stays usable: the caller turns the DataErrors raised here into notes.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from pathlib import Path

import numpy as np

from benchmark.errors import DataError
from benchmark.interfaces import Floats
from benchmark.layout.tables import SAMPLE, rating, rows, sample_starts, song_id
from benchmark.records import TARGETS

RATERS = 10
"""Ratings a song, as DEAM's authors planned them; some songs have half of that."""
STATIC_UNIT = 4
"""Steps of the static scale, 1 to 9, in one step of the dynamic scale, -1 to 1."""


def read_raters(path: Path, grid: range) -> Floats:
    """Return what each rater of one song said about one target: array (n_raters, len(grid)).

    Parameters
    ----------
    path : Path
        A table with one row per rater and columns `sample_<n>ms`, joined on names. A first column
        of another name says who rated, and is not kept. Empty cells, NaN and rows that end early
        are ratings not given.
    grid : range
        Label starts of the song in milliseconds, 500 apart. Ratings beside it are dropped, and so
        are raters without any on it; NaN where a rater gave none.

    Raises
    ------
    DataError
        On a cell that is not a number in [-1, 1], a row longer than the header (its ratings may
        have shifted), or a header without `sample_<n>ms` columns on the 500 ms grid.
    """
    table = rows(path)
    _, header = next(table, (0, [""]))
    first = 0 if SAMPLE.fullmatch(header[0]) else 1
    starts = sample_starts(path, header[first:])
    if not starts:
        raise DataError(f"{path}: no column 'sample_<n>ms'")
    raters = [_row(path, line, cells, first=first, starts=starts) for line, cells in table]
    ratings = np.array(raters, dtype=np.float64).reshape(-1, len(starts))
    rated = [column for column, start in enumerate(starts) if start in grid]
    on_grid: Floats = np.full((len(ratings), len(grid)), np.nan)
    on_grid[:, [grid.index(starts[column]) for column in rated]] = ratings[:, rated]
    given: Floats = on_grid[np.isfinite(on_grid).any(axis=1)]
    return given


def plausible_floors(tables: Iterable[Path], songs: Collection[str]) -> dict[str, float]:
    """Return, per target, a pooled RMSE on [-1, 1] that no honest model of these songs goes below.

    It is the standard error of the mean static rating by ten raters, sd / sqrt(10), brought from
    the scale 1-9 to [-1, 1], and its root mean square over `songs`. DEAM's songs were rated by
    about 5 to 10 people each (Aljanaki, Yang & Soleymani 2017), so it is a low, cautious bound,
    though not a proof: raters use the dynamic scale more narrowly (dynamic song means have 0.70
    to 0.94 of the spread of static ones). It feeds an alarm for leakage, never a score.

    Parameters
    ----------
    tables : paths
        `static_annotations_averaged_songs_*.csv`: columns `song_id` and `<target>_std`, which may
        have leading spaces. A song or target without a value counts for nothing.
    songs : collection of str
        Ids of the songs that are used.

    Raises
    ------
    DataError
        On a deviation that ratings from 1 to 9 cannot have.
    """
    deviations: dict[str, dict[str, float]] = {target: {} for target in TARGETS}
    for path in tables:
        table = rows(path)
        _, header = next(table, (0, []))
        for line, cells in table:
            named = dict(zip(header, cells, strict=False))
            song = song_id(path, line, named.get("song_id", ""))
            for target in TARGETS:
                cell = named.get(f"{target}_std", "")
                if song in songs and cell.lower() not in ("", "nan"):
                    where = f"song {song}, column '{target}_std'"
                    deviations[target][song] = _deviation(path, line, where, cell)
    return {
        target: float(np.sqrt(np.mean(np.square(list(of.values())) / STATIC_UNIT**2 / RATERS)))
        for target, of in deviations.items()
        if of
    }


def _row(path: Path, line: int, cells: list[str], *, first: int, starts: list[int]) -> list[float]:
    """Return a rater's row, filled up with NaN.

    Cells are first taken at once, and one by one only to name the wrong one: DEAM has 2.5 million.
    """
    given = cells[first:]
    if len(given) > len(starts):
        raise DataError(
            f"{path}, line {line}: {len(cells)} cells under {first + len(starts)} columns"
        )
    try:
        values = [float(cell or "nan") for cell in given]
    except ValueError:
        values = [math.inf]
    if (np.abs(values) > 1).any():
        for start, cell in zip(starts, given, strict=False):
            if cell and cell.lower() != "nan":
                rating(path, line, f"column 'sample_{start}ms'", cell)
    return values + [math.nan] * (len(starts) - len(values))


def _deviation(path: Path, line: int, where: str, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.inf
    if not 0 <= value <= 8:
        raise DataError(
            f"{path}, line {line}: {where} is {cell!r}, expected a standard deviation of ratings "
            f"from 1 to 9"
        )
    return value
