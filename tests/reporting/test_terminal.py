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
        for line in text.splitlines()
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
    for unit in ("95 % (songs)", "± SD (folds)", "p constant"):
        assert unit in text
    (row,) = [row for row in lines(text) if row[2] == "ridge[bold]"]
    assert (row[4], row[6], row[8]) == ("0.6550", "0.0424", "0.001")


def test_a_flaw_and_an_alarm_are_said_in_words(results: Results) -> None:
    leaky = Shared(test_songs=12, trained_on=12, test_labels=24, example="song 3")
    results.add("ridge", error=ERRORS, protocol="leaky_frames", flaw="leaky", shared=leaky)
    results.add("cheat", error=0.01, protocol="leaky_frames", flaw="leaky", shared=leaky)
    text = shown(results)
    assert "toy: arousal, leaky_frames (leaky)" in text
    assert [row[0] for row in lines(text)[:2]] == ["⚠", "⚠"]
    assert "⚠ mel / cheat, mel / ridge: leaky: 12 of 12 test songs are also trained on" in text
    assert "⚠ mel / cheat: too good: pooled RMSE 0.0100 lies below oracle: song mean" in text
    assert "Leaky: the songs that are tested are trained on too; no row is ranked." in text
    assert "**" not in text


def test_a_table_fits_a_terminal_of_160_columns(results: Results) -> None:
    results.add("ridge", error=ERRORS, constant=1.0)
    text = shown(results, width=160)
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 160
