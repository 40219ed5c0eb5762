"""What the report page is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmark.reporting.board import Source, Track


@dataclass(frozen=True)
class Figure:
    """A figure of a study: its name ("history") and its PNG file."""

    name: str
    png: bytes


@dataclass(frozen=True, eq=False)
class Report:
    """What the page is made of.

    Attributes
    ----------
    tracks
        As `reporting.tracks(records)` returns them.
    records
        Where the job records of their rows are read.
    song_link
        Gives the address of a song's curves on another page, or "" where there is none.
    subsets
        Maps the songs of a track to their subsets; "" or no entry where that is not known.
    figures
        Those of each tuned row, by the key of its tuning.
    """

    tracks: Sequence[Track]
    records: Source
    song_link: Callable[[Track, str], str] = lambda _track, _song: ""
    subsets: Callable[[Track], Mapping[str, str]] = lambda _track: {}
    figures: Mapping[str, Sequence[Figure]] = field(default_factory=dict)
