from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import psutil
import pytest

from benchmark.records import SongFrames
from benchmark.records.frames_file import FramesFile


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_file_gives_the_frames_that_were_saved(tmp_path: Path, order: str, dtype: type) -> None:
    frames = np.asarray(np.random.default_rng(0).normal(size=(50, 7)), dtype=dtype, order=order)
    path = tmp_path / "frames.npy"
    np.save(path, frames)
    kept = pickle.loads(pickle.dumps(FramesFile.found(path)))
    assert kept.whole
    song = SongFrames("1", kept, 0.1, np.arange(3.0))
    np.testing.assert_array_equal(song.frames, frames, strict=True)
    with pytest.raises(ValueError, match="read-only"):
        song.frames[0, 0] = 1.0


def test_a_file_that_was_cut_short_is_not_whole(tmp_path: Path) -> None:
    path = tmp_path / "frames.npy"
    np.save(path, np.zeros((50, 7), dtype=np.float32))
    path.write_bytes(path.read_bytes()[:-1])
    assert not FramesFile.found(path).whole


def test_a_file_of_another_kind_is_none(tmp_path: Path) -> None:
    path = tmp_path / "frames.npy"
    path.write_bytes(b"something else, and long enough to be a header")
    with pytest.raises(ValueError, match="magic string"):
        FramesFile.found(path)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="maps are counted on Linux")
def test_looking_at_many_files_keeps_none_of_them_in_memory(tmp_path: Path) -> None:
    songs = []
    for number in range(20):
        np.save(tmp_path / f"{number}.npy", np.ones((10_000, 100), dtype=np.float32))  # 4 MB
        kept = FramesFile.found(tmp_path / f"{number}.npy")
        songs.append(SongFrames(str(number), kept, 0.1, np.arange(3.0)))
    process = psutil.Process(os.getpid())
    before = process.memory_info().rss
    assert sum(float(song.frames.sum()) for song in songs) == 2e7
    assert process.memory_info().rss - before < 16e6  # of 80 MB
    assert str(tmp_path) not in Path("/proc/self/maps").read_text()
