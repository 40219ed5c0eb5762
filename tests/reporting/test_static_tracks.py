"""Tracks whose songs have one rating each: other measures, no oracles of movement, no verdicts."""

from __future__ import annotations

from pathlib import Path

import pytest
from results import Results, tables

from benchmark.reporting import Track, tracks
from benchmark.reporting.markdown import render
from benchmark.reporting.published import published_numbers, verdict

SONGS = {str(song): (song / 10 - 0.4,) for song in range(1, 7)}


@pytest.fixture
def track(tmp_path: Path) -> Track:
    made = Results(tmp_path, labels=SONGS, folds=(("1", "2", "3"), ("4", "5", "6")), whole=True)
    made.add("ridge", error={"1": 0.1, "2": 0.1, "3": 0.4, "4": 0.2, "5": 0.2, "6": 0.2})
    made.add("mean", error=0.5)
    made.publish(synthetic=False, known_as="deam", title="DEAM, static ratings")
    (found,) = tracks(made.store)
    return found


def test_a_table_shows_r2_and_the_scale_of_the_raters_and_no_correlation(track: Track) -> None:
    """Fold 1: sqrt(0.18 / 3), SST 0.02; fold 2: 0.2, SSE 0.12. 4 steps of 1 to 9 in one."""
    (leaderboard, spreads, *_) = tables(render([track]))
    rmse = ((0.06 + 0.04) / 2) ** 0.5
    row = dict(zip(leaderboard[0], leaderboard[1], strict=True))
    assert row["RMSE [95 %, songs]"].startswith(f"{rmse:.4f}")
    assert row["RMSE on the raters' scale"] == f"{4 * rmse:.3f}"
    assert row["R² ± SD (folds)"].startswith(f"{((1 - 0.18 / 0.02) + (1 - 0.12 / 0.02)) / 2:.3f} ±")
    assert not {"r", "CCC", "SD (songs)"} & set(spreads[0])


def test_oracles_of_movement_say_nothing_there(track: Track) -> None:
    assert track.anchors == ()


def test_no_number_for_dynamic_ratings_is_held_against_it(track: Track) -> None:
    for published in published_numbers():
        found = verdict(published, track.conditions)
        assert found.kind == "not comparable"
        assert "its ratings are dynamic, those of this track one a song" in found.reasons


def test_it_says_what_a_rating_is(track: Track) -> None:
    text = render([track])
    assert "6 test songs of 6, one rating each, of the whole song, brought from" in text
    assert "labels at 2 Hz" not in text.partition("## ")[2]
