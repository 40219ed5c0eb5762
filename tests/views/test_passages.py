from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from benchmark.features.mel import Mel
from benchmark.records import SongFrames
from benchmark.views import Passages, Windows


@pytest.mark.parametrize("standardize", ["song", "none"])
@pytest.mark.parametrize("seconds", [0.5, 1.5, 3.0])
def test_a_piece_holds_the_windows_of_its_labels(
    make_frames: Callable[..., SongFrames], standardize: str, seconds: float
) -> None:
    song = make_frames(hop=0.5 / 24)
    windows = Windows(seconds, standardize)  # type: ignore[arg-type]
    view = Passages(windows, labels=4)
    first, length = np.arange(0, len(song.times) - 3), windows.length(song.hop)
    pieces = view.pieces(song, first, level=windows.level(song))
    for offset in range(4):
        cut = pieces[:, offset * 24 : offset * 24 + length]
        np.testing.assert_array_equal(cut, view.rows(song, first + offset), strict=True)
    assert pieces.shape[1] == length + 3 * 24


def test_a_piece_may_go_on_after_the_last_label(make_frames: Callable[..., SongFrames]) -> None:
    song = make_frames(hop=0.5 / 24)
    view = Passages(Windows(1.5, "none"), labels=8)
    last = np.array([len(song.times) - 1])
    (piece,) = view.pieces(song, last, level=view.windows.level(song))
    np.testing.assert_array_equal(piece[-1], song.frames[-1])


def test_a_piece_of_one_label_is_its_window(make_frames: Callable[..., SongFrames]) -> None:
    song = make_frames(hop=Mel().hop)
    view = Passages(Windows(1.5))
    pieces = view.pieces(song, np.arange(len(song.times)), level=view.windows.level(song))
    np.testing.assert_array_equal(pieces, Windows(1.5).rows(song), strict=True)


@pytest.mark.parametrize(
    ("hop_length", "labels", "pooled", "accepted"),
    [
        (256, 8, 4, False),  # 23.4 frames
        (256, 1, 4, True),
        (250, 8, 4, True),  # 24
        (1_000, 8, 4, False),  # 6
        (1_000, 8, 2, True),
        (6_000, 2, 1, True),  # 1
    ],
)
def test_pieces_want_a_hop_on_the_grid_of_labels(
    hop_length: int, labels: int, pooled: int, accepted: bool
) -> None:
    view = Passages(Windows(1.5, "song"), labels, pooled)
    refusal = view.refusal(Mel(hop_length=hop_length))
    assert (refusal == "") == accepted
    assert accepted or f"a multiple of {pooled} frames" in refusal


def test_what_refuses_a_window_refuses_a_piece() -> None:
    assert "holds no two frames" in Passages(Windows(0.1), 8).refusal(Mel(hop_length=2_400))


def test_whoever_standardises_by_song_sees_all_of_it() -> None:
    assert Passages(Windows(1.5, "song")).reach == math.inf
    assert Passages(Windows(1.5, "window")).reach == 0.75
