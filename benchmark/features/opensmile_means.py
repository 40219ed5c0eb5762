"""openSMILE descriptors averaged over each song, as derived from DEAM's released features.

The 130 low-level descriptors are those of ComParE 2013 (Eyben, Weninger, Groß & Schuller 2013); the
means over time of DEAM's official frame-level features lie in `opensmile_means.csv`.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from benchmark.errors import DataError
from benchmark.interfaces import Frames, Precomputed

TABLE = "opensmile_means.csv"


@dataclass(frozen=True, kw_only=True)
class OpensmileMeans(Precomputed):
    """130 openSMILE descriptors, one vector a song, from opensmile_means.csv in the dataset."""

    name: ClassVar[str] = "opensmile_means"

    @property
    def hop(self) -> float:
        return math.inf

    @property
    def n_bins(self) -> int:
        return 130

    def read(self, root: Path) -> Mapping[str, Frames]:
        found = sorted(root.rglob(TABLE))
        if len(found) != 1:
            raise DataError(
                f"{root}: {len(found)} files {TABLE}, expected one (song_id and {self.n_bins} "
                f"descriptors, as in features_song_level/{TABLE})"
            )
        try:
            with found[0].open(newline="", encoding="utf-8-sig", errors="replace") as file:
                table = csv.reader(file)
                header = [name.strip() for name in next(table, [])]
                if header[:1] != ["song_id"] or len(header) != 1 + self.n_bins:
                    raise DataError(
                        f"{found[0]}: {len(header)} columns, the first {header[:1]}; "
                        f"expected song_id and {self.n_bins} descriptors"
                    )
                frames: dict[str, Frames] = {}
                for cells in filter(any, table):
                    where = f"{found[0]}, line {table.line_num}"
                    song = _song(cells[0], where)
                    if song in frames:
                        raise DataError(f"{where}: song {song} has a second row; keep one of them")
                    frames[song] = _frame(cells[1:], f"{where}: song {song}")
        except (OSError, csv.Error) as error:
            raise DataError(f"{found[0]}: cannot be read ({error})") from error
        return frames


def _song(cell: str, where: str) -> str:
    song = cell.strip().removesuffix(".0")
    if not song.isdecimal():
        raise DataError(f"{where}: song_id {song!r} is not a whole number")
    return str(int(song))


def _frame(cells: Sequence[str], where: str) -> Frames:
    try:
        with np.errstate(over="ignore"):  # infinity is refused by who takes the frames
            return np.array([cells], dtype=np.float64).astype(np.float32)
    except ValueError as error:
        raise DataError(f"{where}: {error}") from error
