from __future__ import annotations

from pathlib import Path

import pytest
from results import Results

from benchmark.reporting import tracks
from benchmark.reporting.markdown import render, write


@pytest.fixture
def results(tmp_path: Path) -> Results:
    made = Results(tmp_path)
    made.add("ridge", error=0.1)
    made.add("pipe|<b>", error=0.2)
    made.publish()
    return made


def test_table_has_a_line_per_row_and_equal_columns(results: Results) -> None:
    text = render(tracks(results.store))
    table = [line for line in text.splitlines() if line.startswith("| ")]
    board = table[: table.index(next(line for line in table if "system" in line))]
    assert [line.replace("\\|", "").count("|") for line in board] == [10] * 4
    assert board[2].startswith("| 1 | mel | ridge | 0.1000 ± 0.0000 | 0.1000 | ")


def test_synthetic_track_says_so_above_its_table(results: Results) -> None:
    text = render(tracks(results.store))
    assert text.index("**Synthetic data**") < text.index("| # |")


def test_published_numbers_stand_below_with_reasons(results: Results) -> None:
    lines = render(tracks(results.store)).splitlines()
    (malik,) = [line for line in lines if line.startswith("| Malik")]
    assert "0.202 ± 0.007" in malik
    assert "| no: this track is synthetic; trained on 431 excerpts" in malik


def test_songs_left_out_and_how_to_reproduce_are_told(results: Results) -> None:
    text = render(tracks(results.store))
    assert "Data: nobody (CC0)." in text
    assert "- song 9: no ratings; left out" in text
    assert "python -m benchmark run made.yaml --set 'seeds=[0]'" in text
    assert "abcdef1234" in text


def test_markup_in_names_is_shown_as_text(results: Results) -> None:
    assert "pipe\\|&lt;b>" in render(tracks(results.store))


def test_undefined_correlations_are_counted_not_hidden(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add(error=0.1)
    results.publish()
    (track,) = tracks(results.store)
    score = track.rows[0].score
    assert score is not None
    # Song 3 has one rated label: no correlation.
    assert score.pearson_undefined == 1
    assert "| 1.000 (1) |" in render([track])


def test_nothing_run_yet_is_said(tmp_path: Path) -> None:
    path = tmp_path / "reports" / "leaderboard.md"
    write(path, [])
    assert "Nothing has been run yet" in path.read_text(encoding="utf-8")
