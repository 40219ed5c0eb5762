"""A tiny clone of VGMIDI, its MIDI made from bytes, and stand-ins for FluidSynth."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

DIVISION = 96
"""Ticks a quarter note."""
STAND_IN = """#!/bin/sh
for midi; do :; done
case "$midi" in
--version) echo "FluidSynth executable version {version}" ;;
*Hang*) exec sleep 600 ;;
*Crash*) kill -SEGV $$ ;;
*Refuse*) echo "fluidsynth: error: no such thing" >&2; exit 3 ;;
*Short*) head -c 100000 /dev/zero | tr '\\0' 'a' ;;
*Silent*) exec head -c 9000000 /dev/zero ;;
*Wait*) while [ ! -e "$0.go" ]; do sleep 0.05; done; yes abcd | head -c 9000000 ;;
*) yes abcd | head -c 9000000 ;;
esac
"""


def midi(seconds: float = 18.0, *, notes: Sequence[float] = (0.0,), events: bytes = b"") -> bytes:
    """Return a MIDI file of 120 quarter notes a minute: short notes of A4 at some seconds."""
    track, now = bytearray(events), 0
    for start in notes:
        at = round(start * 2 * DIVISION)
        track += delta(at - now) + bytes([0x90, 69, 100]) + delta(12) + bytes([69, 0])
        now = at + 12
    track += delta(round(seconds * 2 * DIVISION) - now) + bytes([0xFF, 0x2F, 0])
    return midi_file([bytes(track)])


def midi_file(tracks: Sequence[bytes], *, form: int = 1, division: int = DIVISION) -> bytes:
    """Return a MIDI file with these tracks."""
    head = b"".join(number.to_bytes(2, "big") for number in (form, len(tracks), division))
    chunks = [(b"MThd", head), *((b"MTrk", track) for track in tracks)]
    return b"".join(kind + len(body).to_bytes(4, "big") + body for kind, body in chunks)


def delta(ticks: int) -> bytes:
    """Return a number of ticks as a MIDI file has it: 7 bits a byte."""
    digits = [ticks & 0x7F]
    while ticks := ticks >> 7:
        digits.append(ticks & 0x7F | 0x80)
    return bytes(reversed(digits))


def entry(
    title: str, *, measures: int = 9, duration: float = 18.0, series: str = "Series"
) -> dict[str, Any]:
    """Return what `pieces` says of a piece."""
    name = f"{series}_NES_The Game_{title}.mid"
    return {"name": title, "midi": name, "measures": measures, "duration": duration, "audio": ""}


def curve(arousal: Sequence[float], valence: Sequence[float] | None = None) -> dict[str, Any]:
    """Return what one rater said."""
    return {"arousal": arousal, "valence": arousal if valence is None else valence, "age": "21-25"}


def write_clone(
    folder: Path,
    titles: Sequence[str] = ("One", "Two"),
    *,
    inside: str = "vgmidi/labelled",
    content: bytes | None = None,
) -> Path:
    """Write a clone: a piece per title in the first file, each with two raters and a MIDI file."""
    pieces = {f"piece{number}": entry(title) for number, title in enumerate(titles)}
    annotations = {
        f"{key}_{rater}": curve([rater * 0.1 + part * 0.01 for part in range(9)])
        for key in pieces
        for rater in (1, 2)
    }
    write_ratings(folder / inside / "annotations", 1, pieces=pieces, annotations=annotations)
    write_ratings(folder / inside / "annotations", 2, pieces={}, annotations={})
    (folder / inside / "midi").mkdir(parents=True)
    for number, described in enumerate(pieces.values()):
        music = content or midi(notes=[0.5 * number])
        (folder / inside / "midi" / described["midi"]).write_bytes(music)
    return folder


def write_ratings(folder: Path, number: int, **stored: Any) -> Path:
    """Write a file of ratings."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"vgmidi_raw_{number}.json"
    path.write_text(json.dumps(stored))
    return path


def write_program(folder: Path, *, version: str = "2.3.1") -> Path:
    """Write a stand-in for FluidSynth that does what the name of the MIDI file says.

    *Wait* waits for a file `fluidsynth.go` beside it.
    """
    folder.mkdir(exist_ok=True)
    program = folder / "fluidsynth"
    program.write_text(STAND_IN.replace("{version}", version))
    program.chmod(0o755)
    return program


def write_soundfont(folder: Path, *, more: bytes = b"") -> Path:
    """Write what begins as a soundfont does."""
    path = folder / "tiny.sf2"
    path.write_bytes(b"RIFF\0\0\0\0sfbk" + more)
    return path
