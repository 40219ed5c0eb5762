"""Which files are meant by names of files and folders, and what each is called."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.audio import ENDINGS
from benchmark.errors import BenchmarkError


class SongFileError(BenchmarkError):
    """A file or folder is not there, or a folder holds no music."""


@dataclass(frozen=True)
class SongFile:
    """A file of audio, and the name its curves go by: its place below the folder that was named."""

    name: str
    path: Path


def song_files(places: Sequence[Path]) -> tuple[list[SongFile], list[SongFileError]]:
    """Return the songs of files and folders, each once, in their order, and what is wrong.

    A file that is named is taken whatever its ending; below a folder those are taken that end as
    audio does. Songs whose names are alike go by their whole path, without links.
    """
    found: dict[Path, SongFile] = {}
    problems = []
    for place in places:
        if place.is_dir():
            inside = sorted(file for file in place.rglob("*") if _is_song(file))
            if not inside:
                problems.append(
                    SongFileError(
                        f"{place}: holds no file that ends as audio does "
                        f"({', '.join(sorted(ENDINGS)[:6])}, …); name a file to have it tried"
                    )
                )
            for file in inside:
                found.setdefault(file.resolve(), SongFile(as_text(file.relative_to(place)), file))
        elif place.exists():
            found.setdefault(place.resolve(), SongFile(as_text(Path(place.name)), place))
        else:
            problems.append(SongFileError(f"{place}: there is no such file or folder"))
    names = Counter(song.name for song in found.values())
    songs = [
        song if names[song.name] == 1 else SongFile(as_text(place), song.path)
        for place, song in found.items()
    ]
    return songs, problems


def _is_song(file: Path) -> bool:
    return file.suffix.lower() in ENDINGS and not file.name.startswith(".") and file.is_file()


def as_text(path: Path) -> str:
    """Return a path as text: the bytes of old names may be none."""
    return os.fsencode(path.as_posix()).decode(errors="backslashreplace")
