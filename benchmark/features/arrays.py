"""Frames that somebody computed before: a NumPy file a song, as the starting project keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from annotated_types import Ge, Gt

from benchmark.errors import DataError
from benchmark.interfaces import Frames, Precomputed
from benchmark.layout.arrays import in_one_row, read_windows
from benchmark.layout.song_files import SongFiles, files_of_songs


@dataclass(frozen=True, kw_only=True)
class Arrays(Precomputed):
    """Precomputed frames, from <folder>/<song_id>.npy in the dataset; defaults are DEAM_mfccs.

    An array is (n_frames, n_bins), `transposed` (n_bins, n_frames), or has windows (n_windows,
    n_bins, n_window_frames), one every `step` seconds. Its first frame lies `start` seconds into
    the song; before, that frame is repeated. `hop` is the seconds between frames.

    The starting project (track_emo_reco) keeps 96 log-mel bands at 12 kHz, hop 256, in windows of
    71 frames every 0.5 s from 15 s on (`DEAM_mfccs`), and the chroma of each half second, (60, 12,
    1): `{name: arrays, folder: DEAM_chromas, n_bins: 12, hop: 0.5}`. Windows are laid out as one
    row of frames, each from the window it is the middle of, at most half a hop from its place.
    """

    name: ClassVar[str] = "arrays"
    source: ClassVar[str] = "track_emo_reco, the starting project of this suite"

    folder: str = "DEAM_mfccs"
    n_bins: Annotated[int, Ge(1)] = 96
    hop: Annotated[float, Gt(0)] = 256 / 12_000
    start: Annotated[float, Ge(0)] = 15.0
    step: Annotated[float, Gt(0)] = 0.5
    transposed: bool = False

    def read(self, root: Path) -> Mapping[str, Frames]:
        paths = files_of_songs(root, folder=self.folder, suffix=".npy")
        if not paths:
            raise DataError(
                f"{root}: no {self.folder}/<song_id>.npy in any folder below; the name of the "
                f"folder is a parameter: {{name: {self.name}, folder: NAME}}"
            )
        return SongFiles(paths, lambda song: self._frames(paths[song]))

    def _frames(self, path: Path) -> Frames:
        windows = read_windows(path, n_bins=self.n_bins, transposed=self.transposed)
        return in_one_row(windows, start=self.start, step=self.step, hop=self.hop)
