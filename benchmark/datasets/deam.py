"""DEAM (Aljanaki, Yang & Soleymani 2017, PLoS ONE 12(3)) and any folder in its layout."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from benchmark.audio import FORMATS
from benchmark.datasets._tables import read_artists, read_labels
from benchmark.errors import DataError
from benchmark.interfaces import Dataset
from benchmark.records import LABEL_PERIOD, TARGETS, Corpus, Song

DYNAMIC = "{target}.csv in a folder 'dynamic (per second annotations)' of the averaged annotations"
OFFICIAL_LABELS = "fc8feae2dbc250db582ddfa4478b596b54b359e4107f71ec12a5e2fe03c85ee6"
"""SHA-256 over the ratings of the 1,802 songs as released."""


@dataclass(frozen=True, kw_only=True)
class Deam(Dataset):
    """A folder in DEAM's layout: averaged dynamic ratings, MEMD_audio/<id>.mp3, metadata.

    Files are searched under `root`, however the zips were nested. Songs are paired by id, labels by
    column name. A rating that is missing stays missing (NaN); a song without any rating, or without
    audio where others have it, is left out with a note. `title` names the data in tables; without
    it, that is DEAM where the ratings are those released, else the name of the folder.
    """

    name: ClassVar[str] = "deam"

    root: Path = Path("data/deam")
    title: str = ""

    def load(self) -> Corpus:
        if not self.root.is_dir():
            raise DataError(
                f"dataset.root = {self.root}: no such folder; give the folder that holds DEAM's "
                f"'annotations' and 'MEMD_audio' (--set dataset.root=PATH)"
            )
        files = _files(self.root)
        ratings = {target: read_labels(self._table(target, files)) for target in TARGETS}
        audio, notes = _audio(files)
        artists: dict[str, str] = {}
        for path in files:
            if path.match("metadata_*.csv"):
                artists |= read_artists(path)

        songs = []
        for song in sorted(ratings["arousal"].keys() | ratings["valence"].keys(), key=int):
            by_target = {target: ratings[target].get(song, {}) for target in TARGETS}
            if not any(by_target.values()):
                notes.append(f"song {song}: no ratings; left out")
            elif audio and song not in audio:
                notes.append(f"song {song}: no audio file; left out")
            else:
                artist = artists.get(song, "")
                songs.append(_song(song, by_target, audio=audio.get(song), artist=artist))
        if not songs:
            raise DataError(
                f"dataset.root = {self.root}: no song has both ratings and audio; audio is "
                f"<song_id> with one of {', '.join(FORMATS)}, in any folder below"
            )
        rated = {song.id for song in songs}
        notes.extend(
            f"song {song}: audio without ratings; left out"
            for song in sorted(audio.keys() - ratings["arousal"].keys(), key=int)
            if song not in rated
        )
        official = _ratings_hash(ratings) == OFFICIAL_LABELS
        return Corpus(
            title=self.title or ("DEAM" if official else self.root.resolve().name),
            songs=tuple(songs),
            synthetic=False,
            citation="Aljanaki, Yang & Soleymani 2017, doi:10.1371/journal.pone.0173392"
            if official
            else "",
            licence="research, non-commercial" if official else "",
            known_as="deam" if official else "",
            notes=tuple(notes),
        )

    def _table(self, target: str, files: Sequence[Path]) -> Path:
        """Find the averaged dynamic ratings of a target; those per rater lie a folder deeper."""
        named = [path for path in files if path.name == f"{target}.csv"]
        averaged = [p for p in named if "averaged" in str(p.relative_to(self.root)).lower()]
        found = averaged or [p for p in named if p.parent.name.startswith("dynamic")]
        if not found:
            raise DataError(
                f"dataset.root = {self.root}: no {DYNAMIC.format(target=target)}; "
                f"is this the right folder?"
            )
        if len({path.read_bytes() for path in found}) > 1:
            raise DataError(
                f"dataset.root = {self.root}: {len(found)} different {target} tables "
                f"({', '.join(str(path.relative_to(self.root)) for path in found)}); keep one"
            )
        return found[0]


def _files(root: Path) -> list[Path]:
    """Return all files below a folder, links followed (audio often lies on another disk)."""
    walked = os.walk(root, followlinks=True)
    return sorted(Path(folder) / name for folder, _, names in walked for name in names)


def _audio(files: Sequence[Path]) -> tuple[dict[str, tuple[Path, str]], list[str]]:
    """Return audio file and SHA-256 of each song, and notes on files that are not used."""
    audio: dict[str, tuple[Path, str]] = {}
    notes = []
    for path in files:
        if path.suffix.lower() not in FORMATS or not path.stem.isdecimal():
            continue
        song = str(int(path.stem))
        try:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            notes.append(f"song {song}: {path.name} cannot be read ({error.strerror})")
            continue
        if song not in audio:
            audio[song] = path, content
        elif audio[song][1] == content:
            notes.append(f"song {song}: {path.name} lies there twice; the copies are equal")
        else:
            raise DataError(
                f"song {song} has two different audio files: {audio[song][0]} and {path}; keep one"
            )
    return audio, notes


def _song(
    song: str,
    ratings: dict[str, dict[int, float]],
    *,
    audio: tuple[Path, str] | None,
    artist: str,
) -> Song:
    """Lay ratings on the 2 Hz grid from the first to the last of either target."""
    starts = sorted(ratings["arousal"].keys() | ratings["valence"].keys())
    grid = range(starts[0], starts[-1] + 500, 500)
    number = int(song)
    return Song(
        id=song,
        audio=audio[0] if audio else None,
        audio_hash=audio[1] if audio else "",
        times=starts[0] / 1000 + LABEL_PERIOD * np.arange(len(grid), dtype=np.float64),
        labels={
            target: np.array([ratings[target].get(start, np.nan) for start in grid])
            for target in TARGETS
        },
        groups={
            "artist": artist,
            "subset": "1-1000" if number <= 1000 else "1001-2000" if number <= 2000 else "2001-",
        },
    )


def _ratings_hash(ratings: dict[str, dict[str, dict[int, float]]]) -> str:
    state = hashlib.sha256()
    for target in TARGETS:
        for song in sorted(ratings[target], key=int):
            values = [
                f"{start}:{value:.6f}" for start, value in sorted(ratings[target][song].items())
            ]
            state.update(f"{target} {song} {' '.join(values)}\n".encode())
    return state.hexdigest()
