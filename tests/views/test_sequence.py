from __future__ import annotations

import math

import numpy as np
import pytest

from benchmark.features.mel import Mel
from benchmark.features.opensmile_means import OpensmileMeans
from benchmark.records import SongFrames
from benchmark.views import Sequence


def test_the_frames_of_each_half_second_are_averaged() -> None:
    frames = np.arange(20, dtype=np.float32)[:, None] * [1, -1]
    rows = Sequence().rows(SongFrames("1", frames, 0.1, np.array([0.5, 1.0])))
    np.testing.assert_allclose(rows, [[7, -7], [12, -12]])
    assert rows.dtype == np.float32


@pytest.mark.parametrize("hop", [0.1, 256 / 12_000, 0.5])
def test_a_half_second_begins_with_its_label(hop: float) -> None:
    """A change at 2.5 s is seen by the label at 2.5 s, and not by the one before."""
    times = np.arange(0, 5, 0.5)
    loud = (np.arange(int(6 / hop)) * hop > 2.5 - 1e-9).astype(np.float32)[:, None]
    rows = Sequence().rows(SongFrames("1", loud, hop, times))
    np.testing.assert_allclose(rows[:, 0], times >= 2.5, atol=1e-6)


def test_half_seconds_past_the_end_take_the_last_frame() -> None:
    frames = np.arange(10, dtype=np.float32)[:, None]
    rows = Sequence().rows(SongFrames("1", frames, 0.1, np.array([0.5, 1.0, 44.5])))
    np.testing.assert_allclose(rows[:, 0], [7, 9, 9])


def test_a_hop_longer_than_a_half_second_is_refused() -> None:
    refusal = Sequence().refusal(Mel(hop_length=7_200))
    assert "a hop of 0.6 s leaves half seconds without a frame" in refusal
    assert Sequence().refusal(Mel(hop_length=6_000)) == ""


def test_one_vector_a_song_is_no_sequence() -> None:
    assert "one vector a song is no sequence; ridge or xgboost_summary takes it" in (
        Sequence().refusal(OpensmileMeans())
    )


def test_a_network_that_remembers_may_see_the_whole_song() -> None:
    assert Sequence().reach == math.inf
