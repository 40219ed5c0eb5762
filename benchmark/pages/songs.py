"""The page of songs: a list, and a player with the curves of a song and its way through the plane.

`songs.html#NAME`, the name percent-encoded as `anchor` does, opens the page at a song.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from urllib.parse import quote

import numpy as np
import numpy.typing as npt

from benchmark import circumplex
from benchmark.pages.page import page as html_page
from benchmark.pages.song_facts import (
    PlaneFacts,
    TargetFacts,
    characteristic,
    plane_facts,
    shown,
    target_facts,
)
from benchmark.records import LABEL_PERIOD, TARGETS

Floats = npt.NDArray[np.float64]

SCRIPTS = (
    "songs_values.js",
    "songs_curves.js",
    "songs_plane.js",
    "songs_clock.js",
    "songs_list.js",
    "songs.js",
)
FEW = 3
"""With fewer songs than this none is characteristic of anything."""


@dataclass(frozen=True, eq=False)
class Curve:
    """One target of a song, on its label grid; arrays are (n_labels,), ratings in [-1, 1].

    Attributes
    ----------
    predicted, annotated : array or None
        NaN where there is no value; None where there is no curve.
    spread : array or None
        SD (ddof 1) over raters, drawn as a band around `annotated`.
    rmse : float or None
        Of the song as a leaderboard has it; None: of `predicted` on the labels that are rated.
    """

    predicted: Floats | None = None
    annotated: Floats | None = None
    spread: Floats | None = None
    rmse: float | None = None


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


def render(page: SongsPage) -> str:
    """Return the page as one HTML file."""
    facts = [
        {target: _facts(curve) for target, curve in _curves(song).items()} for song in page.songs
    ]
    planes = [_plane(song) for song in page.songs]
    songs = [_song(*entry) for entry in zip(page.songs, facts, planes, strict=True)]
    found = characteristic(facts) if len(songs) >= FEW else []
    return html_page(
        "songs.html",
        scripts=SCRIPTS,
        styles=("songs.css",),
        data={"words": circumplex.WORDS, "period": LABEL_PERIOD, "songs": songs},
        title=page.title,
        about=page.about,
        songs=songs,
        characteristic=found,
        targets=[target for target in TARGETS if any(target in song for song in facts)],
        compared=any(np.isfinite(fact.rmse) for song in facts for fact in song.values()),
        words=[word for word in circumplex.WORDS if any(plane.word == word for plane in planes)],
    )


def anchor(name: str) -> str:
    """Return the part of an address that opens the page at a song, as `encodeURIComponent` does."""
    return "#" + quote(_writable(name), safe="!~*'()")


def _song(song: SongCurves, facts: Mapping[str, TargetFacts], plane: PlaneFacts) -> dict[str, Any]:
    """Return a song as the scripts take it."""
    return {
        "name": _writable(song.name),
        "anchor": anchor(song.name),
        "audio": song.audio,
        "about": [[_writable(name), _writable(text)] for name, text in song.about.items()],
        "start": song.times[0] if len(song.times) else 0.0,
        "end": _end(song),
        "curves": {
            target: {name: getattr(curve, name) for name in ("predicted", "annotated", "spread")}
            for target, curve in _curves(song).items()
        },
        "facts": {target: asdict(fact) for target, fact in facts.items()},
        **asdict(plane),
    }


def _facts(curve: Curve) -> TargetFacts:
    found = target_facts(predicted=curve.predicted, annotated=curve.annotated)
    return found if curve.rmse is None else replace(found, rmse=curve.rmse)


def _curves(song: SongCurves) -> dict[str, Curve]:
    """Return the curves of a song that are there, arousal first."""
    curves = {target: song.curves.get(target, Curve()) for target in TARGETS}
    return {
        target: curve
        for target, curve in curves.items()
        if curve.predicted is not None or curve.annotated is not None
    }


def _plane(song: SongCurves) -> PlaneFacts:
    """Return the facts in the plane; a song with one target has no place there."""
    curves = _curves(song)
    nowhere = np.full(len(song.times), np.nan)
    arousal, valence = (
        shown(predicted=curves[target].predicted, annotated=curves[target].annotated)
        if target in curves
        else nowhere
        for target in ("arousal", "valence")
    )
    return plane_facts(song.times, arousal, valence)


def _end(song: SongCurves) -> float:
    """Return the second at which the last label with a value ends."""
    known = np.zeros(len(song.times), dtype=bool)
    for curve in _curves(song).values():
        for values in (curve.predicted, curve.annotated):
            if values is not None:
                known |= np.isfinite(values)
    return float(song.times[known][-1] + LABEL_PERIOD) if known.any() else 0.0


def _writable(text: str) -> str:
    """Return text that UTF-8 can hold: names of files may be any bytes."""
    return text.encode(errors="replace").decode()
