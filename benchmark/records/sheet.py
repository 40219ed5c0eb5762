"""What pages show of a song beside its predictions: where it is heard, how its raters differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.records.song import Floats, Song

SHEETS_VERSION = 1
DIGITS = 3
"""Decimals of a spread: it is drawn, never computed with."""


@dataclass(frozen=True, eq=False)
class SongSheet:
    """A song as its dataset knew it when a run last used it.

    Attributes
    ----------
    audio : str
        Path of its file on this machine; empty where there is none.
    groups : mapping
        Those of the song: artist, album, subset.
    times : array (n_labels,)
        Start of each label in seconds.
    spread : mapping of target to array (n_labels,)
        SD (ddof 1) over raters, NaN where fewer than two gave a rating; of targets where ratings
        per rater are known.
    """

    audio: str
    groups: Mapping[str, str]
    times: Floats
    spread: Mapping[str, Floats] = field(default_factory=dict)


def sheet_of(song: Song) -> SongSheet:
    """Return the sheet of a song of a loaded dataset."""
    return SongSheet(
        audio=str(Path(song.audio).absolute()) if song.audio else "",
        groups=dict(song.groups),
        times=song.times,
        spread={target: _spread(ratings) for target, ratings in song.ratings.items()},
    )


def to_json(songs: Iterable[Song]) -> dict[str, Any]:
    """Return the sheets of songs in plain types."""
    return {
        "schema_version": SHEETS_VERSION,
        "songs": {song.id: _plain(sheet_of(song)) for song in songs},
    }


def from_json(fields: Mapping[str, Any]) -> dict[str, SongSheet]:
    """Return the sheets that `to_json` described, by song id."""
    return {
        song: SongSheet(
            audio=sheet["audio"],
            groups=sheet["groups"],
            times=_array(sheet["times"]),
            spread={target: _array(values) for target, values in sheet["spread"].items()},
        )
        for song, sheet in fields["songs"].items()
    }


def _spread(ratings: Floats) -> Floats:
    known = np.isfinite(ratings)
    count = known.sum(axis=0)
    filled = np.where(known, ratings, 0.0)
    mean = filled.sum(axis=0) / np.maximum(count, 1)
    squares = np.where(known, np.square(ratings - mean), 0.0).sum(axis=0)
    return np.where(count > 1, np.sqrt(squares / np.maximum(count - 1, 1)), np.nan)


def _plain(sheet: SongSheet) -> dict[str, Any]:
    return {
        "audio": sheet.audio,
        "groups": dict(sheet.groups),
        "times": sheet.times.tolist(),
        "spread": {
            target: [round(value, DIGITS) if np.isfinite(value) else None for value in values]
            for target, values in sheet.spread.items()
        },
    }


def _array(values: list[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
