"""Which parts of a dataset lie where, however zips were nested, and what fetches the others."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmark.audit.features import frame_tables
from benchmark.audit.finding import Part
from benchmark.audit.sound import AudioFiles
from benchmark.features.opensmile_means import TABLE
from benchmark.layout.files import rater_tables
from benchmark.layout.labels import STATIC
from benchmark.layout.metadata import METADATA
from benchmark.records import TARGETS

PLACES = 5
"""Folders of a part that are named; who has more has copies."""


def find_parts(
    files: Sequence[Path],
    root: Path,
    *,
    tables: Iterable[Path],
    audio: AudioFiles,
    fetchable: bool,
) -> tuple[Part, ...]:
    """Say where the parts of a dataset lie.

    `tables` are those of averaged ratings. Where the data is DEAM, `fetchable`, a part that is not
    there comes with the command that fetches it.
    """
    raters = [
        path
        for by_target in rater_tables(files, root).values()
        for paths in by_target.values()
        for path in paths
    ]
    deviations = {f"{target}_std.csv" for target in TARGETS}
    sound = [path for of in audio.of_song.values() for path, _ in of]
    found: dict[str, tuple[str, Iterable[Path]]] = {
        "dynamic ratings": ("annotations", tables),
        "their standard deviations": ("annotations", [p for p in files if p.name in deviations]),
        "ratings per rater": ("annotations", raters),
        "static ratings": ("annotations", [p for p in files if p.match(STATIC)]),
        "metadata": ("metadata", [p for p in files if p.match(METADATA)]),
        "frame-level features": ("features", frame_tables(files).values()),
        f"song-level features ({TABLE})": ("", [p for p in files if p.name == TABLE]),
        "audio": ("audio", sound),
    }
    return tuple(
        _part(name, list(paths), root, part if fetchable else "")
        for name, (part, paths) in found.items()
    )


def _part(name: str, paths: Sequence[Path], root: Path, part: str) -> Part:
    if not paths:
        at = shlex.quote(str(root))
        command = f"python -m benchmark data deam --root {at} --parts {part}"
        return Part(name=name, fetch=command if part else "")
    folders = sorted({path.parent for path in paths})
    places = [f"{folder.relative_to(root)}{os.sep}" for folder in folders]
    if len(places) > PLACES:
        places = [*places[:PLACES], f"and {len(places) - PLACES} more"]
    return Part(name=name, files=len(paths), places=tuple(places))
