"""Frames in a file (.npy), mapped into memory only while they are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class FramesFile:
    """Where frames (n_frames, n_bins) lie, and how.

    A map that stays open keeps every page that was read: a job that holds one a song takes as much
    memory as all frames have. So each look is a map of its own (16 microseconds).
    """

    path: Path
    offset: int
    shape: tuple[int, ...]
    dtype: np.dtype[np.float32]
    by_columns: bool

    @classmethod
    def found(cls, path: Path) -> FramesFile:
        """Read the header of a file that `numpy.save` wrote.

        Raises
        ------
        ValueError
            If it is none.
        OSError
            If it cannot be read.
        """
        with path.open("rb") as file:
            if np.lib.format.read_magic(file) != (1, 0):
                raise ValueError(f"{path.name}: is not an array of version 1.0")
            shape, by_columns, dtype = np.lib.format.read_array_header_1_0(file)
            return cls(path, file.tell(), shape, dtype, by_columns)

    @property
    def whole(self) -> bool:
        """Whether the file is as long as its header says."""
        size = int(np.prod(self.shape)) * self.dtype.itemsize
        return self.path.stat().st_size == self.offset + size

    def mapped(self) -> npt.NDArray[np.float32]:
        """Return the frames, read as they are looked at."""
        return np.memmap(
            self.path,
            dtype=self.dtype,
            mode="r",
            offset=self.offset,
            shape=self.shape,
            order="F" if self.by_columns else "C",
        )
