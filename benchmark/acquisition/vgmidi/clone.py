"""Finds ratings and MIDI in a clone of VGMIDI's repository, wherever in it they lie."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.acquisition.vgmidi.labels import GridRatings, label
from benchmark.acquisition.vgmidi.midi_length import midi_seconds
from benchmark.acquisition.vgmidi.ratings import Piece, read_ratings
from benchmark.errors import DataError
from benchmark.layout.files import files_below

REPOSITORY = "https://github.com/lucasnfe/vgmidi"
EXCERPT, FULL = 45.0, 180.0
"""Seconds after which an excerpt and a full song are cut."""
TAIL = 2.0
"""Seconds that the last notes ring on, where the piece is not cut."""
TOLERANCE = 0.1
"""How much longer or shorter the MIDI may be than what was rated, as a share; 4 % are known."""


@dataclass(frozen=True)
class Excerpt:
    """A piece with its music and its labels."""

    piece: Piece
    midi: Path
    midi_hash: str
    seconds: float
    labels: GridRatings


@dataclass(frozen=True)
class Material:
    """What a clone holds: excerpts by id, notes, and what is wrong with pieces that are missing."""

    excerpts: Mapping[str, Excerpt]
    notes: Sequence[str]
    missing: Sequence[str]


def read_clone(folder: Path) -> Material:
    """Read all ratings below a folder, find their MIDI, and label them.

    Raises
    ------
    DataError
        If there are no ratings, or they cannot be read. A MIDI file that is not there or cannot be
        used costs its piece only.
    """
    if not folder.is_dir():
        raise DataError(f"--from {folder}: no such folder; {_how()}")
    files = files_below(folder)
    pieces, notes = _pieces(folder, files)
    by_name: dict[str, list[Path]] = defaultdict(list)
    for path in files:
        by_name[path.name].append(path)
    excerpts, missing = {}, []
    for near, piece in pieces:
        try:
            excerpts[piece.id] = _excerpt(piece, by_name[piece.midi], near)
        except (DataError, OSError) as error:
            missing.append(f"{piece.name} ({piece.source}, {piece.midi}): {error}")
    odd = sum(
        len(excerpt.piece.raters) - len(excerpt.labels.raters) for excerpt in excerpts.values()
    )
    if odd:
        notes.append(f"{odd} raters with more or fewer values than their piece has parts; left out")
    if not excerpts:
        raise DataError(f"--from {folder}: no piece can be used: {'; '.join(missing[:3])}")
    return Material(excerpts, notes, missing)


def _pieces(folder: Path, files: Sequence[Path]) -> tuple[list[tuple[Path, Piece]], list[str]]:
    """Return the pieces of both files of ratings, each with the file it stands in, and notes."""
    pieces: list[tuple[Path, Piece]] = []
    notes: list[str] = []
    for number in (1, 2):
        name = f"vgmidi_raw_{number}.json"
        found = [path for path in files if path.name == name]
        if not found:
            notes.append(f"{name}: not there; its pieces are left out")
            continue
        path = _same(found)
        described, said = read_ratings(path, number)
        pieces.extend((path, piece) for piece in described)
        notes.extend(said)
    if not pieces:
        raise DataError(f"--from {folder}: no ratings (vgmidi_raw_1.json) below it; {_how()}")
    return pieces, notes


def _excerpt(piece: Piece, found: Sequence[Path], near: Path) -> Excerpt:
    if not found:
        raise DataError("no such MIDI file")
    nearest = max(_shared(path, near) for path in found)
    midi = _same([path for path in found if _shared(path, near) == nearest])
    content = midi.read_bytes()
    length = midi_seconds(content)
    if abs(length / piece.duration - 1) > TOLERANCE:
        raise DataError(
            f"the MIDI file lasts {length:.1f} s, what was rated {piece.duration:.1f} s"
        )
    limit = FULL if piece.full else EXCERPT
    return Excerpt(
        piece,
        midi.absolute(),
        hashlib.sha256(content).hexdigest(),
        min(limit, length + TAIL),
        label(piece, length, limit),
    )


def _same(paths: Sequence[Path]) -> Path:
    """Return one of several equal files."""
    if len({path.read_bytes() for path in paths}) > 1:
        raise DataError(f"{' and '.join(map(str, paths))} differ; keep one of them")
    return paths[0]


def _shared(path: Path, other: Path) -> int:
    """Return how many folders two files share: of two MIDI of a name, the nearer was rated."""
    return len(Path(os.path.commonpath([path, other])).parts)


def _how() -> str:
    return f"git clone {REPOSITORY}, and give that folder"
