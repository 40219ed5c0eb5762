"""openSMILE descriptors averaged over each song, as derived from DEAM's released features.

The 130 low-level descriptors are those of ComParE 2013 (Eyben, Weninger, Groß & Schuller 2013); the
means over time of DEAM's official frame-level features lie in `opensmile_means.csv`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from benchmark.errors import DataError
from benchmark.interfaces import Frames, Precomputed
from benchmark.layout.tables import rows, song_id

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
        table = rows(found[0])
        _, header = next(table, (0, []))
        if header[:1] != ["song_id"] or len(header) != 1 + self.n_bins:
            raise DataError(
                f"{found[0]}: {len(header)} columns, the first {header[:1]}; "
                f"expected song_id and {self.n_bins} descriptors"
            )
        frames: dict[str, Frames] = {}
        for line, cells in table:
            where = f"{found[0]}, line {line}"
            song = song_id(found[0], line, cells[0])
            if song in frames:
                raise DataError(f"{where}: song {song} has a second row; keep one of them")
            frames[song] = _frame(cells[1:], f"{where}: song {song}")
        return frames


def _frame(cells: Sequence[str], where: str) -> Frames:
    try:
        with np.errstate(over="ignore"):  # infinity is refused by who takes the frames
            return np.array([cells], dtype=np.float64).astype(np.float32)
    except ValueError as error:
        raise DataError(f"{where}: {error}") from error
