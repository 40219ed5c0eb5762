"""Features that lie in the folder: which songs have them, and songs that are the same by them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmark.audit.finding import Finding, about, ordered
from benchmark.datasets.deam import SAME_RECORDING
from benchmark.errors import DataError
from benchmark.evaluation.precomputed import check_frames
from benchmark.execution.listener import Listener
from benchmark.features.opensmile import FOLDER, Opensmile
from benchmark.features.opensmile_means import TABLE, OpensmileMeans
from benchmark.interfaces import Frames, Precomputed
from benchmark.layout.files import song_of
from benchmark.records import Song


def frame_tables(files: Sequence[Path]) -> list[Path]:
    """Find the frame-level features, `features/<id>.csv`."""
    return [
        path
        for path in files
        if path.parent.name == FOLDER and path.suffix.lower() == ".csv" and song_of(path)
    ]


def feature_findings(
    files: Sequence[Path],
    root: Path,
    songs: Sequence[Song],
    *,
    official: bool,
    listener: Listener,
) -> list[Finding]:
    """Say why a run would refuse features, which songs lack them, and which are the same by them.

    The features of each song are read and looked at as a run does it.
    """
    known = {twin: song for twin, song in SAME_RECORDING.items() if official}
    found = _known_twins(known)
    if frame_tables(files):
        words = f"frame-level features ({FOLDER}/<song_id>.csv)"
        _, refused = _taken(Opensmile(), "features", words, root, songs, listener)
        found += refused
    if any(path.name == TABLE for path in files):
        words = f"song-level features ({TABLE})"
        means, refused = _taken(OpensmileMeans(), "means", words, root, songs, listener)
        found += [*refused, *_unknown_twins(means, known)]
    return found


def _taken(
    feature: Precomputed,
    code: str,
    words: str,
    root: Path,
    songs: Sequence[Song],
    listener: Listener,
) -> tuple[Mapping[str, Frames], list[Finding]]:
    """Take a feature of the songs as a run does; return it, and all that it is refused for."""
    end = f"the feature `{feature.name}` is refused"
    try:
        frames = feature.read(root)
    except DataError as error:
        text = f"{words} cannot be read: {end}"
        reason = (str(error),)
        return {}, [
            Finding(code=f"{code}.refused", severity="left out", text=text, examples=reason)
        ]
    faults = {}
    listener.stage(feature.name, len(songs))
    for song in songs:
        try:
            if song.id in frames:
                check_frames(song, feature, frames[song.id])
        except DataError as error:
            faults[song.id] = str(error)
        listener.advance(song.id)
    return frames, [
        *about(
            {song.id for song in songs} - frames.keys(),
            f"without {words}: {end}",
            code=f"{code}.missing",
            severity="left out",
        ),
        *about(
            faults,
            f"whose {words} cannot be used: {end}",
            code=f"{code}.unusable",
            severity="left out",
            examples=[faults[song] for song in ordered(faults)],
            figures={"reasons": faults},
        ),
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
