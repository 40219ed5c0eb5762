"""Which parts of a dataset lie where, however zips were nested, and what fetches the others."""

from __future__ import annotations

import os
import shlex
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from benchmark.audit.features import frame_tables
from benchmark.audit.finding import EXAMPLES, Finding, FoundPart, counted
from benchmark.audit.sound import AudioFiles
from benchmark.features.opensmile_means import TABLE
from benchmark.layout.files import rater_tables
from benchmark.layout.labels import STATIC
from benchmark.layout.metadata import METADATA
from benchmark.records import TARGETS

PLACES = 5
"""Folders of a part that are named; who has more has copies."""


def find_parts(
    files: Sequence[Path], root: Path, *, tables: Iterable[Path], audio: AudioFiles
) -> tuple[FoundPart, ...]:
    """Say where the parts of a dataset lie. `tables` are those of averaged ratings."""
    raters = [
        path
        for by_target in rater_tables(files, root).values()
        for paths in by_target.values()
        for path in paths
    ]
    deviations = {f"{target}_std.csv" for target in TARGETS}
    found = (
        _part("dynamic ratings", "annotations", tables, root),
        _part(
            "their standard deviations",
            "annotations",
            [path for path in files if path.name in deviations],
            root,
        ),
        _part("ratings per rater", "annotations", raters, root),
        _part("static ratings", "annotations", [p for p in files if p.match(STATIC)], root),
        _part("metadata", "metadata", [p for p in files if p.match(METADATA)], root),
        _part("frame-level features", "features", frame_tables(files), root),
        _part("song-level features", "", [path for path in files if path.name == TABLE], root),
        _part("audio", "audio", [path for of in audio.of_song.values() for path, _ in of], root),
    )
    return tuple(part for part in found if part.files or part.archive)


def fetching(parts: Iterable[FoundPart], root: Path) -> str:
    """Return the command that fetches what is not there; empty if all is."""
    missing = dict.fromkeys(part.archive for part in parts if not part.files)
    if not missing:
        return ""
    at = shlex.quote(str(root))
    return f"python -m benchmark data deam --root {at} --parts {','.join(missing)}"


def zip_findings(files: Iterable[Path], root: Path, unpacked: Collection[str]) -> list[Finding]:
    """Say which zips lie there: what is in them is not looked for.

    `unpacked` are the names of those whose files lie in the folder.
    """
    zips = [path.relative_to(root) for path in files if path.suffix.lower() == ".zip"]
    needless = [str(path) for path in zips if path.name in unpacked]
    unread = [str(path) for path in zips if path.name not in unpacked]
    found = []
    if unread:
        found.append(
            Finding(
                code="folder.zips",
                severity="left out",
                text=f"{counted(len(unread), 'zip')} that nothing is read from; DEAM's are "
                f"unpacked by python -m benchmark data deam --from {shlex.quote(str(root))}",
                examples=tuple(unread[:EXAMPLES]),
            )
        )
    if needless:
        found.append(
            Finding(
                code="folder.unpacked",
                severity="fact",
                text=f"{counted(len(needless), 'zip')} unpacked into this folder: not needed any "
                f"more",
                examples=tuple(needless[:EXAMPLES]),
            )
        )
    return found


def _part(name: str, archive: str, paths: Iterable[Path], root: Path) -> FoundPart:
    files = list(paths)
    places = sorted({f"{path.parent.relative_to(root)}{os.sep}" for path in files})
    if len(places) > PLACES:
        places = [*places[:PLACES], f"and {len(places) - PLACES} more"]
    return FoundPart(name=name, archive=archive, files=len(files), places=tuple(places))
