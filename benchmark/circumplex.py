"""Twenty emotion words around the circumplex of valence and arousal.

The plane is Russell's (1980, "A circumplex model of affect", doi:10.1037/h0077714); the words and
their order are those of the project this suite starts from (track_emo_reco): one every 18 degrees,
"Pleasant" at 0, "Activated" at 90.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

WORDS = (
    "Pleasant", "Happy", "Elated", "Excited", "Alert",
    "Activated", "Tense", "Nervous", "Stressed", "Upset",
    "Unpleasant", "Sad", "Depressed", "Bored", "Fatigued",
    "Deactivated", "Calm", "Relaxed", "Serene", "Contented",
)  # fmt: skip
"""Counter-clockwise from pleasant: word i at 18 * i degrees."""


def angle(arousal: Floats, valence: Floats) -> Floats:
    """Return degrees in [0, 360), counter-clockwise from pleasant; NaN in the centre."""
    degrees = np.degrees(np.arctan2(arousal, valence)) % 360
    # What lies a rounding error below 0 is 360 after the remainder.
    degrees = np.where(degrees >= 360, 0.0, degrees)
    return np.where(intensity(arousal, valence) > 0, degrees, np.nan)


def intensity(arousal: Floats, valence: Floats) -> Floats:
    """Return the distance from the neutral centre, at most 1: on the circle or beyond."""
    return np.minimum(np.hypot(arousal, valence), 1.0)


def words(arousal: Floats, valence: Floats) -> list[str]:
    """Return the nearest word of each point, by angle; "" in the centre or where one is NaN."""
    degrees = angle(arousal, valence)
    return [
        WORDS[int(np.floor(value / 18 + 0.5)) % len(WORDS)] if np.isfinite(value) else ""
        for value in np.atleast_1d(degrees)
    ]


def by_second(times: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Return the seconds there are labels of, and the mean of the labels of each; one a second.

    `times` and `values` are (n_labels,); words are of seconds, as a half second is soon over.
    """
    # A label a rounding error before a second is of that second.
    seconds, place = np.unique(np.floor(times + 1e-6), return_inverse=True)
    return seconds, np.bincount(place, weights=values) / np.bincount(place)
