from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.features.mel import Mel
from benchmark.features.opensmile_means import OpensmileMeans
from benchmark.interfaces import View
from benchmark.records import SongFrames
from benchmark.views import Sequence, Summary, Windows


def slow_summary(song: SongFrames, seconds: float) -> np.ndarray:
    """Compute the same from the definition, label by label."""
    at = np.arange(len(song.frames)) * song.hop

    def stretch(start: float, stop: float) -> tuple[np.ndarray, np.ndarray]:
        inside = song.frames[(at >= start - 1e-7) & (at < stop - 1e-7)].astype(np.float64)
        return inside.mean(axis=0), inside.std(axis=0)

    rows = []
    for middle in song.times + 0.25:
        mean, sd = stretch(middle - seconds / 2, middle + seconds / 2)
        early_mean, early_sd = stretch(middle - seconds / 2, middle)
        late_mean, late_sd = stretch(middle, middle + seconds / 2)
        rows.append(np.concatenate([mean, sd, late_mean - early_mean, late_sd - early_sd]))
    return np.array(rows)


@pytest.mark.parametrize("seconds", [1.0, 6.0])
@pytest.mark.parametrize("hop", [0.1, 256 / 12_000])
def test_statistics_agree_with_the_definition(
    make_frames: Callable[..., SongFrames], seconds: float, hop: float
) -> None:
    song = make_frames(hop=hop, n_labels=20)
    np.testing.assert_allclose(Summary(seconds).rows(song), slow_summary(song, seconds), atol=1e-5)


def test_decibels_far_from_zero_keep_their_small_variation() -> None:
    random = np.random.default_rng(0)
    frames = (-90 + 1e-3 * random.normal(size=(100_000, 1))).astype(np.float32)
    song = SongFrames("1", frames, 0.01, np.array([900.0]))
    sd = Summary(6.0).rows(song)[0, 1]
    assert sd == pytest.approx(frames[89_725:90_325].astype(np.float64).std(), rel=1e-3)


def test_a_label_beyond_the_audio_sees_the_last_frame() -> None:
    song = SongFrames("1", np.arange(10, dtype=np.float32)[:, None], 0.1, np.array([44.5]))
    np.testing.assert_array_equal(Summary(2.0).rows(song), [[9, 0, 0, 0]])


@pytest.mark.parametrize("n_frames", [90, 91])
def test_around_a_label_of_the_whole_song_the_window_is_the_song(n_frames: int) -> None:
    frames = np.random.default_rng(0).normal(size=(n_frames, 2)).astype(np.float32)
    song = SongFrames("1", frames, 0.1, np.array([0.0]), period=math.inf)
    early, late = frames[: (n_frames + 1) // 2], frames[(n_frames + 1) // 2 :]
    (row,) = Summary(2.0).rows(song)
    np.testing.assert_allclose(row[:2], frames.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(row[2:4], frames.std(axis=0), atol=1e-6)
    np.testing.assert_allclose(row[4:6], late.mean(axis=0) - early.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(row[6:], late.std(axis=0) - early.std(axis=0), atol=1e-6)


def test_silence_has_no_variation() -> None:
    song = SongFrames("1", np.full((90, 2), -100, dtype=np.float32), 0.1, np.array([1.0, 4.0]))
    np.testing.assert_array_equal(Summary(2.0).rows(song), 2 * [[-100, -100, 0, 0, 0, 0, 0, 0]])


def test_a_stretch_shorter_than_two_hops_is_refused() -> None:
    refusal = Summary(0.3).refusal(Mel(hop_length=2_400))
    assert "a summary over 0.3 s has less than a frame in each half at a hop of 0.2 s" in refusal
    assert "0.4 s or more works" in refusal
    assert Summary(0.4).refusal(Mel(hop_length=2_400)) == ""


def test_of_one_vector_a_song_a_row_is_that_vector() -> None:
    vector = np.array([[3, -1, 7]], dtype=np.float32)
    song = SongFrames("1", vector, math.inf, np.arange(15, 17, 0.5))
    assert Summary(6.0).refusal(OpensmileMeans()) == ""
    np.testing.assert_array_equal(Summary(6.0).rows(song), np.repeat(vector, 4, axis=0))
    np.testing.assert_array_equal(Summary(6.0).rows(song, np.array([2])), vector)


@pytest.mark.parametrize("seconds", [1.0, 6.0])
def test_a_summary_reaches_as_far_as_it_says(seconds: float) -> None:
    hop, view = 0.1, Summary(seconds)
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


@pytest.mark.parametrize(
    "view", [Windows(1.5), Sequence(), Summary(6.0)], ids=lambda v: type(v).__name__
)
@given(which=st.lists(st.integers(0, 7), min_size=1, max_size=10))
def test_some_rows_are_those_rows_of_all(
    make_frames: Callable[..., SongFrames], view: View, which: list[int]
) -> None:
    song = make_frames()
    rows = view.rows(song, np.array(which))
    np.testing.assert_array_equal(rows, view.rows(song)[which])
    assert rows.dtype == np.float32


@pytest.mark.parametrize(
    "view", [Windows(1.5), Sequence(), Summary(6.0)], ids=lambda v: type(v).__name__
)
def test_a_view_cannot_see_labels(make_frames: Callable[..., SongFrames], view: View) -> None:
    song = make_frames()
    blind = SongFrames(song.id, song.frames, song.hop, song.times)
    np.testing.assert_array_equal(view.rows(song), view.rows(blind))
