"""The labels of a folder in DEAM's layout: dynamic ones at 2 Hz, or a static one a song."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmark.errors import DataError
from benchmark.layout.files import only
from benchmark.layout.static import brought_to_unit, read_static
from benchmark.layout.tables import ended, read_labels
from benchmark.records import LABEL_PERIOD, TARGETS

Labels = Mapping[str, Mapping[str, Mapping[int, float]]]
"""By target and song id: ratings in [-1, 1] by label start in milliseconds."""

RATERS = re.compile(r"rater|annotator|worker")
MEAN = re.compile(r"averag|mean")
SPREAD = re.compile(r"(?<![a-z])(std|stdev|sd|deviations?|variance)(?![a-z])")
"""How the names of folders tell ratings of single raters, their means, and their SDs."""
STATIC = "static_annotations_averaged_songs_*.csv"


def dynamic_labels(files: Sequence[Path], root: Path) -> Labels:
    """Return the averaged dynamic ratings among the files below `root`; raises DataError."""
    return {target: read_labels(averaged_table(target, files, root)) for target in TARGETS}


def averaged_tables(target: str, files: Sequence[Path], root: Path) -> list[Path]:
    """Find all tables `<target>.csv` of averaged dynamic ratings: one, or several copies.

    They are taken from DEAM's folders where there are such, else from `annotations`, where the
    starting project has them, else from any folder: both targets from the same kind of place.
    Tables of single raters, and of SDs, are none.
    """
    tables = [path for path in files if path.name in {f"{name}.csv" for name in TARGETS}]
    means = [path for path in tables if _holds_means(path.relative_to(root))]
    averaged = [path for path in means if "averaged" in str(path.relative_to(root)).lower()]
    dynamic = [path for path in means if path.parent.name.startswith("dynamic")]
    place = averaged or dynamic or [p for p in means if p.parent.name == "annotations"] or means
    return [path for path in place if path.name == f"{target}.csv"]


def averaged_table(target: str, files: Sequence[Path], root: Path) -> Path:
    """Return the table of averaged dynamic ratings of a target.

    Raises
    ------
    DataError
        Where there is none, or several that differ.
    """
    found = averaged_tables(target, files, root)
    if not found:
        others = [path for path in files if path.name == f"{target}.csv"]
        said = f"; {others[0].relative_to(root)} is not taken for it" if others else ""
        raise DataError(
            f"dataset.root = {root}: no {target}.csv with averaged ratings, a row a song, in any "
            f"folder below (DEAM's lie in 'dynamic (per second annotations)'){said}; is this the "
            f"right folder?"
        )
    return only(f"{target} tables", found, root)


def _holds_means(path: Path) -> bool:
    folders = [part.lower() for part in path.parts[:-1]]
    return not any(
        SPREAD.search(name.replace("_", " ")) or (RATERS.search(name) and not MEAN.search(name))
        for name in folders
    )


def rated_seconds(files: Sequence[Path], root: Path) -> dict[str, float]:
    """Return where the dynamic ratings of each song end, in seconds; none where there are none.

    Of two targets the one that ends first counts: DEAM has a lone rating minutes after an excerpt.
    """
    try:
        labels = dynamic_labels(files, root)
    except DataError:
        return {}
    ends: dict[str, float] = {}
    for by_song in labels.values():
        for song, ratings in by_song.items():
            if ratings:
                end = max(ratings) / 1000 + LABEL_PERIOD
                ends[song] = min(end, ends.get(song, end))
    return ends


def unended(files: Sequence[Path], root: Path) -> list[str]:
    """Return notes on tables of dynamic ratings whose last line has no line end.

    They may be whole, or cut in the middle of a last number: nothing else would show it.
    """
    tables = [averaged_table(target, files, root) for target in TARGETS]
    return [
        f"{path.name}: the last line has no line end; if the file was cut short, its last label is "
        f"wrong and songs are missing"
        for path in tables
        if not ended(path)
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
