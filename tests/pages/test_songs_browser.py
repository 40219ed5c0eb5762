"""The page of songs in a browser, opened from disk as a reader opens it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile

from benchmark.pages.songs import Curve, SongsPage, anchor, render

EVIL = "<img src=x onerror=alert(1)>.wav"
SECONDS = 8.0
PATIENCE = 15.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory, song, tone) -> Path:
    """A folder with a page of five songs and the audio of three."""
    folder = tmp_path_factory.mktemp("page")
    for name in ("loud.wav", "%3Cimg%3E.wav"):
        soundfile.write(folder / name, tone(SECONDS), 12_000)
    soundfile.write(folder / "sound.mp3", tone(SECONDS), 12_000, format="MP3")
    (folder / "broken.wav").write_bytes(b"this is no audio")
    n_labels = int(2 * SECONDS)
    ramp = np.linspace(-0.8, 0.8, n_labels)
    moving = {
        "arousal": Curve(predicted=ramp, annotated=ramp / 2, spread=np.full(n_labels, 0.1)),
        "valence": Curve(predicted=-ramp / 2, annotated=np.full(n_labels, 0.2)),
    }
    size = {"n_labels": n_labels}
    songs = [
        song("moving", audio="loud.wav", curves=moving, about={"artist": "A. Nonym"}, **size),
        song(EVIL, audio="%253Cimg%253E.wav", arousal=0.1, valence=0.6, **size),
        song("compressed", audio="sound.mp3", arousal=-0.6, valence=0.05, **size),
        song("silent", arousal=-0.7, valence=0.0, **size),
        song("broken", audio="broken.wav", arousal=0.3, valence=-0.5, **size),
    ]
    (folder / "songs.html").write_text(render(SongsPage("Five songs", ["About"], songs)), "utf-8")
    return folder


@pytest.fixture(scope="module")
def heard() -> list[str]:
    """What pages complained of, and what they asked for outside their folder."""
    return []


@pytest.fixture(scope="module")
def visit(browser, folder, heard) -> Callable[..., Any]:
    """Return an opener of a page."""

    def visit(anchor: str = "", *, name: str = "songs.html", **options: Any) -> Any:
        page = browser.new_page(**options)
        page.set_default_timeout(1000 * PATIENCE)
        page.on("console", lambda message: heard.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: heard.extend(strange(request.url, folder)))
        page.goto(f"{(folder / name).as_uri()}{anchor}")
        return page

    return visit


def strange(url: str, folder: Path) -> list[str]:
    """Return the address in a list where it is neither in the folder nor made by the page."""
    return [] if url.startswith((folder.as_uri(), "data:", "blob:")) else [url]


@pytest.fixture(autouse=True)
def no_complaint(heard) -> Iterator[None]:
    yield
    assert heard == []


@pytest.fixture(scope="module")
def opened(visit) -> Any:
    return visit(viewport={"width": 1280, "height": 900})


@pytest.fixture
def at(opened) -> Iterator[Callable[[str], Any]]:
    """Return a chooser of songs on one page for many tests; it pauses and shows all in the end."""

    def at(name: str) -> Any:
        opened.locator("tbody a").get_by_text(name, exact=True).click()
        until(opened, "audio.hidden || audio.readyState >= 1")
        return opened

    yield at
    opened.evaluate("document.querySelector('audio').pause()")
    opened.locator("input[type=search]").fill("")


def until(page: Any, condition: str) -> None:
    """Wait for a condition; Playwright's own way is a script that the page's policy forbids."""
    end = time.monotonic() + PATIENCE
    while not page.evaluate(f"{{ const audio = document.querySelector('audio'); {condition} }}"):
        assert time.monotonic() < end, f"this never came: {condition}"
        page.wait_for_timeout(20)


def state(page: Any) -> SimpleNamespace:
    """Return what the player shows."""
    found = page.evaluate("""() => {
      const text = (name) => document.querySelector(name).textContent;
      const audio = document.querySelector("audio");
      const at = (name) => document.querySelector(name).getBoundingClientRect();
      return {
        song: text("h2.song"), time: audio.currentTime, paused: audio.paused,
        read: text("[data-read=time]"), word: text("[data-read=word]"),
        arousal: text("[data-read=arousal]"), valence: text("[data-read=valence]"),
        cursor: at(".curve.arousal .cursor").x - at(".curve.arousal .plot").x,
        width: at(".curve.arousal .plot").width,
        point: ["x", "y"].map((way) => at(".point:not(.annotated)")[way] - at(".plane svg")[way]),
      };
    }""")
    return SimpleNamespace(**found)


def shown(page: Any) -> list[str]:
    return page.locator("tbody th a").all_inner_texts()


def test_the_cursor_and_the_point_move_with_the_audio(at) -> None:
    page = at("moving")
    before = state(page)
    page.keyboard.press(" ")
    until(page, "audio.currentTime > 1")
    page.keyboard.press(" ")
    until(page, "audio.paused")
    after = state(page)

    # The plot leaves 38 pixels left and 8 right of its axis, which is as long as the audio.
    assert before.cursor == pytest.approx(38, abs=2)
    assert after.cursor == pytest.approx(38 + after.time / SECONDS * (after.width - 46), abs=2)
    # Arousal rises and valence falls: up and to the left.
    assert after.point[0] < before.point[0] and after.point[1] < before.point[1]


def test_the_numbers_are_those_of_the_curve_between_its_labels(at) -> None:
    page = at("moving")
    assert (state(page).arousal, state(page).valence) == ("−0.80", "+0.40")
    page.evaluate("document.querySelector('audio').currentTime = 6")
    until(page, "document.querySelector('[data-read=time]').textContent === '0:06.0'")

    # 6 s is between the middles of labels 11 (5.75 s) and 12 (6.25 s) of 16 from -0.8 to 0.8.
    assert state(page).arousal == f"+{-0.8 + 11.5 * 1.6 / 15:.2f}"
    assert state(page).word == "Tense"  # at 116.6 degrees, nearest to 108


@pytest.mark.parametrize("name", ["compressed", EVIL])
def test_mp3_and_escaped_addresses_play_from_disk(at, name: str) -> None:
    page = at(name)
    page.keyboard.press(" ")

    until(page, "audio.currentTime > 0.2")


def test_keys_seek_and_change_songs(at) -> None:
    page = at("moving")
    for key, expected in (
        ("ArrowRight", 5),
        ("Shift+ArrowRight", 5.5),
        ("Shift+ArrowLeft", 5),
        ("ArrowLeft", 0),
        ("ArrowLeft", 0),
    ):
        page.keyboard.press(key)
        assert state(page).time == pytest.approx(expected, abs=0.05)
    page.keyboard.press("ArrowDown")
    assert state(page).song == EVIL
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert state(page).song == "moving"


def test_keys_are_letters_while_one_types(at) -> None:
    page = at("moving")
    page.locator("input[type=search]").press_sequentially("a b")
    page.keyboard.press("ArrowDown")

    assert page.locator("input[type=search]").input_value() == "a b"
    assert (state(page).song, state(page).paused) == ("moving", True)


def test_space_on_the_audio_itself_is_taken_once(at) -> None:
    page = at("moving")
    page.focus("audio")
    page.keyboard.press(" ")

    until(page, "audio.currentTime > 0.1")


def test_a_click_on_a_curve_goes_there(at) -> None:
    page = at("moving")
    plot = page.locator(".curve.valence .plot").bounding_box()
    page.mouse.click(plot["x"] + 38 + (plot["width"] - 46) / 2, plot["y"] + 60)

    assert state(page).time == pytest.approx(SECONDS / 2, abs=0.1)


def test_the_next_song_goes_on_playing(at) -> None:
    page = at("moving")
    page.keyboard.press(" ")
    until(page, "audio.currentTime > 0")
    page.keyboard.press("ArrowDown")

    until(page, "!audio.paused && audio.src.includes('253C') && audio.currentTime > 0")


def test_names_are_shown_letter_by_letter(at) -> None:
    page = at(EVIL)

    assert state(page).song == EVIL
    assert EVIL in shown(page)
    assert page.locator("img").count() == 0


def test_without_audio_the_cursor_moves_in_silence(at) -> None:
    page = at("silent")
    assert "no audio" in page.locator(".trouble").inner_text()
    page.keyboard.press(" ")
    until(page, "document.querySelector('[data-read=time]').textContent >= '0:00.3'")
    page.keyboard.press(" ")
    page.locator(".silent input").fill("4")

    assert state(page).read == "0:04.0"


def test_a_file_that_cannot_be_played_is_named(at) -> None:
    page = at("broken")
    page.locator(".trouble").wait_for()

    assert "cannot play broken.wav" in page.locator(".trouble").inner_text()
    assert page.locator(".silent").is_visible()


def test_the_address_names_the_song(visit, at) -> None:
    assert at(EVIL).evaluate("location.hash") == anchor(EVIL)
    page = visit(anchor(EVIL))
    assert state(page).song == EVIL
    page.evaluate("location.hash = '#silent'")
    until(page, "document.querySelector('h2.song').textContent === 'silent'")
    page.evaluate("location.hash = '#%E0%A4%A'")  # no name at all
    assert state(page).song == "silent"


def test_any_column_sorts_both_ways_and_words_and_texts_filter(visit) -> None:
    page = visit("#silent")
    heads = page.locator("thead th")
    for index in range(heads.count()):
        ways = set()
        for _ in range(2):
            heads.nth(index).locator("button").press("Enter")
            ways.add(heads.nth(index).get_attribute("aria-sort"))
            assert len(shown(page)) == 5
        assert ways == {"ascending", "descending"}
    page.locator("[data-column='arousal.mean']").click()
    assert shown(page) == ["broken", EVIL, "moving", "compressed", "silent"]
    for _ in range(2):  # what has no number stands last in either direction
        page.locator("[data-column='arousal.rmse']").click()
        assert shown(page)[0] == "moving"

    page.fill("input[type=search]", "nonym")
    assert shown(page) == ["moving"]
    assert page.locator(".count").inner_text() == "1 of 5 songs"
    page.fill("input[type=search]", "")
    page.select_option("select", "Deactivated")
    assert shown(page) == ["compressed", "silent"]
    page.locator("tbody tr").first.click()
    page.keyboard.press("ArrowDown")
    assert state(page).song == "silent"


def test_the_page_turns_dark_with_its_charts_and_fits_its_window(visit) -> None:
    page = visit("#moving", color_scheme="light")
    colours = """[
      getComputedStyle(document.body).backgroundColor,
      getComputedStyle([...document.querySelectorAll(".curve .js-line")].at(-1)).stroke,
    ]"""
    light = page.evaluate(colours)
    page.emulate_media(color_scheme="dark")
    until(page, f"{colours}.every((colour, index) => colour !== {light}[index])")

    for width in (390, 800, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        until(page, f"document.querySelector('.curve .main-svg').clientWidth < {width}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_many_songs_are_listed_quickly_and_all_are_reachable(visit, folder, song) -> None:
    songs = [song(f"song {index}", arousal=index / 2000) for index in range(1800)]
    (folder / "many.html").write_text(render(SongsPage("Many", [], songs)), "utf-8")
    page = visit("#song%201700", name="many.html")

    assert page.locator("tbody tr[aria-current] a").inner_text() == "song 1700"
    page.fill("input[type=search]", "song 99")
    assert shown(page) == ["song 99", *(f"song {index}" for index in range(990, 1000))]
    page.fill("input[type=search]", "")
    assert page.locator("tbody tr").count() < 300
    took = page.evaluate("""() => {
      const start = performance.now();
      document.querySelector("[data-column='arousal.mean']").click();
      document.body.offsetTop;
      return performance.now() - start;
    }""")
    assert took < 1000  # milliseconds; about 30


def test_what_is_off_the_scale_stays_in_its_drawing(visit, folder, song) -> None:
    page = SongsPage("Odd", ["About"], [song("odd", arousal=5.0, valence=-0.2)])
    (folder / "odd.html").write_text(render(page), "utf-8")
    opened = visit(name="odd.html")
    opened.wait_for_selector(".js-plotly-plot")
    drawn = opened.evaluate(
        "[...document.querySelectorAll('[data-target=arousal] .js-plotly-plot')]"
        ".map((plot) => plot.layout.yaxis.range)"
    )
    assert drawn == [[pytest.approx(-5.25), pytest.approx(5.25)]]
    assert opened.evaluate("spot(5, -0.2)") == [pytest.approx(-4), pytest.approx(-100)]
    bar = opened.locator("tbody .bar i").first
    assert bar.evaluate("(bar) => bar.style.getPropertyValue('--value')") == "1"
    opened.close()
