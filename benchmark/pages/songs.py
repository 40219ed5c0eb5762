"""The page of songs: a list, and per song a player with its curves and its way through the plane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Curve:
    """One target of a song, on its label grid; arrays are (n_labels,), ratings in [-1, 1].

    Attributes
    ----------
    predicted, annotated : array or None
        NaN where there is no value; None where there is no curve.
    spread : array or None
        SD (ddof 1) over raters, drawn as a band around `annotated`.
    """

    predicted: Floats | None = None
    annotated: Floats | None = None
    spread: Floats | None = None


@dataclass(frozen=True, eq=False)
class SongCurves:
    """A song as the page shows it.

    Attributes
    ----------
    name : str
        Shown as it is.
    audio : str
        The address of its audio, relative to the page and percent-encoded; "" where there is none.
    times : array (n_labels,)
        Start of each label in seconds, evenly spaced by half a second.
    curves : mapping of target to Curve
        "arousal", "valence", or one of them.
    about : mapping of text to text
        What else is known of it, shown in this order ("artist", "subset", "note").
    """

    name: str
    audio: str
    times: Floats
    curves: Mapping[str, Curve]
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class SongsPage:
    """A page: its title, and what data, models and protocol its curves are of, a paragraph each."""

    title: str
    about: Sequence[str]
    songs: Sequence[SongCurves]
