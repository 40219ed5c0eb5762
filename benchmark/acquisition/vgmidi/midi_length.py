"""How long a Standard MIDI File plays: its tempo map, up to the end of its longest track.

After the Standard MIDI Files 1.0 specification (MIDI Manufacturers Association, 1988).
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmark.errors import DataError

DEFAULT_TEMPO = 500_000
"""Microseconds a quarter note where no tempo is set: 120 a minute."""
SET_TEMPO = 0x51
END_OF_TRACK = 0x2F
DATA_BYTES = {0x8: 2, 0x9: 2, 0xA: 2, 0xB: 2, 0xC: 1, 0xD: 1, 0xE: 2}
"""Bytes after the status byte of a channel message, by its upper half."""


def midi_seconds(content: bytes) -> float:
    """Return how many seconds a MIDI file lasts, from its start to the end of its longest track.

    Raises
    ------
    DataError
        On what is no MIDI file of format 0 or 1 that counts in quarter notes, or one cut short.
    """
    try:
        return _seconds(content)
    except IndexError as error:
        raise DataError("the MIDI file is cut short") from error


def _seconds(content: bytes) -> float:
    if content[:4] != b"MThd" or len(content) < 14:
        raise DataError("no MIDI file")
    form, division = _number(content[8:10]), _number(content[12:14])
    if form > 1 or not 0 < division < 0x8000:
        raise DataError("a MIDI file of a kind that is not read (format 2, or counted in frames)")
    tempi: list[tuple[int, int]] = []
    end = 0
    for track in _tracks(content, 8 + _number(content[4:8])):
        for tick, kind, data in _meta_events(track):
            end = max(end, tick)
            if kind == SET_TEMPO:
                tempi.append((tick, _number(data)))
    seconds, last, tempo = 0.0, 0, DEFAULT_TEMPO
    for tick, following in [*sorted(tempi, key=lambda event: event[0]), (end, 0)]:
        seconds += (tick - last) * tempo / division / 1e6
        last, tempo = tick, following
    return seconds


def _tracks(content: bytes, start: int) -> Iterator[bytes]:
    """Yield the bytes of each track; chunks of other kinds are passed over."""
    while start < len(content):
        kind, length = content[start : start + 4], _number(content[start + 4 : start + 8])
        body = content[start + 8 : start + 8 + length]
        if kind == b"MTrk":
            if len(body) < length:
                raise IndexError(length)
            yield body
        start += 8 + length


def _meta_events(track: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield (tick, kind, data) of the meta events of a track, until its end."""
    place = tick = status = 0
    while place < len(track):
        delta, place = _variable(track, place)
        tick += delta
        if track[place] >= 0x80:
            status = track[place]
            place += 1
        if status in (0xF0, 0xF7, 0xFF):
            kind = track[place] if status == 0xFF else -1
            length, place = _variable(track, place + (status == 0xFF))
            yield tick, kind, track[place : place + length]
            place += length
            if kind == END_OF_TRACK:
                return
        elif status >> 4 in DATA_BYTES:
            place += DATA_BYTES[status >> 4]
        else:
            raise DataError(f"the MIDI file holds a byte 0x{status:02X} where an event begins")
    if place > len(track):
        raise IndexError(place)
    yield tick, END_OF_TRACK, b""


def _variable(track: bytes, place: int) -> tuple[int, int]:
    """Return a number of 7 bits a byte, and where the next thing begins."""
    value = 0
    while True:
        byte = track[place]
        value, place = value << 7 | byte & 0x7F, place + 1
        if byte < 0x80:
            return value, place


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")
