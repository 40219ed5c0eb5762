"""openSMILE descriptors averaged over each song, from DEAM's released features.

The 130 low-level descriptors are those of ComParE 2013 (Eyben, Weninger, Groß & Schuller 2013).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from benchmark.errors import DataError
from benchmark.features.opensmile import FOLDER
from benchmark.interfaces import Frames, Precomputed
from benchmark.layout.frame_tables import read_frames, read_names
from benchmark.layout.song_files import SongFiles, files_of_songs
from benchmark.layout.tables import rows, song_id
from benchmark.records import LABEL_PERIOD

TABLE = "opensmile_means.csv"
MEAN = "_amean"
"""How the names of those columns end that are means of a second, not SDs."""


@dataclass(frozen=True, kw_only=True)
class OpensmileMeans(Precomputed):
    """130 openSMILE descriptors, one vector a song: the means of DEAM's official frames.

    Read from a table opensmile_means.csv in the dataset; where there is none, averaged over all
    rows of features/<song_id>.csv. Those of songs up to id 1000 seem to hold the whole recording,
    more than the 45 s that were rated (inferred, as `opensmile` says).
    """

    name: ClassVar[str] = "opensmile_means"
    source: ClassVar[str] = "Eyben, Weninger, Gross & Schuller 2013, doi:10.1145/2502081.2502224"

    @property
    def hop(self) -> float:
        return math.inf

    @property
    def n_bins(self) -> int:
        return 130

    def read(self, root: Path) -> Mapping[str, Frames]:
        found = sorted(root.rglob(TABLE))
        if len(found) == 1:
            return self._table(found[0])
        paths = {} if found else files_of_songs(root, folder=FOLDER, suffix=".csv")
        if not paths:
            raise DataError(
                f"{root}: {len(found)} files {TABLE}, expected one (song_id and {self.n_bins} "
                f"descriptors, as in features_song_level/{TABLE}), or {FOLDER}/<song_id>.csv of "
                f"DEAM's features.zip (python -m benchmark data deam --parts features)"
            )
        first = next(iter(paths.values()))
        names = read_names(first)
        means = [column for column, name in enumerate(names) if name.endswith(MEAN)]
        if len(means) != self.n_bins:
            raise DataError(
                f"{first}: has {len(means)} columns whose names end in {MEAN!r}, expected "
                f"{self.n_bins}"
            )

        def averaged(song: str) -> Frames:
            values = read_frames(paths[song], names, hop=LABEL_PERIOD).values[:, means]
            frames: Frames = values.mean(axis=0, keepdims=True, dtype=np.float64).astype(np.float32)
            return frames

        return SongFiles(paths, averaged)

    def _table(self, path: Path) -> Mapping[str, Frames]:
        table = rows(path)
        _, header = next(table, (0, []))
        if header[:1] != ["song_id"] or len(header) != 1 + self.n_bins:
            raise DataError(
                f"{path}: {len(header)} columns, the first {header[:1]}; "
                f"expected song_id and {self.n_bins} descriptors"
            )
        frames: dict[str, Frames] = {}
        for line, cells in table:
            where = f"{path}, line {line}"
            song = song_id(path, line, cells[0])
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
