from __future__ import annotations

import numpy as np
import pytest
from vgmidi_clones import DIVISION, delta, midi, midi_file

from benchmark.acquisition.vgmidi.midi_length import midi_seconds
from benchmark.errors import DataError

END = bytes([0xFF, 0x2F, 0])


def tempo(ticks: int, microseconds: int) -> bytes:
    return delta(ticks) + bytes([0xFF, 0x51, 3]) + microseconds.to_bytes(3, "big")


def test_without_a_tempo_it_is_120_quarter_notes_a_minute() -> None:
    assert midi_seconds(midi(18.0)) == pytest.approx(18.0)


def test_a_tempo_holds_from_where_it_stands() -> None:
    track = tempo(4 * DIVISION, 1_000_000) + delta(3 * DIVISION) + END
    assert midi_seconds(midi_file([track])) == pytest.approx(4 * 0.5 + 3 * 1.0)


def test_of_two_tempi_at_a_moment_the_later_holds() -> None:
    track = tempo(0, 1_000_000) + tempo(0, 250_000) + delta(8 * DIVISION) + END
    assert midi_seconds(midi_file([track])) == pytest.approx(2.0)


def test_a_tempo_in_one_track_holds_for_the_longest() -> None:
    tracks = [tempo(0, 1_000_000) + delta(0) + END, delta(5 * DIVISION) + END]
    assert midi_seconds(midi_file(tracks)) == pytest.approx(5.0)


def test_what_is_neither_note_nor_tempo_is_passed_over() -> None:
    track = b"".join(
        delta(0) + event
        for event in (
            bytes([0xF0, 3, 1, 2, 0xF7]),
            bytes([0xC0, 5]),
            bytes([0xB0, 64, 127]),
            bytes([64, 0]),  # under the same status
            bytes([0xE3, 0, 64]),
            bytes([0xFF, 3, 2]) + b"ab",
        )
    )
    content = midi_file([track + delta(2 * DIVISION) + END])
    assert midi_seconds(content[:14] + b"XFIH\0\0\0\x02zz" + content[14:]) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no MIDI file"),
        (b"RIFF" + bytes(40), "no MIDI file"),
        (midi_file([delta(9) + END], form=2), "format 2"),
        (midi_file([delta(9) + END], division=0xE728), "in frames"),
        (midi()[:-2], "cut short"),
        (midi_file([delta(9) + bytes([0x90, 60])]), "cut short"),
        (midi_file([delta(9) + bytes([0x30, 60])]), "byte 0x00 where an event begins"),
    ],
)
def test_what_cannot_be_read_is_said(content: bytes, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        midi_seconds(content)


def test_damaged_bytes_give_a_length_or_the_reason() -> None:
    random = np.random.default_rng(0)
    whole = np.frombuffer(midi(notes=np.arange(0, 18, 0.5).tolist()), dtype=np.uint8)
    outcomes = set()
    for _ in range(300):
        spoilt = whole.copy()
        spoilt[random.integers(0, len(whole), 3)] = random.integers(0, 256, 3)
        try:
            outcomes.add(midi_seconds(spoilt.tobytes()) >= 0)
        except DataError:
            outcomes.add("refused")
    assert outcomes == {True, "refused"}
