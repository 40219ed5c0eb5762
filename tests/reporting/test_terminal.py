from __future__ import annotations

import io
from pathlib import Path

import pytest
from results import Results, many, tables
from rich.console import Console

from benchmark.records import Shared
from benchmark.reporting import tracks
from benchmark.reporting.markdown import render
from benchmark.reporting.terminal import show

SONGS = many(12)
ERRORS = {song: 0.6 + 0.01 * place for place, song in enumerate(SONGS)}


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return Results(tmp_path, labels=SONGS, folds=(list(SONGS)[:6], list(SONGS)[6:]))


def shown(results: Results, *, width: int = 400) -> str:
    results.publish()
    console = Console(file=io.StringIO(), width=width)
    show(tracks(results.store), console)
    return console.file.getvalue()


def lines(text: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("│").split("│")]
        for line in text.replace("\N{NO-BREAK SPACE}", " ").splitlines()
        if line.startswith("│")
    ]


def test_terminal_shows_the_cells_of_the_markdown_table(results: Results) -> None:
    results.add("ridge[bold]", error=ERRORS, constant=1.0)
    results.add("worse", error=dict(zip(SONGS, reversed(ERRORS.values()), strict=True)))
    text = shown(results)
    board, *_ = tables(render(tracks(results.store)))
    assert [row[:5] for row in lines(text)] == [row[:5] for row in board[1:]]
    assert "ridge[bold]" in text
    assert "not comparable: this track is synthetic" in text
    for unit in ("RMSE [95 %, songs]", "skill [95 %, songs]", "± SD (folds)", "p constant"):
        assert unit in text
    (row,) = [row for row in lines(text) if row[2] == "ridge[bold]"]
    assert row[4].startswith("0.6550 [0.6")
    assert (row[5], row[7]) == ("0.0424", "0.001")


def test_columns_that_say_nothing_are_left_out(tmp_path: Path) -> None:
    results = Results(tmp_path, labels=SONGS, folds=(tuple(SONGS),))
    results.add(error=ERRORS, constant=1.0)
    text = shown(results)
    assert "± SD (folds)" not in text
    assert "p constant" in text


def test_why_a_row_has_no_result_is_told_in_full(results: Results) -> None:
    results.add(failing=0)
    text = shown(results, width=120)
    assert "RMSE [95 %, songs]" in text
    cells = " ".join(row[4] for row in lines(text))
    assert "failed in 1 of 2 jobs: ValueError: too loud" in " ".join(cells.split())


def test_a_flaw_and_an_alarm_are_said_in_words(results: Results) -> None:
    leaky = Shared(test_songs=12, trained_on=12, test_labels=24, example="song 3")
    results.add("ridge", error=ERRORS, protocol="leaky_frames", flaw="leaky", shared=leaky)
    results.add("cheat", error=0.01, protocol="leaky_frames", flaw="leaky", shared=leaky)
    text = shown(results)
    assert "toy: arousal, leaky_frames (leaky)" in text
    assert [row[0] for row in lines(text)[:2]] == ["⚠", "⚠"]
    assert "⚠ mel / cheat, mel / ridge: leaky: 12 of 12 test songs are also trained on" in text
    assert (
        "⚠ mel / cheat: too good: pooled RMSE 0.0100 lies below 0.5000 (oracle: song mean). Likely"
        in text
    )
    assert "Leaky: the songs that are tested are trained on too; no row is ranked." in text
    assert "**" not in text


def test_a_table_fits_a_terminal_of_160_columns(results: Results) -> None:
    results.add("ridge", error=ERRORS, constant=1.0)
    text = shown(results, width=160)
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 160


def test_a_narrow_terminal_still_shows_names_and_numbers(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add("ridge", error=0.1)
    results.publish()
    console = Console(file=io.StringIO(), width=80)
    show(tracks(results.store), console)
    text = console.file.getvalue()
    assert "ridge" in text
    assert "0.1000" in text
