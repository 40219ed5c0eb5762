"""VGMIDI's raw ratings, `vgmidi_raw_1.json` and `vgmidi_raw_2.json`: who rated which piece how."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchmark.errors import DataError

FULL_SONGS = {
    1: (13, 23, 36, 42, 64, 73, 87, 88),
    2: (6, 7, 12, 15, 22, 32, 34, 42, 55, 60, 87, 99),
}
"""Pieces, by file, that become full songs: twenty that last 90 s or more, drawn once.

They are those of the folder that the first results of this suite on VGMIDI were made with.
"""
SPAN = 500
"""Ids from the pieces of one file to those of the next."""

Rating = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]


@dataclass(frozen=True)
class Rater:
    """What one listener said about one piece: values in [-1, 1], one a stretch of the piece."""

    name: str
    arousal: tuple[float, ...]
    valence: tuple[float, ...]


@dataclass(frozen=True)
class Piece:
    """One rated piece: piece `number` of file `round`.

    `measures` is the number of equal stretches that were rated, `duration` how long what the
    raters heard lasted, in seconds (whole ones in the first file).
    """

    round: int
    number: int
    name: str
    midi: str
    measures: int
    duration: float
    raters: tuple[Rater, ...]

    @property
    def full(self) -> bool:
        """Whether it becomes a full song, and no excerpt."""
        return self.number in FULL_SONGS[self.round]

    @property
    def id(self) -> str:
        """Its id in DEAM's layout, which depends on no other piece.

        Piece 12 of the first file is 13, of the second 513; as a full song 2013 or 2513.
        """
        return str((self.round - 1) * SPAN + self.number + 1 + (2000 if self.full else 0))

    @property
    def source(self) -> str:
        """Where its ratings stand."""
        return f"piece{self.number} of vgmidi_raw_{self.round}.json"

    @property
    def series_and_game(self) -> tuple[str, str]:
        """What the name of its MIDI file says: `series_console_game_title.mid`."""
        parts = self.midi.split("_", 3)
        return (parts[0], parts[2]) if len(parts) == 4 else ("", "")


class _Curves(BaseModel):
    model_config = ConfigDict(strict=True)

    arousal: list[Rating]
    valence: list[Rating]


class _Entry(BaseModel):
    model_config = ConfigDict(strict=True)

    name: str
    midi: str
    measures: Annotated[int, Field(gt=0)]
    duration: Annotated[float, Field(gt=0, allow_inf_nan=False)]


class _File(BaseModel):
    annotations: dict[Annotated[str, Field(pattern=r"^piece\d{1,3}_\d+$")], _Curves]
    pieces: dict[Annotated[str, Field(pattern=r"^piece(0|[1-9]\d?|[1-4]\d\d)$")], _Entry]


def read_ratings(path: Path, number: int) -> tuple[list[Piece], list[str]]:
    """Return the pieces of file `number` that are described, and notes on those that are not.

    Raises
    ------
    DataError
        On a file that is not JSON, or in which a piece or a rater lacks something or holds what
        is no rating; it names the piece.
    """
    try:
        stored = _File.model_validate_json(path.read_bytes())
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    except ValidationError as error:
        raise DataError(f"{path}: {_first(error)}") from error
    raters: dict[str, list[Rater]] = defaultdict(list)
    for key in sorted(stored.annotations, key=_numbers):
        curves = stored.annotations[key]
        raters[key.split("_")[0]].append(Rater(key, tuple(curves.arousal), tuple(curves.valence)))
    pieces = [
        Piece(number, _numbers(key)[0], **vars(entry), raters=tuple(raters[key]))
        for key, entry in sorted(stored.pieces.items(), key=lambda item: _numbers(item[0]))
    ]
    unknown = sorted(raters.keys() - stored.pieces.keys(), key=_numbers)
    notes = [
        f"{path.name}: {', '.join(unknown)}: rated, but no entry in 'pieces' says which music; "
        f"left out"
    ]
    return pieces, notes if unknown else []


def _numbers(key: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", key)]


def _first(error: ValidationError) -> str:
    """Say in words what is wrong first, and where."""
    found = error.errors(include_url=False)[0]
    where = ", ".join(str(part) for part in found["loc"] if part != "[key]")
    value = repr(found["input"])[:40] if found["type"] != "json_invalid" else ""
    return ": ".join(part for part in (where, value, found["msg"]) if part)
