"""The labels of a folder in DEAM's layout: dynamic ones at 2 Hz, or a static one a song."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmark.errors import DataError
from benchmark.layout.files import only
from benchmark.layout.static import brought_to_unit, read_static
from benchmark.layout.tables import read_labels
from benchmark.records import TARGETS

Labels = Mapping[str, Mapping[str, Mapping[int, float]]]
"""By target and song id: ratings in [-1, 1] by label start in milliseconds."""

DYNAMIC = "{target}.csv in a folder 'dynamic (per second annotations)' of the averaged annotations"
STATIC = "static_annotations_averaged_songs_*.csv"


def dynamic_labels(files: Sequence[Path], root: Path) -> Labels:
    """Return the averaged dynamic ratings among the files below `root`; raises DataError."""
    return {target: read_labels(averaged_table(target, files, root)) for target in TARGETS}


def averaged_table(target: str, files: Sequence[Path], root: Path) -> Path:
    """Find the averaged dynamic ratings of a target; those per rater lie a folder deeper.

    Without DEAM's folders, they are in `annotations`, where the starting project has them.
    """
    named = [path for path in files if path.name == f"{target}.csv"]
    averaged = [path for path in named if "averaged" in str(path.relative_to(root)).lower()]
    dynamic = [path for path in named if path.parent.name.startswith("dynamic")]
    found = averaged or dynamic or [p for p in named if p.parent.name == "annotations"]
    if not found:
        raise DataError(
            f"dataset.root = {root}: no {DYNAMIC.format(target=target)}; is this the right folder?"
        )
    return only(f"{target} tables", found, root)


def unended(files: Sequence[Path], root: Path) -> list[str]:
    """Return notes on tables of dynamic ratings whose last line has no line end.

    They may be whole, or cut in the middle of a last number: nothing else would show it.
    """
    tables = [averaged_table(target, files, root) for target in TARGETS]
    return [
        f"{path.name}: the last line has no line end; if the file was cut short, its last label is "
        f"wrong and songs are missing"
        for path in tables
        if not path.read_bytes().endswith((b"\n", b"\r"))
    ]


def static_tables(files: Sequence[Path], root: Path) -> list[Path]:
    """Find the tables of static ratings: one for the excerpts, one for the full songs."""
    found = [path for path in files if path.match(STATIC)]
    return [
        only(f"tables {name}", [path for path in found if path.name == name], root)
        for name in sorted({path.name for path in found})
    ]


def static_labels(files: Sequence[Path], root: Path) -> Labels:
    """Return the mean static ratings, each at the start of its song; raises DataError."""
    tables = static_tables(files, root)
    if not tables:
        raise DataError(
            f"dataset.root = {root}: no {STATIC}; this folder has no static ratings "
            f"(--set dataset.ratings=dynamic)"
        )
    ratings = read_static(tables)
    return {
        target: {
            song: {} if math.isnan(of[target].mean) else {0: brought_to_unit(of[target].mean)}
            for song, of in ratings.items()
        }
        for target in TARGETS
    }


def labels_hash(labels: Labels) -> str:
    """Return a SHA-256 over all ratings, to six decimals."""
    state = hashlib.sha256()
    for target in TARGETS:
        for song in sorted(labels[target], key=int):
            values = [
                f"{start}:{value:.6f}" for start, value in sorted(labels[target][song].items())
            ]
            state.update(f"{target} {song} {' '.join(values)}\n".encode())
    return state.hexdigest()
