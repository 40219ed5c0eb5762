"""The frame-level features that DEAM's organisers released: openSMILE's ComParE 2013 descriptors.

Eyben, Weninger, Gross & Schuller 2013 (the descriptors); Aljanaki, Yang & Soleymani 2017 (DEAM).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from benchmark.errors import DataError
from benchmark.interfaces import Frames, Precomputed
from benchmark.layout.excerpts import EXCERPT, START, excerpt_starts
from benchmark.layout.files import files_below
from benchmark.layout.frame_tables import TIME, FrameTable, read_frames, read_names
from benchmark.layout.labels import rated_seconds
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

    Songs up to id 1000 are rated on 45 s of them, and their files seem to hold the whole recording:
    the rows are those from the start of the excerpt that metadata_2013.csv gives. This is inferred,
    the files have not been seen: two public projects cut them so, and the mean deltas of the voice,
    which shrink with the length of a file, are those of full songs (of F0, the median size is
    3.4e-5, in full songs 3.1e-5, in the excerpts of 2014 2.5e-4). A file of no more than 45 s is of
    the excerpt itself. Before the first row of a file, its first row is repeated.

    In other datasets a file begins with its song, unless a metadata table gives a start. A song
    with an id up to 2000 that has no rating after 45 s and a longer file could be an excerpt of
    anywhere in it: it is refused until a start is given, 0 if need be.

    The deltas of six descriptors of the voice shrink in the course of a file: openSMILE divides
    them by a sum that it never resets (seen in version 3.0, and by their size in DEAM's files too).
    """

    name: ClassVar[str] = "opensmile"
    source: ClassVar[str] = "Eyben, Weninger, Gross & Schuller 2013, doi:10.1145/2502081.2502224"

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
                f"{root}: no {FOLDER}/<song_id>.csv in any folder below; DEAM's are in "
                f"features.zip (python -m benchmark data deam --parts features)"
            )
        first = next(iter(paths.values()))
        names = read_names(first)
        if len(names) != self.n_bins:
            raise DataError(
                f"{first}: has {len(names)} columns beside {TIME}, expected {self.n_bins}"
            )
        files = files_below(root)
        starts = excerpt_starts(files)
        ends = rated_seconds(files, root)

        def frames(song: str) -> Frames:
            table = read_frames(paths[song], names, hop=self.hop)
            lasts = max(EXCERPT, ends.get(song, 0.0))
            return self._cut(song, table, *_stretch(song, table, lasts, starts.get(song)))

        return SongFiles(paths, frames)

    def _cut(self, song: str, table: FrameTable, begin: float, end: float) -> Frames:
        inside = (table.times > begin - self.hop / 2) & (table.times < end - self.hop / 2)
        if not inside.any():
            raise DataError(
                f"{table.path}: ends at {table.times[-1]:g} s; the metadata say that the excerpt "
                f"of song {song} begins at {begin:g} s ({START!r})"
            )
        before = table.times[inside][0] - begin
        if before > LATEST_START:
            raise DataError(
                f"{table.path}: begins at {table.times[0]:g} s, {before:g} s after song {song} "
                f"does; {LATEST_START:g} s at most may be missing"
            )
        frames: Frames = np.pad(
            table.values[inside], ((round(before / self.hop), 0), (0, 0)), mode="edge"
        )
        return frames


def _stretch(
    song: str, table: FrameTable, lasts: float, start: float | None
) -> tuple[float, float]:
    """Return where in a file the music that was rated, of `lasts` seconds, begins and ends."""
    last = float(table.times[-1])
    if last > EXCERPT and start is not None:
        return start, start + lasts
    if last > EXCERPT >= lasts and int(song) <= LAST_EXCERPT:
        raise DataError(
            f"{table.path}: holds {last:g} s of music, song {song} is an excerpt of {EXCERPT:g} s; "
            f"where it begins, no metadata_*.csv says (in a column {START!r}, as DEAM's "
            f"metadata_2013.csv; 0.0 where the file begins with what was rated)"
        )
    return 0.0, math.inf
