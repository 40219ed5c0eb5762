from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.features.mel import Mel
from benchmark.features.opensmile_means import OpensmileMeans
from benchmark.records import SongFrames
from benchmark.views import Windows, window_mean

HOP = 256 / 12_000


def clock(times: list[float], *, seconds: float = 10.0, hop: float = HOP) -> SongFrames:
    """Return a song whose frames hold their own time, so a window tells where it was cut."""
    frames = (np.arange(1 + int(seconds / hop)) * hop).astype(np.float32)[:, None]
    return SongFrames("1", frames, hop, np.array(times))


@pytest.mark.parametrize(
    ("seconds", "hop", "length"), [(1.5, HOP, 71), (1.5, 0.1, 16), (0.3, 0.1, 4), (0.1, 0.1, 2)]
)
def test_a_window_of_the_seed_has_71_frames(seconds: float, hop: float, length: int) -> None:
    rows = Windows(seconds).rows(clock([2.0, 2.5], hop=hop))
    assert rows.shape == (2, length, 1)


def test_a_window_holds_the_71_frames_of_the_seed(make_frames: Callable[..., SongFrames]) -> None:
    song = make_frames(hop=Mel().hop, n_bins=Mel().n_bins)
    assert Windows(1.5).rows(song).shape == (len(song.times), 71, 96)


@pytest.mark.parametrize("hop", [HOP, 0.1, 0.013])
@pytest.mark.parametrize("seconds", [0.5, 1.5, 4.0])
def test_windows_are_centred_on_the_middle_of_the_half_second(hop: float, seconds: float) -> None:
    times = np.arange(2.5, 7, 0.5)
    windows = Windows(seconds, standardize="none").rows(clock(list(times), hop=hop))
    np.testing.assert_allclose(windows.mean(axis=(1, 2)), times + 0.25, atol=hop)
    np.testing.assert_allclose(np.diff(windows, axis=1), hop, atol=1e-5)


def test_a_window_past_the_ends_repeats_the_first_and_the_last_frame() -> None:
    song = clock([0.0, 1.5], seconds=2.0, hop=0.1)
    early, late = Windows(1.0, standardize="none").rows(song)[..., 0]
    np.testing.assert_allclose(early[:4], [0, 0, 0, 0.1], atol=1e-6)
    np.testing.assert_allclose(late[-3:], [2.0, 2.0, 2.0], atol=1e-6)


def test_a_song_of_one_frame_fills_its_windows() -> None:
    song = SongFrames("1", np.full((1, 2), 7, dtype=np.float32), 0.1, np.array([0.0, 15.0]))
    np.testing.assert_array_equal(
        Windows(1.5, standardize="none").rows(song), np.full((2, 16, 2), 7)
    )


def test_each_window_is_standardised_by_itself(make_frames: Callable[..., SongFrames]) -> None:
    song = make_frames()
    windows = Windows(1.5).rows(song)
    np.testing.assert_allclose(windows.mean(axis=(1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(windows.std(axis=(1, 2)), 1, atol=1e-5)
    raw = Windows(1.5, standardize="none").rows(song)[3]
    np.testing.assert_allclose(windows[3], (raw - raw.mean()) / raw.std(), atol=1e-5)


def test_windows_of_a_song_are_standardised_together(
    make_frames: Callable[..., SongFrames],
) -> None:
    song = make_frames()
    windows, raw = Windows(1.5, "song").rows(song), Windows(1.5, "none").rows(song)
    expected = (raw - song.frames.mean()) / song.frames.std()
    np.testing.assert_allclose(windows, expected, atol=1e-5)


def test_a_silent_window_becomes_zeros() -> None:
    song = SongFrames("1", np.full((50, 3), -100, dtype=np.float32), 0.1, np.array([1.0]))
    np.testing.assert_array_equal(Windows(1.5).rows(song), np.zeros((1, 16, 3)))


def test_cutting_windows_leaves_the_frames_alone(make_frames: Callable[..., SongFrames]) -> None:
    song = make_frames()
    before = song.frames.copy()
    Windows(1.5).rows(song)
    np.testing.assert_array_equal(song.frames, before)


def test_a_hop_longer_than_the_window_is_refused() -> None:
    refusal = Windows(0.1).refusal(Mel(hop_length=2_400))
    assert "window of 0.1 s holds no two frames at a hop of 0.2 s" in refusal
    assert Windows(0.1).refusal(Mel()) == ""


def test_one_vector_a_song_has_no_windows() -> None:
    assert "one vector a song has no windows; ridge or xgboost_summary takes it" in (
        Windows(1.5).refusal(OpensmileMeans())
    )


@pytest.mark.parametrize("seconds", [0.5, 1.5, 6.0])
def test_a_window_reaches_as_far_as_it_says(seconds: float) -> None:
    """But for the rounding to whole frames, half a hop."""
    hop, view = 0.01, Windows(seconds, standardize="none")
    seen = view.rows(clock([10.0], seconds=20.0, hop=hop)) - 10.25
    assert view.reach == seconds / 2
    np.testing.assert_allclose([seen.min(), seen.max()], [-view.reach, view.reach], atol=hop)


def test_window_mean_by_hand() -> None:
    labels = np.array([[1.0], [2.0], [np.nan], [4.0], [8.0]])
    means = window_mean(labels, 1.5)
    np.testing.assert_allclose(means[:, 0], [1.5, 1.5, 3.0, 6.0, 6.0])


def test_window_mean_where_nobody_rated_is_unknown() -> None:
    labels = np.array([[1.0], [np.nan], [np.nan], [np.nan]])
    means = window_mean(labels, 1.5)
    np.testing.assert_array_equal(means[:, 0], [1, 1, np.nan, np.nan])


@pytest.mark.parametrize("seconds", [0.1, 0.5, 1.0, 1.49])
def test_a_window_with_room_for_one_label_has_its_own_mean(seconds: float) -> None:
    labels = np.array([[0.1, 1.0], [0.2, np.nan], [0.3, 3.0]])
    np.testing.assert_array_equal(window_mean(labels, seconds), labels)


@given(
    values=st.lists(st.one_of(st.floats(-1, 1), st.just(np.nan)), min_size=1, max_size=12),
    seconds=st.floats(0.1, 8),
)
def test_window_mean_agrees_with_the_definition(values: list[float], seconds: float) -> None:
    times, labels = 15 + 0.5 * np.arange(len(values)), np.array(values)
    for time, mean in zip(times, window_mean(labels[:, None], seconds)[:, 0], strict=True):
        inside = np.abs(times - time) <= (seconds - 0.5) / 2 + 1e-9
        known = labels[(inside | (times == time)) & np.isfinite(labels)]
        assert mean == pytest.approx(known.mean() if len(known) else np.nan, nan_ok=True)
