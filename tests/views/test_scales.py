from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.features.mel import Mel
from benchmark.features.opensmile_means import OpensmileMeans
from benchmark.records import SongFrames
from benchmark.views import Lengths, Scales, Summary, around


def slow_scales(song: SongFrames, lengths: Lengths) -> np.ndarray:
    """Compute the same from the definition, label by label."""
    at = np.arange(len(song.frames)) * song.hop
    rows = []
    for middle in song.times + 0.25:
        row = []
        for length in lengths:
            half = math.inf if length == "song" else length / 2
            inside = (at >= middle - half - 1e-7) & (at < middle + half - 1e-7)
            seen = song.frames[inside].astype(np.float64)
            row += [seen.mean(axis=0), seen.std(axis=0)]
        rows.append(np.concatenate(row))
    return np.array(rows)


@pytest.mark.parametrize("lengths", [(1.0,), (3.0, "song"), ("song", 40.0, 2.5)], ids=str)
@pytest.mark.parametrize("hop", [0.1, 0.5, 256 / 12_000])
def test_statistics_agree_with_the_definition(
    make_frames: Callable[..., SongFrames], lengths: Lengths, hop: float
) -> None:
    song = make_frames(hop=hop, n_labels=20)
    rows = Scales(lengths).rows(song)
    assert rows.shape == (20, 2 * len(lengths) * 6)
    np.testing.assert_allclose(rows, slow_scales(song, lengths), atol=1e-5)


def test_a_window_longer_than_the_song_is_the_song(make_frames: Callable[..., SongFrames]) -> None:
    song = make_frames()
    mean_sd = np.concatenate([song.frames.mean(axis=0), song.frames.std(axis=0)])
    for length in ("song", 1000.0):
        np.testing.assert_allclose(
            Scales((length,)).rows(song), np.tile(mean_sd, (8, 1)), atol=1e-5
        )


def test_one_length_is_the_beginning_of_a_summary(make_frames: Callable[..., SongFrames]) -> None:
    song = make_frames()
    np.testing.assert_allclose(
        Scales((3.0,)).rows(song), Summary(3.0).rows(song)[:, :12], atol=1e-6
    )


@pytest.mark.parametrize("n_frames", [1, 2, 91])
def test_a_label_of_the_whole_song_sees_the_song_once(n_frames: int) -> None:
    frames = np.random.default_rng(0).normal(size=(n_frames, 2)).astype(np.float32)
    song = SongFrames("1", frames, 0.1, np.array([0.0]), period=math.inf)
    (row,) = Scales((3.0, 15.0, "song")).rows(song)
    np.testing.assert_allclose(row[:2], frames.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(row[2:], frames.std(axis=0), atol=1e-6)


def test_of_one_vector_a_song_a_row_is_that_vector() -> None:
    vector = np.array([[3, -1, 7]], dtype=np.float32)
    song = SongFrames("1", vector, math.inf, np.arange(15, 17, 0.5))
    view = Scales((3.0, "song"))
    assert view.refusal(OpensmileMeans()) == view.refusal(Mel()) == ""
    np.testing.assert_array_equal(view.rows(song), np.repeat(vector, 4, axis=0))
    np.testing.assert_array_equal(view.rows(song, np.array([2])), vector)


def test_a_label_beyond_the_audio_sees_the_last_frame() -> None:
    song = SongFrames("1", np.arange(10, dtype=np.float32)[:, None], 0.1, np.array([44.5]))
    np.testing.assert_allclose(
        Scales((2.0, "song")).rows(song), [[9, 0, 4.5, np.std(range(10))]], rtol=1e-6
    )


def test_it_reaches_half_its_longest_window() -> None:
    assert Scales((3.0, 40.0, 15.0)).reach == 20
    assert Scales((3.0, "song", 15.0)).reach == math.inf


@pytest.mark.parametrize("lengths", [(1.0, 6.0), (6.0,)], ids=str)
def test_it_reaches_as_far_as_it_says(lengths: Lengths) -> None:
    hop, view = 0.1, Scales(lengths)
    at = hop * np.arange(300)
    calm = np.zeros((300, 1), dtype=np.float32)
    for distance, seen in [(view.reach + hop, False), (view.reach - 2 * hop, True)]:
        for side in (-1, 1):
            loud = calm.copy()
            loud[np.argmin(abs(at - (15.25 + side * distance)))] = 1
            rows = [
                view.rows(SongFrames("1", frames, hop, np.array([15.0]))) for frames in (calm, loud)
            ]
            assert np.allclose(*rows, atol=1e-6) != seen


@given(which=st.lists(st.integers(0, 7), min_size=1, max_size=10))
def test_some_rows_are_those_rows_of_all(
    make_frames: Callable[..., SongFrames], which: list[int]
) -> None:
    song, view = make_frames(), Scales((1.5, "song"))
    rows = view.rows(song, np.array(which))
    np.testing.assert_array_equal(rows, view.rows(song)[which])
    assert rows.dtype == np.float32


def test_a_number_of_seconds_is_a_summary_and_several_are_scales() -> None:
    assert around(6.0) == Summary(6.0)
    assert around((6.0,)) == Scales((6.0,))


def test_a_window_that_may_hold_no_frame_is_refused() -> None:
    slow = Mel(hop_length=12_000)
    assert "1 s or more works" in Scales((0.5, "song")).refusal(slow)
    assert Scales((1.0, "song")).refusal(slow) == Scales(("song",)).refusal(slow) == ""
    assert Scales((0.5,)).refusal(OpensmileMeans()) == ""
