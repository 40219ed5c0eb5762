from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.circumplex import WORDS, angle, intensity, words

GOLDEN = {
    "Pleasant": 0, "Happy": 18, "Elated": 36, "Excited": 54, "Alert": 72,
    "Activated": 90, "Tense": 108, "Nervous": 126, "Stressed": 144, "Upset": 162,
    "Unpleasant": 180, "Sad": 198, "Depressed": 216, "Bored": 234, "Fatigued": 252,
    "Deactivated": 270, "Calm": 288, "Relaxed": 306, "Serene": 324, "Contented": 342,
}  # fmt: skip


def at(degrees: float, radius: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """Return arousal and valence of a point."""
    turn = np.radians(np.atleast_1d(degrees))
    return radius * np.sin(turn), radius * np.cos(turn)


@pytest.mark.parametrize(("word", "degrees"), GOLDEN.items())
def test_each_word_stands_at_its_angle(word: str, degrees: float) -> None:
    assert words(*at(degrees)) == [word]
    assert words(*at(degrees - 8.99)) == words(*at(degrees + 8.99)) == [word]
    before, _, after = (list(GOLDEN) * 3)[19 + list(GOLDEN).index(word) :][:3]
    assert (words(*at(degrees - 9.01)), words(*at(degrees + 9.01))) == ([before], [after])


def test_arousal_is_up_and_valence_to_the_right() -> None:
    arousal, valence = np.array([0.5, 0.0, -0.5, 0.0]), np.array([0.0, 0.5, 0.0, -0.5])
    np.testing.assert_array_equal(angle(arousal, valence), [90, 0, 270, 180])
    assert words(arousal, valence) == ["Activated", "Pleasant", "Deactivated", "Unpleasant"]


def test_just_below_the_axis_of_pleasure_is_still_an_angle_of_the_circle() -> None:
    (degrees,) = angle(np.array([-1e-300]), np.array([1.0]))
    assert 0 <= degrees < 360
    assert words(np.array([-1e-300]), np.array([1.0])) == ["Pleasant"]


def test_the_centre_and_what_is_unknown_have_no_word() -> None:
    arousal, valence = np.array([0.0, np.nan, 0.5, np.nan]), np.array([-0.0, 0.5, np.nan, np.nan])
    assert np.isnan(angle(arousal, valence)).all()
    assert words(arousal, valence) == ["", "", "", ""]
    np.testing.assert_array_equal(intensity(arousal, valence), [0, np.nan, np.nan, np.nan])


def test_intensity_is_the_distance_from_the_centre_up_to_the_circle() -> None:
    found = intensity(np.array([0.3, -0.3, 1.0, -0.8]), np.array([0.4, -0.4, 1.0, 0.6]))
    np.testing.assert_allclose(found, [0.5, 0.5, 1.0, 1.0])


@given(
    degrees=st.integers(0, 3599).filter(lambda tenths: tenths % 180 != 90),
    radius=st.floats(1e-6, 2.0),
)
def test_a_turn_by_18_degrees_is_the_next_word(degrees: int, radius: float) -> None:
    (word,), (following,) = (
        words(*at(turned, radius)) for turned in (degrees / 10, degrees / 10 + 18)
    )
    assert following == WORDS[(WORDS.index(word) + 1) % 20]
    np.testing.assert_allclose(angle(*at(degrees / 10, radius)), degrees / 10, atol=1e-6)
