"""Features that lie in the folder: which songs have them, and songs that are the same by them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from benchmark.audit.finding import Finding, about, ordered
from benchmark.datasets.deam import SAME_RECORDING
from benchmark.errors import DataError
from benchmark.features.opensmile import FOLDER, Opensmile
from benchmark.features.opensmile_means import TABLE, OpensmileMeans
from benchmark.interfaces import Frames
from benchmark.layout.files import song_of
from benchmark.layout.frame_tables import read_names
from benchmark.layout.song_files import files_of_songs


def frame_tables(files: Sequence[Path]) -> list[Path]:
    """Find the frame-level features, `features/<id>.csv`."""
    return [
        path
        for path in files
        if path.parent.name == FOLDER and path.suffix.lower() == ".csv" and song_of(path)
    ]


def feature_findings(
    files: Sequence[Path], root: Path, rated: Collection[str], *, official: bool
) -> list[Finding]:
    """Say which rated songs lack features that others have, and which are the same by them."""
    known = {twin: song for twin, song in SAME_RECORDING.items() if official}
    found = _known_twins(known)
    if frame_tables(files):
        found += _frames(root, rated)
    if any(path.name == TABLE for path in files):
        found += _means(root, rated, known)
    return found


def _frames(root: Path, rated: Collection[str]) -> list[Finding]:
    """Look at which songs have a file of frames, and at its columns, as the feature would."""
    try:
        paths = files_of_songs(root, folder=FOLDER, suffix=".csv")
        Opensmile().read(root)
        columns = set(read_names(next(iter(paths.values()))))
    except DataError as error:
        words = "frame-level features cannot be read: the feature `opensmile` is refused"
        return [
            Finding(
                code="features.refused", severity="left out", text=words, examples=(str(error),)
            )
        ]
    odd = {}
    for song, path in paths.items():
        try:
            if set(read_names(path)) != columns:
                odd[song] = f"{path}: has other columns than the first"
        except DataError as error:
            odd[song] = str(error)
    return [
        *about(
            set(rated) - paths.keys(),
            "without frame-level features: the feature `opensmile` is refused",
            code="features.missing",
            severity="left out",
        ),
        *about(
            odd,
            "whose frame-level features have columns of their own: the feature `opensmile` is "
            "refused",
            code="features.columns",
            severity="left out",
            examples=list(odd.values()),
        ),
    ]


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
