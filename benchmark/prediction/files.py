"""Which files are meant by names of files and folders, and what each is called."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
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


def song_files(places: Sequence[Path], *, out: Path) -> tuple[list[SongFile], list[SongFileError]]:
    """Return the songs of files and folders, each once, in their order, and what is wrong.

    A file that is named is taken whatever its ending; below a folder those are taken that end as
    audio does, but for what lies below `out`: copies made before. Songs whose names are alike go by
    so many folders more as tell them apart.
    """
    found: dict[Path, Path] = {}
    problems = []
    for place in places:
        problem = ""
        try:
            if place.is_dir():
                inside = sorted(file for file in place.rglob("*") if _is_song(file, out))
                for file in inside:
                    found.setdefault(file.resolve(), file.relative_to(place))
                if not inside:
                    endings = ", ".join(sorted(ENDINGS)[:6])
                    problem = f"holds no file that ends as audio does ({endings}, …)"
            elif place.exists():
                found.setdefault(place.resolve(), Path(place.name))
            else:
                problem = "there is no such file or folder"
        except OSError as error:
            problem = f"cannot be read ({error.strerror})"
        if problem:
            problems.append(SongFileError(f"{as_text(place)}: {problem}"))
    names = _different(found)
    return [SongFile(names[place], place) for place in found], problems


def as_text(path: Path) -> str:
    """Return a path as text in one line: names may hold any bytes but 0."""
    text = os.fsencode(path.as_posix()).decode(errors="backslashreplace")
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )


def _is_song(file: Path, out: Path) -> bool:
    named = file.suffix.lower() in ENDINGS and not file.name.startswith(".")
    return named and file.is_file() and not file.resolve().is_relative_to(out.resolve())


def _different(found: Mapping[Path, Path]) -> dict[Path, str]:
    """Return a name for each file, by its path; `found` has the path it would go by alone."""
    names = {place: as_text(short) for place, short in found.items()}
    for longer in range(2, 1 + max((len(place.parts) for place in found), default=0)):
        counted = Counter(names.values())
        if len(counted) == len(names):
            break
        for place, name in names.items():
            if counted[name] > 1:
                names[place] = as_text(Path(*place.parts[-longer:]))
    return names
