"""The report page as text: what stands in it, and what its scripts are given."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from results import Results, many, study

from benchmark.pages.report import Figure, Report, render
from benchmark.records import Shared
from benchmark.reporting import Track, cards, tracks
from benchmark.reporting.wording import COLUMNS as BOARD
from benchmark.reporting.wording import MARK, alarm_lines, cells, introduction, telling, title

SONGS = many(14)
HALVES = tuple(SONGS)[:7], tuple(SONGS)[7:]
STEPS = {song: 0.6 + 0.01 * place for place, song in enumerate(SONGS)}
"""Song 14 is the worst: its RMSE is 0.73."""
LEAKY = Shared(test_songs=14, trained_on=14, test_labels=28, overlapping=28, example="song 3")
PNG = b"\x89PNG\r\n\x1a\nno picture"


class Page(HTMLParser):
    """What a page says: text without scripts and styles, and what its figures and links hold."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.captions: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.figures = 0
        self._open: list[str] = []
        self.feed(html)
        self.text = re.sub(r"\s+", " ", " ".join(self.said))
        written = re.search(r'id="data">(.*?)</script>', html, re.DOTALL)
        assert written
        self.data: dict[str, Any] = json.loads(written[1])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag in ("script", "style", "figcaption"):
            self._open.append(tag)
        self.figures += tag == "figure"
        if tag == "figcaption":
            self.captions.append("")
        if tag == "a":
            self.links.append(dict(attrs).get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if self._open and tag == self._open[-1]:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open == ["figcaption"]:
            self.captions[-1] += data
        if self._open[-1:] not in (["script"], ["style"]):
            self.said.append(data)


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return Results(tmp_path, labels=SONGS, folds=HALVES)


def board(results: Results, **published: Any) -> tuple[Track, ...]:
    results.publish(**{"synthetic": False, **published})
    return tracks(results.store)


def page(results: Results, **report: Any) -> Page:
    return Page(render(Report(tracks(results.store), results.store, **report)))


def kinds(shown: Page) -> list[str]:
    return [panel["kind"] for panel in shown.data["panels"]]


def as_said(text: str) -> str:
    """Return text as `Page.text` has it."""
    return re.sub(r"\s+", " ", text.replace("**", ""))


def test_without_any_run_it_says_how_to_get_one(results: Results) -> None:
    shown = page(results)
    assert "Nothing has been run yet: python -m benchmark run experiments/*.yaml" in shown.text
    assert shown.data == {"tracks": [], "songs": [], "panels": []}
    assert "nav" not in shown.tags


def test_a_track_has_the_words_and_cells_of_the_leaderboard(results: Results) -> None:
    results.add("ridge", error=STEPS, constant=1.0)
    results.add("mean", feature="none", error=0.9, constant=1.0)
    (track,) = board(results)
    text = page(results).text
    assert title(track) in text
    assert as_said(introduction(track)) in text
    shown = telling(track, BOARD)
    assert all(column.heading in text for column in shown)
    for row in track.rows:
        assert as_said(" ".join(cells(track, row, shown))) in text
    assert all(anchor.name in text for anchor in track.anchors)
    assert "run 1970-01-01 (UTC), at commit abcdef1234" in text
    assert "python -m benchmark run made.yaml" in text


def test_every_figure_states_data_protocol_and_unit(results: Results) -> None:
    results.add("ridge", error=STEPS, constant=1.0)
    results.add("ridge", error=STEPS, protocol="holdout", track="other")
    board(results, title="TOY")
    shown = page(results, subsets=lambda track: dict.fromkeys(HALVES[0], "early"))
    assert shown.figures == len(shown.captions) == 15
    for caption in shown.captions:
        assert "TOY: arousal" in caption
        assert re.search("song_kfold|holdout", caption)
        assert "14 test songs" in caption
        assert re.search(r"ratings in \[-1, 1\]|all labels pooled", caption)


def test_figures_are_given_the_numbers_of_the_rows(results: Results) -> None:
    results.add("ridge", error=STEPS, constant=1.0)
    results.add("lasso", error=0.65, constant=1.0)
    (track,) = board(results)
    shown = page(results)
    assert kinds(shown) == ["forest", "cost", "songs", "along", "learning", "learning"]
    rows = shown.data["tracks"][0]["rows"]
    assert [(row["name"], row["rank"]) for row in rows] == [
        (f"{row.feature} / {row.model}", row.standing.rank) for row in track.rows if row.standing
    ]
    first = track.rows[0].result
    assert first
    assert rows[0]["rmse"] == pytest.approx(first.score.rmse, abs=1e-4)
    assert rows[0]["low"] == pytest.approx(first.over_songs.rmse.low, abs=1e-4)
    songs, along = shown.data["panels"][2:4]
    assert shown.data["songs"][songs["ids"]] == sorted(SONGS)
    assert songs["values"][0] == pytest.approx(first.table.songs.rmse.tolist(), abs=1e-4)
    assert along["times"] == [16.25]
    assert along["counts"] == [14]
    assert along["values"][0] == pytest.approx([0.65])
    assert len(shown.data["panels"][4]["jobs"]) == 2


def test_worst_songs_link_to_their_curves(results: Results) -> None:
    results.add("ridge", error=STEPS, constant=1.0)
    results.add("lasso", error=0.9, constant=1.0)
    board(results)
    shown = page(results, song_link=lambda track, song: f"songs.html#{track.target}-{song}")
    worst = [link for link in shown.links if link.startswith("songs.html")]
    assert worst == [f"songs.html#arousal-{song}" for song in range(14, 4, -1)]
    assert "14 0.7300 1.1180 0.8150 curves" in shown.text
    assert "curves" not in page(results).text.partition("Worst songs")[2].partition("More")[0]


def test_subsets_are_compared_where_there_are_several(results: Results) -> None:
    results.add("ridge", error=STEPS, constant=1.0)
    board(results)
    parts = dict.fromkeys(HALVES[0], "early") | dict.fromkeys(HALVES[1], "late")
    shown = page(results, subsets=lambda track: parts)
    (panel,) = [panel for panel in shown.data["panels"] if panel["kind"] == "subsets"]
    assert panel["names"] == ["early (7 songs)", "late (7 songs)"]
    assert [of_subset[0] for of_subset in panel["values"][0]] == pytest.approx([0.63, 0.70])
    assert "subsets" not in kinds(page(results, subsets=lambda track: dict.fromkeys(SONGS, "one")))


def test_rows_that_are_not_to_be_believed_are_marked_and_not_ranked(results: Results) -> None:
    results.add("ridge", error=0.1, protocol="leaky_frames", flaw="leaky", shared=LEAKY)
    (track,) = board(results)
    shown = page(results)
    assert all(as_said(line) in shown.text for line in alarm_lines(track))
    assert f"{MARK} leaky no row is ranked" in shown.text
    assert "No row of this table is ranked" in shown.text
    (row,) = shown.data["tracks"][0]["rows"]
    assert row["mark"].startswith("leaky")
    assert row["rank"] is None


def test_published_numbers_are_drawn_only_where_they_may_be_compared(results: Results) -> None:
    for known_as, drawn in (("deam", True), ("", False)):
        results.cells.clear()
        results.add("ridge", error=STEPS, protocol="mediaeval2015", n_test_songs=58)
        results.cells[0] = replace(results.cells[0], subsets=("2001-",))
        board(results, known_as=known_as)
        forest = page(results).data["panels"][0]
        assert any("Malik" in one["name"] for one in forest["published"]) is drawn
        assert bool(forest["published"]) is drawn


def test_protocols_are_compared_in_the_words_of_their_report(results: Results) -> None:
    results.add("ridge", error=STEPS, constant=1.0)
    for protocol, flaw, shared in (("holdout", "", None), ("leaky_frames", "leaky", LEAKY)):
        results.add(
            "ridge",
            error={song: value - 0.1 for song, value in STEPS.items()},
            constant=1.0,
            protocol=protocol,
            track=protocol,
            flaw=flaw,
            shared=shared,
        )
    board(results)
    shown = page(results)
    (panel,) = [panel for panel in shown.data["panels"] if panel["kind"] == "optimism"]
    assert panel["protocols"] == ["holdout", "leaky_frames"]
    assert panel["marks"] == ["", "leaky"]
    assert panel["models"][0]["optimism"] == pytest.approx([0.1, 0.1])
    assert panel["models"][0]["apart"] == [True, True]
    assert "song_kfold : song_kfold in words" in shown.text
    assert "+0.1000" in shown.text
    assert "#protocols" in shown.links


def test_a_tuned_row_has_its_words_and_figures_in_the_page(results: Results) -> None:
    studies = (study(0, 0.65, 0.605, None), study(1, 0.7, "broke", 0.645))
    results.add("ridge", error=STEPS, constant=1.0, studies=studies)
    (track,) = board(results)
    tuned = track.rows[0].tuned
    assert tuned
    html = render(
        Report(tracks(results.store), results.store, figures={tuned.key: [Figure("history", PNG)]})
    )
    assert '<img src="data:image/png;base64,iVBOR' in html
    shown = Page(html)
    assert "mel / ridge, tuned: in each of 2 folds up to 20 trials" in shown.text
    assert any("every trial in the order it ended" in caption for caption in shown.captions)
    (row,) = shown.data["tracks"][0]["rows"]
    assert row["seconds"] == 5.0
    assert row["searched"] == 5.0 + 6 * 5.0


def test_synthetic_data_are_said_loudly(results: Results) -> None:
    results.add("ridge", error=STEPS)
    board(results, synthetic=True)
    shown = page(results)
    assert shown.text.count("Synthetic data") >= 2
    assert all("synthetic data" in caption for caption in shown.captions)
    board(results, synthetic=False)
    assert "ynthetic" not in page(results).text


def test_a_row_without_a_result_stands_in_the_table_alone(results: Results) -> None:
    results.add("ridge", failing=0)
    board(results)
    shown = page(results)
    assert "failed in 1 of 2 jobs: ValueError: too loud" in shown.text
    assert shown.data["panels"] == []


def test_few_songs_or_one_song_leave_figures_out_and_raise_nothing(results: Results) -> None:
    results.labels, results.folds = many(1), (("1",),)
    results.add("ridge", error=0.6)
    board(results)
    assert kinds(page(results)) == ["forest", "cost", "songs", "learning"]


def test_names_are_text_whatever_they_hold(results: Results) -> None:
    evil = "</script><script>alert(1)</script>"
    results.add("<img src=x>", feature=evil, error=STEPS)
    board(results, title="<b>TOY</b>")
    shown = page(results, song_link=lambda track, song: f'"><script>{song}')
    assert "<b>TOY</b>: arousal" in shown.text
    assert "<img src=x>" in shown.text
    assert shown.tags.count("script") == 6
    assert "img" not in shown.tags and "b" not in shown.tags
    assert shown.data["tracks"][0]["rows"][0]["feature"] == evil


def test_targets_of_a_protocol_are_tabs_of_one_view(results: Results) -> None:
    results.add("ridge", error=STEPS)
    results.add("ridge", error=STEPS, track="other", target="valence")
    results.add("ridge", error=STEPS, track="split", protocol="holdout")
    board(results, title="TOY")
    links = page(results).links
    assert [link for link in dict.fromkeys(links) if link.startswith("#")] == [
        "#overview",
        "#toy-holdout",
        "#toy-song-kfold",
        "#protocols",
        "#entries",
        "#toy-holdout-arousal",
        "#toy-song-kfold-arousal",
        "#toy-song-kfold-valence",
    ]


def test_the_page_has_the_cards_of_the_leaderboard(results: Results) -> None:
    evil = {"what": "Sees `all` of <script>.", "source": "Nobody 1970"}
    results.add("ridge", error=STEPS, about={"features": {}, "models": {"ridge": evil}})
    found = cards.cards(board(results))
    shown = page(results)
    assert "#entries" in shown.links
    assert "".join(as_said(cards.EXPLAINED).split()) in "".join(shown.text.split())
    for card in (*found.models, *found.features):
        for part in card.parts:
            assert part.heading in shown.text
            assert all(f"{word}: {said}" in shown.text for word, said in part.facts)
        for cost in card.costs:
            assert " ".join(cost) in shown.text
    assert "Sees all of <script>." in re.sub(r"\s+", " ", "".join(shown.said))


def test_cards_are_there_for_old_records_too(results: Results) -> None:
    results.add("ridge", error=STEPS)
    board(results)
    assert "ridge, version 1 parameters: seconds=6.0" in page(results).text
