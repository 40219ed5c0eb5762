from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from benchmark.features.mel import Mel
from benchmark.features.opensmile_means import OpensmileMeans
from benchmark.interfaces import View
from benchmark.records import SongFrames
from benchmark.views import Scales, Sequence, Several, Summary, Windows

VIEWS = (Windows(1.5), Scales((3.0, "song")), Sequence())


@pytest.mark.parametrize("which", [None, np.array([6, 0, 6])], ids=["all", "some"])
def test_rows_stand_side_by_side(
    make_frames: Callable[..., SongFrames], which: np.ndarray | None
) -> None:
    song = make_frames()
    rows = Several(VIEWS).rows(song, which)
    places = range(8) if which is None else which
    for row, place in zip(rows, places, strict=True):
        alone = [view.rows(song)[place].ravel() for view in VIEWS]
        np.testing.assert_array_equal(row, np.concatenate(alone))


@pytest.mark.parametrize(
    ("views", "reach"),
    [((Summary(6.0), Windows(1.5)), 3), ((Summary(6.0), Scales(("song",))), math.inf)],
    ids=["seconds", "song"],
)
def test_they_reach_as_far_as_the_furthest(views: tuple[View, ...], reach: float) -> None:
    assert Several(views).reach == reach


def test_they_stand_for_whole_songs_if_each_does() -> None:
    assert Several((Summary(6.0), Scales((3.0,)))).whole_songs
    assert not Several((Summary(6.0), Windows(1.5))).whole_songs


def test_what_one_refuses_they_refuse() -> None:
    refusal = Windows(1.5).refusal(OpensmileMeans())
    assert refusal
    assert Several((Summary(6.0), Windows(1.5))).refusal(OpensmileMeans()) == refusal
    assert Several(VIEWS).refusal(Mel()) == ""
