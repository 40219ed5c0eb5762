"""Features that lie in the folder: which songs have them, and songs that are the same by them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from benchmark.audit.finding import Finding, about, ordered
from benchmark.datasets.deam import SAME_RECORDING
from benchmark.errors import DataError
from benchmark.features.opensmile_means import TABLE, OpensmileMeans
from benchmark.interfaces import Frames

FRAME_COLUMNS = 261
"""Columns of `features/<id>.csv`: the time, and mean and SD of 130 descriptors."""


def frame_tables(files: Sequence[Path]) -> dict[str, Path]:
    """Find the frame-level features, `features/<id>.csv`, by song."""
    return {
        str(int(path.stem)): path
        for path in files
        if path.suffix.lower() == ".csv"
        and path.parent.name.lower() == "features"
        and path.stem.isascii()
        and path.stem.isdecimal()
    }


def feature_findings(
    files: Sequence[Path], root: Path, rated: Collection[str], *, official: bool
) -> list[Finding]:
    """Say which rated songs lack features that others have, and which are the same by them."""
    found = []
    tables = frame_tables(files)
    if tables:
        widths = {song: _width(path) for song, path in tables.items()}
        odd = {song: width for song, width in widths.items() if width != FRAME_COLUMNS}
        found += about(
            set(rated) - tables.keys(),
            "without the frame-level features that others have",
            code="features.missing",
            severity="left out",
        )
        found += about(
            odd,
            f"whose frame-level features have not the {FRAME_COLUMNS} columns of DEAM's, divided "
            f"by semicolons",
            code="features.columns",
            severity="left out",
            figures={"columns": odd},
        )
    known = {twin: song for twin, song in SAME_RECORDING.items() if official}
    found += _known_twins(known)
    if any(path.name == TABLE for path in files):
        found += _means(root, rated, known)
    return found


def _width(path: Path) -> int:
    """Return the number of columns of a table; 0 where it cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            return len(file.readline().split(";"))
    except OSError:
        return 0


def _means(root: Path, rated: Collection[str], known: Mapping[str, str]) -> list[Finding]:
    try:
        means = OpensmileMeans().read(root)
    except DataError as error:
        words = f"{TABLE} cannot be read: the feature `opensmile_means` is refused"
        return [
            Finding(code="means.refused", severity="left out", text=words, examples=(str(error),))
        ]
    return [
        *about(
            set(rated) - means.keys(),
            f"without a row in {TABLE}: the feature `opensmile_means` is refused",
            code="means.missing",
            severity="left out",
        ),
        *_unknown_twins(means, known),
    ]


def _known_twins(known: Mapping[str, str]) -> list[Finding]:
    return about(
        known,
        "that are, by their features, the recording of a song before: kept on one side of every "
        "split",
        code="songs.same_recording",
        severity="handled",
        examples=[f"song {twin}: as song {song}" for twin, song in known.items()],
        figures={"as": known},
    )


def _unknown_twins(means: Mapping[str, Frames], known: Mapping[str, str]) -> list[Finding]:
    """Find songs whose descriptors are the same to the last digit: one recording, two ids."""
    first: dict[bytes, str] = {}
    twins = {}
    for song in ordered(means):
        before = first.setdefault(means[song].tobytes(), song)
        if before not in (song, known.get(song)):
            twins[song] = before
    return about(
        twins,
        f"with the descriptors of a song before in {TABLE}: likely the same recording, which the "
        f"suite does not know, and may split",
        code="songs.same_descriptors",
        severity="fact",
        examples=[f"song {twin}: as song {song}" for twin, song in twins.items()],
        figures={"as": twins},
    )
