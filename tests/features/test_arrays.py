"""The starting project's arrays, as a dataset's folder holds them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmark.errors import DataError
from benchmark.features.arrays import Arrays
from benchmark.records import SongFrames
from benchmark.views import Sequence, Windows

CHROMAS = Arrays(folder="DEAM_chromas", n_bins=12, hop=0.5)
LABELS = np.arange(15.0, 45.0, 0.5)


def save(root: Path, folder: str, song: str, array: np.ndarray) -> Path:
    (root / folder).mkdir(parents=True, exist_ok=True)
    np.save(root / folder / f"{song}.npy", array)
    return root


def test_the_chroma_of_a_label_is_that_of_its_half_second(tmp_path: Path) -> None:
    chroma = np.random.default_rng(0).random((60, 12, 1))
    songs = CHROMAS.read(save(tmp_path, "DEAM_chromas", "2", chroma))
    assert list(songs) == ["2"]
    rows = Sequence().rows(SongFrames("2", songs["2"], CHROMAS.hop, LABELS))
    np.testing.assert_allclose(rows, chroma[:, :, 0], atol=1e-6)


def test_the_window_of_a_label_is_the_one_around_it(tmp_path: Path) -> None:
    """Window w covers the labels at 15 + w / 2 and the two after it; its middle one gets it.

    On other frames than those it was cut into, up to half a hop apart: sounds that change slowly
    come out the same.
    """
    hop = 256 / 12_000
    seconds = 15 + 0.5 * np.arange(56)[:, None] + hop * np.arange(71)
    bands = np.sin(seconds[:, None] * np.linspace(0.1, 2, 96)[:, None])
    root = save(tmp_path, "DEAM_mfccs", "2", bands)
    save(tmp_path, "DEAM_mfccs", "mfcc_by_file", np.ones((1, 1)))
    songs = Arrays().read(root)
    assert list(songs) == ["2"]
    frames = SongFrames("2", songs["2"], Arrays().hop, 15.5 + 0.5 * np.arange(56))
    windows = Windows(1.5, standardize="none").rows(frames)
    assert windows.shape == (56, 71, 96)
    apart = np.abs(windows - bands.transpose(0, 2, 1))
    assert apart[1:-1].max() < 2 * 1.5 * hop  # steepest slope of 2 a second, cut and laid out


def test_another_folder_is_a_parameter(tmp_path: Path) -> None:
    root = save(tmp_path, "mine", "7", np.ones((4, 30)))
    mine = Arrays(folder="mine", n_bins=4, hop=0.5, start=0.0, transposed=True)
    assert mine.read(root)["7"].shape == (30, 4)
    with pytest.raises(
        DataError, match=r"no DEAM_mfccs/<song_id>\.npy in any .*\{name: arrays, folder: NAME\}"
    ):
        Arrays().read(root)
    with pytest.raises(
        DataError, match=r"7\.npy: holds an array \(4, 30\), expected \(n_frames, 4"
    ):
        Arrays(folder="mine", n_bins=4).read(root)["7"]
