"""Finds what belongs to a song in a folder in DEAM's layout, however the zips were nested."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmark.audio import FORMATS
from benchmark.errors import DataError
from benchmark.records import TARGETS

TEST_SONGS = "test_songs"
"""Where the starting project keeps music of others, whatever the files are called."""


def files_below(root: Path) -> list[Path]:
    """Return all files below a folder, links followed (audio often lies on another disk).

    A folder that several links lead to, or a link of its own, is looked into once.
    """
    files: list[Path] = []
    seen: set[str] = set()
    for folder, below, names in os.walk(root, followlinks=True):
        place = os.path.realpath(folder)
        if place in seen:
            below.clear()
            continue
        seen.add(place)
        below.sort()
        files.extend(Path(folder) / name for name in names)
    return sorted(files)


def audio_files(
    files: Sequence[Path], is_chosen: Callable[[str], bool]
) -> tuple[dict[str, tuple[Path, str]], list[str]]:
    """Return audio file and SHA-256 of each chosen song, and notes on files that are not used."""
    audio: dict[str, tuple[Path, str]] = {}
    notes = []
    for path in files:
        song = song_of_audio(path)
        if not song or not is_chosen(song):
            continue
        try:
            content = content_hash(path)
        except DataError as error:
            notes.append(f"song {song}: {error}")
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


def song_of_audio(path: Path) -> str:
    """Return the song whose audio a file is; empty if it is no audio, or of no song.

    What lies in a folder `TEST_SONGS` is no audio of the dataset.
    """
    is_audio = path.suffix.lower() in FORMATS and path.parent.name != TEST_SONGS
    return song_of(path) if is_audio else ""


def content_hash(path: Path) -> str:
    """Return the SHA-256 of a file; raises DataError where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise DataError(f"{path.name} cannot be read ({error.strerror})") from error


def rater_tables(files: Sequence[Path], root: Path) -> dict[str, dict[str, list[Path]]]:
    """Return, by song and target, the tables of what each rater said: one, or copies of it.

    They are `<target>/<song>.csv`, anywhere below a folder 'annotations per each rater'.
    """
    found: dict[str, dict[str, list[Path]]] = {}
    for path in files:
        song = song_of(path)
        if (
            path.parent.name in TARGETS
            and path.suffix.lower() == ".csv"
            and song
            and "per each rater" in str(path.relative_to(root)).lower()
        ):
            by_target = found.setdefault(song, {})
            by_target.setdefault(path.parent.name, []).append(path)
    return found


def only(what: str, paths: Sequence[Path], root: Path) -> Path:
    """Return one of several equal copies; refuse files that differ."""
    if len(paths) > 1:
        try:
            contents = {path.read_bytes() for path in paths}
        except OSError as error:
            raise DataError(f"{error.filename}: cannot be read ({error.strerror})") from error
        if len(contents) > 1:
            raise DataError(
                f"dataset.root = {root}: {len(paths)} different {what} "
                f"({', '.join(str(path.relative_to(root)) for path in paths)}); keep one"
            )
    return paths[0]


def song_of(path: Path) -> str:
    """Return the song that a file is called after, '7' for '007.mp3'; empty if after none."""
    digits = path.stem if path.stem.isascii() else ""
    return str(int(digits)) if digits.isdecimal() else ""
