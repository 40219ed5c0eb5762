"""The frame-level features that DEAM's organisers released: openSMILE's ComParE 2013 descriptors.

Eyben, Weninger, Gross & Schuller 2013 (the descriptors); Aljanaki, Yang & Soleymani 2017 (DEAM).
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
from benchmark.layout.excerpts import EXCERPT, START, excerpt_starts
from benchmark.layout.files import files_below
from benchmark.layout.frame_tables import TIME, FrameTable, read_frames, read_names
from benchmark.layout.song_files import SongFiles, files_of_songs
from benchmark.layout.subsets import LAST_EXCERPT
from benchmark.records import LABEL_PERIOD

FOLDER = "features"
LATEST_START = 15.0
"""Seconds into a song at which DEAM's ratings begin: a file may leave out what is before them."""


@dataclass(frozen=True, kw_only=True)
class Opensmile(Precomputed):
    """DEAM's official 260 openSMILE values at 2 Hz, from features/<song_id>.csv in the dataset.

    SD and mean over 1 s of 65 descriptors and their deltas. The row with frameTime t, which sees
    [t, t + 1), is frame t / 0.5: that of the label at t, as MediaEval paired them.

    Songs up to id 1000 have their whole recordings in these files and are rated on 45 s of them:
    the rows are those from the start of the excerpt that metadata_2013.csv gives. A file of no more
    than 45 s is of the excerpt itself. Before the first row of a file, its first row is repeated.

    The deltas of six descriptors of the voice shrink in the course of a file: openSMILE divides
    them by a sum that it never resets (seen in version 3.0, and by their size in DEAM's files too).
    """

    name: ClassVar[str] = "opensmile"

    @property
    def hop(self) -> float:
        return LABEL_PERIOD

    @property
    def n_bins(self) -> int:
        return 260

    def read(self, root: Path) -> Mapping[str, Frames]:
        paths = files_of_songs(root, folder=FOLDER, suffix=".csv")
        if not paths:
            raise DataError(
                f"{root}: no {FOLDER}/<song_id>.csv in any folder below; DEAM's are in features.zip"
            )
        first = next(iter(paths.values()))
        names = read_names(first)
        if len(names) != self.n_bins:
            raise DataError(
                f"{first}: has {len(names)} columns beside {TIME}, expected {self.n_bins}"
            )
        starts = excerpt_starts(files_below(root))
        return SongFiles(paths, lambda song: self._frames(song, paths[song], names, starts))

    def _frames(
        self, song: str, path: Path, names: Sequence[str], starts: Mapping[str, float]
    ) -> Frames:
        table = read_frames(path, names, hop=self.hop)
        begin, end = _stretch(song, table, starts)
        inside = (table.times > begin - self.hop / 2) & (table.times < end - self.hop / 2)
        if not inside.any():
            raise DataError(
                f"{path}: ends at {table.times[-1]:g} s; the metadata say that the excerpt of song "
                f"{song} begins at {begin:g} s ({START!r})"
            )
        before = table.times[inside][0] - begin
        if before > LATEST_START:
            raise DataError(
                f"{path}: begins at {table.times[0]:g} s, {before:g} s after song {song} does; "
                f"{LATEST_START:g} s at most may be missing"
            )
        frames: Frames = np.pad(
            table.values[inside], ((round(before / self.hop), 0), (0, 0)), mode="edge"
        )
        return frames


def _stretch(song: str, table: FrameTable, starts: Mapping[str, float]) -> tuple[float, float]:
    """Return where in a file the music that was rated begins and ends, in seconds."""
    last = float(table.times[-1])
    if last <= EXCERPT:
        return 0.0, math.inf
    if song in starts:
        return starts[song], starts[song] + EXCERPT
    if int(song) <= LAST_EXCERPT:
        raise DataError(
            f"{table.path}: holds {last:g} s of music, song {song} is an excerpt of {EXCERPT:g} s; "
            f"where it begins, no metadata_*.csv says (in a column {START!r}, as DEAM's "
            f"metadata_2013.csv)"
        )
    return 0.0, math.inf
