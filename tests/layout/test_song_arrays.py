from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmark.errors import DataError
from benchmark.layout.arrays import in_one_row, read_windows

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def file(array: object, *, pickled: bool = False) -> Path:
        np.save(tmp_path / "2.npy", array, allow_pickle=pickled)
        return tmp_path / "2.npy"

    return file


@pytest.mark.parametrize(
    ("shape", "transposed", "windows"),
    [
        ((60, 12), False, (1, 60, 12)),
        ((60, 12, 1), False, (1, 60, 12)),
        ((12, 60), True, (1, 60, 12)),
        ((12, 12), False, (1, 12, 12)),
        ((56, 12, 71), False, (56, 71, 12)),
    ],
)
def test_frames_and_windows_are_told_by_their_shape(
    write: Write, shape: tuple[int, ...], transposed: bool, windows: tuple[int, ...]
) -> None:
    array = np.arange(np.prod(shape), dtype=np.float64).reshape(shape)
    read = read_windows(write(array), n_bins=12, transposed=transposed)
    assert (read.shape, read.dtype) == (windows, np.float32)
    if len(shape) == 3 and shape[2] > 1:
        np.testing.assert_array_equal(read[5, 7], array[5, :, 7])
    else:
        np.testing.assert_array_equal(read[0], np.squeeze(array.T if transposed else array))


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((60, 13)), r"array \(60, 13\), expected \(n_frames, 12\) or \(n_windows, 12, n"),
        (np.zeros((12, 60)), r"array \(12, 60\), expected .*; n_bins and transposed can be set"),
        (np.zeros(12), r"holds an array \(12,\), expected \(n_frames, 12\)"),
        (np.zeros((2, 3, 12, 71)), r"holds an array \(2, 3, 12, 71\), expected"),
        (np.zeros((60, 12), dtype="U3"), r"2\.npy: is no array of numbers"),
        (np.zeros((60, 12), dtype=bool), r"2\.npy: is no array of numbers"),
        (np.zeros((0, 12)), r"2\.npy: "),
    ],
    ids=lambda value: None,
)
def test_another_shape_is_refused_with_what_would_work(
    write: Write, array: np.ndarray, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read_windows(write(array), n_bins=12, transposed=False)


def test_what_lies_the_other_way_round_says_so(write: Write) -> None:
    with pytest.raises(DataError, match=r"array \(60, 12\), expected \(12, n_frames\) or .*set"):
        read_windows(write(np.zeros((60, 12))), n_bins=12, transposed=True)


class Trap:
    """Something whose unpickling would be noticed."""

    def __reduce__(self) -> tuple:
        return (pytest.fail, ("stored code was run",))


def test_no_stored_code_is_run(write: Write) -> None:
    path = write(np.array([Trap()], dtype=object), pickled=True)
    with pytest.raises(DataError, match=r"2\.npy: is no whole \.npy file of numbers \(.*\)"):
        read_windows(path, n_bins=12, transposed=False)


def test_a_file_cut_anywhere_is_refused(write: Write) -> None:
    path = write(np.ones((6, 12)))
    whole = path.read_bytes()
    for length in (0, 5, 60, 127, 128, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(DataError, match=r"2\.npy: is no whole \.npy file of numbers"):
            read_windows(path, n_bins=12, transposed=False)


def test_a_header_that_promises_the_moon_costs_no_memory(write: Write, tmp_path: Path) -> None:
    header = io.BytesIO()
    moon = {"descr": "<f8", "fortran_order": False, "shape": (10**12, 12)}
    np.lib.format.write_array_header_1_0(header, moon)
    path = tmp_path / "2.npy"
    path.write_bytes(header.getvalue() + bytes(96))
    with pytest.raises(DataError, match=r"2\.npy: is no whole \.npy file of numbers"):
        read_windows(path, n_bins=12, transposed=False)


def test_an_archive_of_arrays_is_no_array(tmp_path: Path) -> None:
    np.savez(tmp_path / "2.npz", a=np.ones((6, 12)))
    (tmp_path / "2.npz").rename(tmp_path / "2.npy")
    with pytest.raises(DataError, match=r"2\.npy: is no array of numbers"):
        read_windows(tmp_path / "2.npy", n_bins=12, transposed=False)


def test_half_seconds_from_15_s_on_lie_at_their_labels() -> None:
    """The chroma of the starting project: the one of label t is frame 2 t."""
    chroma = np.arange(60, dtype=np.float32)[None, :, None]
    frames = in_one_row(chroma, start=15.0, step=0.5, hop=0.5)[:, 0]
    assert len(frames) == 90
    np.testing.assert_array_equal(frames[30:], np.arange(60))
    np.testing.assert_array_equal(frames[:30], 0)


HOP = 256 / 12_000


def windows_of_a_clock(n_windows: int = 56) -> np.ndarray:
    """Return windows of 71 frames every half second from 15 s on, which hold their own time."""
    inside = HOP * np.arange(71)
    times = 15 + 0.5 * np.arange(n_windows)[:, None] + inside
    which = np.broadcast_to(np.arange(n_windows)[:, None], times.shape)
    return np.stack([times, which], axis=2).astype(np.float32)


def test_overlapping_windows_become_one_row_of_frames_at_their_times() -> None:
    frames = in_one_row(windows_of_a_clock(), start=15.0, step=0.5, hop=HOP)
    times = HOP * np.arange(len(frames))
    inside = times >= 15
    assert np.abs(frames[inside, 0] - times[inside]).max() <= HOP / 2 + 1e-5
    np.testing.assert_array_equal(frames[times < 15 - HOP / 2, 0], 15)
    last = 15 + 55 * 0.5 + 70 * HOP
    assert times[-1] == pytest.approx(last, abs=HOP)


def test_a_frame_comes_from_the_window_it_is_the_middle_of() -> None:
    """Window w is that of the label at 15.5 + w / 2, whose half second is in its middle."""
    frames = in_one_row(windows_of_a_clock(), start=15.0, step=0.5, hop=HOP)
    times = HOP * np.arange(len(frames))
    for window in (1, 20, 54):
        label = 15.5 + 0.5 * window
        heard = (times > label + HOP) & (times < label + 0.5 - HOP)
        assert heard.sum() > 20
        np.testing.assert_array_equal(frames[heard, 1], window)
