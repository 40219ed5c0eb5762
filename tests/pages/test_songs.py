"""What the page of songs says of songs: numbers by hand, the choice of songs, names as they are."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote

import numpy as np
import pytest

from benchmark.circumplex import WORDS
from benchmark.pages.song_facts import (
    Characteristic,
    TargetFacts,
    characteristic,
    plane_facts,
    target_facts,
)
from benchmark.pages.songs import Curve, SongCurves, SongsPage, anchor, render

NAN = np.nan


def data_of(html: str) -> dict:
    return json.loads(re.search(r'id="data">(.*?)</script>', html, flags=re.DOTALL)[1])


def test_mean_and_sd_are_of_the_prediction_and_rmse_of_the_rated_labels() -> None:
    facts = target_facts(
        predicted=np.array([0.1, 0.3, 0.5, NAN]), annotated=np.array([NAN, 0.0, 0.1, 0.9])
    )

    assert facts.mean == pytest.approx(0.3)
    assert facts.sd == pytest.approx(0.2)
    assert facts.rmse == pytest.approx(np.sqrt((0.3**2 + 0.4**2) / 2))


def test_without_a_prediction_the_annotation_is_shown() -> None:
    facts = target_facts(predicted=None, annotated=np.array([0.0, 0.4]))

    assert facts.mean == pytest.approx(0.2)
    assert np.isnan(facts.rmse)


@pytest.mark.parametrize("curve", [None, np.empty(0), np.array([NAN, NAN])])
def test_a_curve_without_values_has_no_numbers(curve: np.ndarray | None) -> None:
    facts = target_facts(predicted=curve, annotated=curve)

    assert np.isnan([facts.mean, facts.sd, facts.rmse]).all()


def test_one_label_has_a_mean_and_no_sd() -> None:
    facts = target_facts(predicted=np.array([0.2]), annotated=None)

    assert (facts.mean, np.isnan(facts.sd)) == (0.2, True)


def test_a_second_has_the_word_of_the_mean_of_its_labels() -> None:
    # From 15.5 s: half a second, pleasant; a second at (0.8, 0) and (0, 0.9), so at 48 degrees,
    # nearest to Excited's 54; a second with one label, deactivated; and one with none.
    times = 15.5 + np.arange(7) / 2
    arousal = np.array([0.0, 0.0, 0.9, -0.5, NAN, NAN, 0.3])
    valence = np.array([0.5, 0.8, 0.0, 0.0, 0.2, 0.1, NAN])

    facts = plane_facts(times, arousal, valence)

    assert dict(zip(WORDS, facts.shares, strict=True)) == {
        word: pytest.approx({"Pleasant": 1, "Excited": 1, "Deactivated": 1}.get(word, 0) / 3)
        for word in WORDS
    }


def test_the_mean_point_has_a_word_and_an_intensity() -> None:
    facts = plane_facts(np.array([0.0, 0.5]), np.array([0.2, 0.4]), np.array([-0.3, -0.5]))

    assert facts.intensity == pytest.approx(0.5)  # of (0.3, -0.4)
    assert facts.word == "Stressed"  # at 143.1 degrees, next to 144


def test_times_a_rounding_error_off_keep_their_second() -> None:
    times = np.array([0.0, 0.5, 1 - 1e-12, 1.5])
    arousal = np.array([0.0, 0.0, 1.0, 1.0])

    shares = plane_facts(times, arousal, np.array([1.0, 1.0, 0.0, 0.0])).shares

    assert [shares[WORDS.index(word)] for word in ("Pleasant", "Activated")] == [0.5, 0.5]


def test_no_label_with_both_values_is_no_place_in_the_plane() -> None:
    facts = plane_facts(np.array([0.0, 0.5]), np.array([0.2, NAN]), np.array([NAN, 0.2]))

    assert (facts.word, np.isnan(facts.intensity), facts.shares) == ("", True, ())


def test_seconds_in_the_centre_have_no_word() -> None:
    assert plane_facts(np.arange(2) / 2, np.zeros(2), np.zeros(2)).shares == ()


def test_characteristic_are_the_highest_the_lowest_and_the_most_varied() -> None:
    facts = [
        {"arousal": TargetFacts(0.1, 0.3, NAN), "valence": TargetFacts(NAN, NAN, NAN)},
        {"arousal": TargetFacts(0.5, 0.1, NAN)},
        {"arousal": TargetFacts(-0.5, 0.3, NAN)},
        {"arousal": TargetFacts(NAN, NAN, NAN)},
    ]

    found = [(one.song, one.target, one.reason, one.value) for one in characteristic(facts)]

    assert found == [
        (1, "arousal", "highest", 0.5),
        (2, "arousal", "lowest", -0.5),
        (0, "arousal", "most varied", 0.3),
    ]


@pytest.mark.parametrize(
    ("number", "value", "text"),
    [("mean", -0.204, "mean −0.20"), ("mean", -0.004, "mean 0.00"), ("sd", 0.204, "SD 0.20")],
)
def test_a_card_says_its_number(number: str, value: float, text: str) -> None:
    assert Characteristic(0, "arousal", "lowest", number, value).text == text


def test_cards_lead_to_the_characteristic_songs(song) -> None:
    songs = [song("a", arousal=0.1), song("b c", arousal=0.9), song("d", arousal=-0.9)]

    cards = re.findall(
        r'class="card panel arousal" href="([^"]*)"', render(SongsPage("", [], songs))
    )

    assert cards[:2] == ["#b%20c", "#d"]


def test_two_songs_are_not_characteristic_of_anything(song) -> None:
    assert "<h2>Characteristic" not in render(SongsPage("", [], [song("a"), song("b")]))


def test_a_page_of_no_songs_says_so() -> None:
    assert "There are no songs." in render(SongsPage("Title", [], []))


def test_columns_are_those_there_are_numbers_for() -> None:
    one = SongCurves("1", "", np.array([0.0]), {"arousal": Curve(predicted=np.array([0.1]))})

    html = render(SongsPage("", [], [one]))

    assert re.findall('data-column="([^"]*)"', html) == [
        "name",
        "end",
        "arousal.mean",
        "arousal.sd",
    ]


def test_a_song_ends_with_its_last_value() -> None:
    curve = Curve(predicted=np.array([0.1, 0.2, NAN]))
    one = SongCurves("1", "", np.array([15.0, 15.5, 16.0]), {"arousal": curve})

    (shown,) = data_of(render(SongsPage("", [], [one])))["songs"]

    assert (shown["start"], shown["end"]) == (15.0, 16.0)
    assert shown["curves"]["arousal"]["predicted"] == [0.1, 0.2, None]


def test_a_target_without_a_curve_is_none() -> None:
    times = np.array([0.0, 0.5])
    one = SongCurves("1", "", times, {"arousal": Curve(predicted=times), "valence": Curve()})

    (shown,) = data_of(render(SongsPage("", [], [one])))["songs"]

    assert list(shown["curves"]) == list(shown["facts"]) == ["arousal"]
    assert (shown["word"], shown["shares"]) == ("", [])


EVIL = "<img src=x onerror=alert(1)>\"'&.wav"


def test_names_are_escaped_wherever_they_stand(song) -> None:
    songs = [song(EVIL, about={EVIL: EVIL}) for _ in range(3)]

    html = render(SongsPage(EVIL, [EVIL], songs))

    assert "<img" not in re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL)
    assert data_of(html)["songs"][0]["name"] == EVIL


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a b", "#a%20b"), ("!~*'()-_.", "#!~*'()-_."), ("é/#?", "#%C3%A9%2F%23%3F")],
)
def test_an_anchor_is_what_encode_uri_component_makes(name: str, expected: str) -> None:
    assert anchor(name) == expected
    assert unquote(expected[1:]) == name


def test_a_name_that_is_no_text_can_be_written(song) -> None:
    name = b"caf\xe9.wav".decode(errors="surrogateescape")

    html = render(SongsPage("", [], [song(name)] * 3))

    assert "caf?.wav" in html.encode().decode()
