"""What the raters of a folder in DEAM's layout said, one by one: material for anchors, no labels.

No model is trained on these tables and no score is computed from them, so a folder whose tables
cannot be read stays usable: the caller turns the DataErrors raised here into notes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmark.interfaces import Floats
from benchmark.layout.mistakes import TableError
from benchmark.layout.tables import odd, rating, rows, sample_starts


def read_raters(path: Path, grid: range) -> Floats:
    """Return what each rater of one song said about one target: array (n_raters, len(grid)).

    Parameters
    ----------
    path : Path
        A table with one row per rater and columns `sample_<n>ms`, joined on names. A first column
        whose name does not begin with `sample` says who rated, and is not kept. Empty cells and
        NaN are ratings not given.
    grid : range
        Label starts of the song in milliseconds, 500 apart. Ratings beside it are dropped, and so
        are raters without any on it; NaN where a rater gave none.

    Raises
    ------
    TableError
        On a cell that is not a number in [-1, 1], a row longer or shorter than the header (its
        ratings may have shifted), or a header without `sample_<n>ms` columns, 500 ms apart and none
        left out.
    """
    table = rows(path)
    _, header = next(table, (0, [""]))
    first, starts = rater_columns(path, header)
    raters = [_row(path, line, cells, first=first, starts=starts) for line, cells in table]
    ratings = np.array(raters, dtype=np.float64).reshape(-1, len(starts))
    rated = [column for column, start in enumerate(starts) if start in grid]
    on_grid: Floats = np.full((len(ratings), len(grid)), np.nan)
    on_grid[:, [grid.index(starts[column]) for column in rated]] = ratings[:, rated]
    given: Floats = on_grid[np.isfinite(on_grid).any(axis=1)]
    return given


def rater_columns(path: Path, header: Sequence[str]) -> tuple[int, list[int]]:
    """Return how many columns say who rated (0 or 1), and the label starts (ms) of the others."""
    first = 0 if header[0].lower().startswith("sample") else 1
    starts = sample_starts(path, header[first:])
    if not starts:
        raise TableError(path, "no column 'sample_<n>ms'", kind="header")
    return first, starts


def _row(path: Path, line: int, cells: list[str], *, first: int, starts: list[int]) -> list[float]:
    """Return a rater's row.

    Cells are first taken at once, and one by one only to name the wrong one: DEAM has 2.5 million.
    """
    given = cells[first:]
    if len(given) != len(starts):
        words = f"{len(cells)} cells under {first + len(starts)} columns"
        raise TableError(path, words, kind="ragged", line=line)
    try:
        values = [float(cell or "nan") for cell in given]
    except ValueError:
        values = [math.inf]
    if (np.abs(values) > 1).any() or odd("".join(given)):
        for start, cell in zip(starts, given, strict=True):
            if cell and cell.lower() != "nan":
                rating(path, line, start, cell)
    return values
