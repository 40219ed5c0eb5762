"""DEAM (Aljanaki, Yang & Soleymani 2017, PLoS ONE 12(3)) and any folder in its layout."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from benchmark.audio import FORMATS
from benchmark.errors import DataError
from benchmark.interfaces import Dataset, Floats
from benchmark.layout.files import audio_files, files_below, only, rater_tables
from benchmark.layout.labels import (
    Labels,
    dynamic_labels,
    labels_hash,
    static_labels,
    static_tables,
    unended,
)
from benchmark.layout.metadata import joined_metadata
from benchmark.layout.ratings import read_raters
from benchmark.layout.static import SCALE, plausible_floors, read_static
from benchmark.layout.subsets import LAST_EXCERPT, subset_of
from benchmark.records import LABEL_PERIOD, TARGETS, Corpus, Song

OFFICIAL = {
    "dynamic": "fc8feae2dbc250db582ddfa4478b596b54b359e4107f71ec12a5e2fe03c85ee6",
    "static": "fa7c4179d0a8285bbae1f81d5dc17d45fb347ad624a72062400538bf6cc9d43b",
}
"""SHA-256 over the ratings of the 1,802 songs as released."""
SAME_RECORDING = {"536": "175", "706": "296", "758": "390", "893": "631"}
"""Songs of DEAM whose released features are, to the last digit, those of another song."""
STRAY = {"3": 45_500, "22": 622_500}
"""Milliseconds at which DEAM's valence table has a lone 0 after an excerpt that ends at 45 s."""


@dataclass(frozen=True, kw_only=True)
class _Folder:
    """What lies in a folder: labels, metadata and tables of raters by song, audio with its hash."""

    files: Sequence[Path]
    labels: Labels
    chosen: Sequence[str]
    audio: Mapping[str, tuple[Path, str]]
    metadata: Mapping[str, Mapping[str, str]]
    raters: Mapping[str, Mapping[str, Sequence[Path]]]
    official: bool


@dataclass(frozen=True, kw_only=True)
class Deam(Dataset):
    """A folder in DEAM's layout: averaged dynamic ratings, MEMD_audio/<id>.mp3, metadata.

    Files are searched under `root`, however the zips were nested. Songs are paired by id, labels by
    column name. A rating that is missing stays missing (NaN); a song without any rating, or without
    audio where others have it, is left out with a note. `title` names the data in tables; without
    it, that is DEAM where the ratings are those released, else the name of the folder.

    `songs` chooses the excerpts of 45 s (ids up to 2000), the full songs (ids from 2001), or all.

    `ratings: static` takes the mean rating of each whole song instead, one label of all of it,
    brought from the raters' scale of 1 to 9 to [-1, 1].

    Annotations per rater, and static ones beside dynamic ones, are read where they are there, for
    anchors and alarms only; what cannot be read among them is noted and done without.
    """

    name: ClassVar[str] = "deam"

    root: Path = Path("data/deam")
    title: str = ""
    songs: Literal["all", "excerpts", "full"] = "all"
    ratings: Literal["dynamic", "static"] = "dynamic"

    @property
    def period(self) -> float:
        return math.inf if self.ratings == "static" else LABEL_PERIOD

    def load(self) -> Corpus:
        if not self.root.is_dir():
            raise DataError(
                f"dataset.root = {self.root}: no such folder; give the folder that holds DEAM's "
                f"'annotations' and 'MEMD_audio' (--set dataset.root=PATH)"
            )
        read, notes = self._read()
        songs = [song for name in read.chosen if (song := self._song(name, read, notes))]
        if not songs:
            raise DataError(
                f"dataset.root = {self.root}: no song has both ratings and audio; audio is "
                f"<song_id> with one of {', '.join(FORMATS)}, in any folder below"
            )
        rated = {song.id for song in songs}
        notes.extend(
            f"song {song}: audio without ratings; left out"
            for song in sorted(read.audio.keys() - read.labels["arousal"].keys(), key=int)
            if song not in rated
        )
        try:
            floors = plausible_floors(read_static(static_tables(read.files, self.root)), rated)
        except DataError as error:
            floors = {}
            notes.append(
                f"static ratings cannot be read ({error}); the leakage alarm does without their "
                f"floor"
            )
        return Corpus(
            title=self._titled("DEAM" if read.official else self.root.resolve().name),
            songs=tuple(songs),
            synthetic=False,
            citation="Aljanaki, Yang & Soleymani 2017, doi:10.1371/journal.pone.0173392"
            if read.official
            else "",
            licence="research, non-commercial" if read.official else "",
            known_as="deam" if read.official else "",
            notes=tuple(notes),
            root=self.root,
            floors=floors,
            scale=SCALE if self.ratings == "static" else (-1.0, 1.0),
        )

    def _titled(self, name: str) -> str:
        title = self.title or name
        return f"{title}, static ratings" if self.ratings == "static" else title

    def _read(self) -> tuple[_Folder, list[str]]:
        """Read all tables and hash all audio; return notes on what is odd."""
        files = files_below(self.root)
        dynamic = self.ratings == "dynamic"
        labels = (dynamic_labels if dynamic else static_labels)(files, self.root)
        chosen = self._choose(labels["arousal"].keys() | labels["valence"].keys())
        audio, notes = audio_files(files, self._is_chosen)
        metadata, odd = joined_metadata(files)
        notes += odd
        if dynamic:
            notes += unended(files, self.root)
        folder = _Folder(
            files=files,
            labels=labels,
            chosen=chosen,
            audio=audio,
            metadata=metadata,
            raters=rater_tables(files, self.root) if dynamic else {},
            official=labels_hash(labels) == OFFICIAL[self.ratings],
        )
        return folder, notes

    def _song(self, song: str, read: _Folder, notes: list[str]) -> Song | None:
        """Return a song, or None where it is left out; note what is unusual about it."""
        by_target = {target: dict(read.labels[target].get(song, {})) for target in TARGETS}
        if read.official and self.ratings == "dynamic" and song in STRAY:
            value = by_target["valence"].pop(STRAY[song])
            notes.append(
                f"song {song}: valence {value:g} at {STRAY[song] / 1000:g} s, after the end of the "
                f"excerpt and of all its other ratings; left out"
            )
        if not any(by_target.values()):
            notes.append(f"song {song}: no ratings; left out")
            return None
        if read.audio and song not in read.audio:
            notes.append(f"song {song}: no audio file; left out")
            return None
        notes.extend(
            f"song {song}: no {target} ratings; kept for the other target"
            for target, by_start in by_target.items()
            if not by_start
        )
        groups = {"artist": "", "album": "", **read.metadata.get(song, {})}
        grid = _grid(by_target)
        try:
            ratings = self._ratings(read.raters.get(song, {}), grid)
        except DataError as error:
            ratings = {}
            notes.append(
                f"song {song}: ratings per rater cannot be read ({error}); anchors do without it"
            )
        if read.official and song in SAME_RECORDING:
            groups["song"] = SAME_RECORDING[song]
            notes.append(
                f"song {song}: the same recording as song {SAME_RECORDING[song]}, by its features; "
                f"kept on the same side of every split"
            )
        audio, content = read.audio.get(song, (None, ""))
        return Song(
            id=song,
            audio=audio,
            audio_hash=content,
            times=grid[0] / 1000 + LABEL_PERIOD * np.arange(len(grid), dtype=np.float64),
            labels={
                target: np.array([by_start.get(start, np.nan) for start in grid])
                for target, by_start in by_target.items()
            },
            groups={**groups, "subset": subset_of(song)},
            ratings=ratings,
        )

    def _is_chosen(self, song: str) -> bool:
        return self.songs == "all" or (int(song) > LAST_EXCERPT) == (self.songs == "full")

    def _choose(self, songs: Collection[str]) -> list[str]:
        """Return the ids that `songs` asks for, in order."""
        ordered = sorted(songs, key=int)
        chosen = [song for song in ordered if self._is_chosen(song)]
        if ordered and not chosen:
            raise DataError(
                f"dataset.songs = {self.songs}: {self.root} has no song with an id "
                f"{'above' if self.songs == 'full' else 'up to'} {LAST_EXCERPT} "
                f"(ids {ordered[0]} to {ordered[-1]}); choose another part "
                f"(--set dataset.songs=all)"
            )
        return chosen

    def _ratings(self, tables: Mapping[str, Sequence[Path]], grid: range) -> dict[str, Floats]:
        """Return what each rater of a song said, for targets that anyone rated."""
        ratings = {
            target: read_raters(only(f"tables of {target} per rater", paths, self.root), grid)
            for target, paths in tables.items()
        }
        return {target: values for target, values in ratings.items() if len(values)}


def _grid(labels: Mapping[str, Mapping[int, float]]) -> range:
    """Return label starts in milliseconds at 2 Hz, from the first to the last of any target."""
    starts = [start for by_start in labels.values() for start in by_start]
    return range(min(starts), max(starts) + 500, 500)
