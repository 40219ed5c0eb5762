"""Reads arrays that lie beside a dataset: frames of a song, or windows cut from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmark.errors import DataError
from benchmark.interfaces import Frames


def read_windows(path: Path, *, n_bins: int, transposed: bool) -> Frames:
    """Return the windows in a .npy file: (n_windows, n_window_frames, n_bins).

    The file has (n_frames, n_bins), which is one window, or (n_windows, n_bins, n_window_frames),
    the starting project's (track_emo_reco) way; axes of length 1 at the end do not count.
    `transposed` says that it has (n_bins, n_frames).

    Raises
    ------
    DataError
        Where it is no array of numbers, cut short, empty, or has another shape. No stored code is
        run.
    """
    try:
        # Mapped, not read: a header that promises more than the file holds costs no memory.
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        said = " ".join(str(error).split())
        raise DataError(f"{path}: is no whole .npy file of numbers ({said})") from error
    if not (isinstance(array, np.ndarray) and np.issubdtype(array.dtype, np.number)):
        raise DataError(f"{path}: is no array of numbers")
    shape = array.shape
    if array.ndim == 3 and shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim == 2:
        array = array[None] if transposed else array.T[None]
    if array.ndim != 3 or array.shape[1] != n_bins or not array.size:
        one = f"({n_bins}, n_frames)" if transposed else f"(n_frames, {n_bins})"
        raise DataError(
            f"{path}: holds an array {shape}, expected {one} or (n_windows, {n_bins}, "
            f"n_window_frames); n_bins{'' if transposed else ' and transposed'} can be set"
        )
    with np.errstate(over="ignore"):  # infinity is refused by who takes the frames
        return np.asarray(array, dtype=np.float32).transpose(0, 2, 1)


def in_one_row(windows: Frames, *, start: float, step: float, hop: float) -> Frames:
    """Lay windows out as the frames of one song, from time 0: (n_frames, n_bins).

    Each frame is taken from the window whose middle is nearest to it: the frame nearest in time, at
    most half a hop away. Before the first window its first frame is repeated.

    Parameters
    ----------
    windows : array (n_windows, n_window_frames, n_bins)
        Window w begins at `start + w * step` seconds, its frames are `hop` apart.
    """
    n_windows, n_window_frames, _ = windows.shape
    lasts = (n_window_frames - 1) * hop
    end = start + (n_windows - 1) * step + lasts
    times = hop * np.arange(1 + int(end / hop + 1e-6))
    nearest = np.rint((times - start - lasts / 2) / step)
    which = np.clip(nearest, 0, n_windows - 1).astype(np.intp)
    inside = np.rint((times - start - which * step) / hop - 1e-9)
    frames: Frames = windows[which, np.clip(inside, 0, n_window_frames - 1).astype(np.intp)]
    return frames
