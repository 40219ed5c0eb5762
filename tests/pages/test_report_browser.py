"""The report page in a browser, opened from disk as a reader opens it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from results import Results, many, study

from benchmark.pages.report import Report, render
from benchmark.records import Shared
from benchmark.reporting import tracks

EVIL = "<img src=x onerror=alert(1)>"
SONGS = many(14)
HALVES = tuple(SONGS)[:7], tuple(SONGS)[7:]
STEPS = {song: 0.6 + 0.01 * place for place, song in enumerate(SONGS)}
SUBSETS = dict.fromkeys(HALVES[0], EVIL) | dict.fromkeys(HALVES[1], "late")
LEAKY = Shared(test_songs=14, trained_on=14, test_labels=28, overlapping=28, example="song 3")


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    """A page with every kind of figure, at 2 x 2 tables, one of them leaky."""
    folder = tmp_path_factory.mktemp("report")
    results = Results(folder, labels=SONGS, folds=HALVES)
    for target in ("arousal", "valence"):
        fair = {"track": f"fair {target}", "target": target, "constant": 1.0}
        results.add("ridge", error=STEPS, **fair)
        results.add("ridge, after a search so long that its name fills a line", error=0.7, **fair)
        results.add(EVIL, error=0.8, studies=[study(0, 0.7), study(1, 0.8)], **fair)
        results.add("mean", feature="none", error=0.9, **fair)
        unfair = {**fair, "track": f"leaky {target}", "protocol": "leaky_frames", "flaw": "leaky"}
        results.add("ridge", error=0.1, shared=LEAKY, **unfair)
    results.publish()
    board = Report(tracks(results.store), results.store, subsets=lambda track: SUBSETS)
    page = folder / "index.html"
    page.write_text(render(board), "utf-8")
    return page


@pytest.fixture
def visit(browser, report) -> Iterator[Any]:
    """Return an opener of the page; in the end nothing was complained of or fetched."""
    heard: list[str] = []
    asked: list[str] = []
    pages = []

    def opened(anchor: str = "", *, width: int = 1280) -> Any:
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.set_default_timeout(10_000)
        page.on("console", lambda message: heard.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{report.as_uri()}{anchor}")
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.close()
    assert heard == []
    assert set(asked) == {report.as_uri()}


def shows(page: Any, *ids: str) -> None:
    """Wait until these views and tracks are shown, and no others."""
    page.wait_for_function(
        """ids => [...document.querySelectorAll(".view, .track")]
            .filter(one => one.firstElementChild.checkVisibility())
            .map(one => one.id).join() === ids""",
        arg=",".join(ids),
    )


@pytest.mark.parametrize("width", [1280, 390])
def test_every_figure_is_drawn_when_it_is_seen_and_the_page_fits(visit, width: int) -> None:
    page = visit(width=width)
    assert page.locator(".js-plotly-plot").count() == 0
    for anchor, n_charts in (("#toy-song-kfold-arousal", 9), ("#protocols", 2), ("#entries", 0)):
        page.evaluate("anchor => { location.hash = anchor; }", anchor)
        page.locator(f"{anchor} h2").first.wait_for()
        charts = page.locator(f"{anchor} .chart").all()
        assert len(charts) == n_charts
        for chart in charts:
            chart.scroll_into_view_if_needed()
            chart.locator(".main-svg").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.emulate_media(color_scheme="dark")


def test_one_view_and_one_target_are_shown_at_a_time(visit) -> None:
    page = visit("#toy-leaky-frames-leaky-valence")
    shows(page, "toy-leaky-frames-leaky", "toy-leaky-frames-leaky-valence")
    page.get_by_role("link", name="Overview").click()
    shows(page, "overview")
    page.get_by_role("link", name="song_kfold", exact=True).first.click()
    shows(page, "toy-song-kfold", "toy-song-kfold-arousal")
    page.get_by_role("link", name="Entries").click()
    shows(page, "entries")
    page.go_back()
    page.get_by_role("tab", name="valence").click()
    shows(page, "toy-song-kfold", "toy-song-kfold-valence")
    page.go_back()
    shows(page, "toy-song-kfold", "toy-song-kfold-arousal")
