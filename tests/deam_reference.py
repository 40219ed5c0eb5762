"""A slow, plain reader of a folder in DEAM's layout, written apart from the loader.

It says what a correct reading is. It knows fixed places of files and no audio, takes one cell at a
time, by the name above it, and numbers as exact decimals. A table that it cannot read, it refuses,
with words that a message to the user has to have.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

DYNAMIC = "annotations/annotations {what}/dynamic (per second annotations)"
LABELS = {
    target: f"{DYNAMIC.format(what='averaged per song')}/{target}.csv"
    for target in ("arousal", "valence")
}
RATERS = {
    (target, song): f"{DYNAMIC.format(what='per each rater')}/{target}/{song}.csv"
    for target, song in (("arousal", "7"), ("arousal", "1001"), ("valence", "1001"))
}
STATIC = "annotations/annotations averaged per song/song_level/static_annotations_averaged_songs_"
STATICS = (f"{STATIC}1_2000.csv", f"{STATIC}2000_2058.csv")
METADATA = ("metadata/metadata_2013.csv", "metadata/metadata_2014.csv")

PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")

Curve = dict[float, float]
"""Ratings by time in seconds, those that were given."""


class Refused(Exception):  # noqa: N818  (not an error: an answer)
    """A table must not be read; `args` are words that say where the mistake is."""


@dataclass
class Reading:
    """What a folder says, in plain words: by song, then by target."""

    labels: dict[str, dict[str, Curve]]
    raters: dict[str, dict[str, list[Curve]]]
    metadata: dict[str, tuple[str, str]]
    floors: dict[str, float]
    refused: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Tables that may be done without: words that a note about them has to have."""


def read_dynamic(root: Path) -> Reading:
    curves = {target: labels(root / place) for target, place in LABELS.items()}
    reading = Reading(
        {
            song: {target: curves[target].get(song, {}) for target in LABELS}
            for song in curves["arousal"].keys() | curves["valence"].keys()
            if any(curves[target].get(song) for target in LABELS)
        },
        raters={},
        metadata=metadata([root / place for place in METADATA]),
        floors={},
    )
    for song, by_target in reading.labels.items():
        times = [time for curve in by_target.values() for time in curve]
        said: dict[str, list[Curve]] = {}
        try:
            for (target, rated), place in RATERS.items():
                if rated == song:
                    rows = [between(row, min(times), max(times)) for row in raters(root / place)]
                    said[target] = [row for row in rows if row]
        except Refused as refused:
            reading.refused[place] = refused.args
        else:
            reading.raters[song] = {target: in_order(rows) for target, rows in said.items() if rows}
    try:
        rows = static([root / place for place in STATICS])
    except Refused as refused:
        reading.refused[STATIC] = refused.args
    else:
        for target in LABELS:
            squares = [
                row[f"{target}_std"] ** 2
                for song, row in rows.items()
                if song in reading.labels and not math.isnan(row[f"{target}_std"])
            ]
            if squares:
                reading.floors[target] = math.sqrt(sum(squares) / len(squares) / 4**2 / 10)
    return reading


def read_static(root: Path) -> dict[str, dict[str, Curve]]:
    """Return one label a song at its start, brought from 1 to 9 to [-1, 1]."""
    found = {}
    for song, row in static([root / place for place in STATICS]).items():
        means = {target: row[f"{target}_mean"] for target in LABELS}
        if not all(map(math.isnan, means.values())):
            found[song] = {
                target: {} if math.isnan(mean) else {0.0: (mean - 5) / 4}
                for target, mean in means.items()
            }
    return found


def between(curve: Curve, first: float, last: float) -> Curve:
    return {time: value for time, value in curve.items() if first <= time <= last}


def in_order(rows: list[Curve]) -> list[Curve]:
    return sorted(rows, key=lambda curve: sorted(curve.items()))


def labels(path: Path) -> dict[str, Curve]:
    table = lines(path)
    header = next(table, (0, [""]))[1]
    if header[0] != "song_id":
        raise Refused("song_id")
    times = [time_of(name) for name in header[1:]]
    evenly(times)
    found: dict[str, Curve] = {}
    for line, cells in table:
        song = name_of(cells[0], line)
        if song in found:
            raise Refused(f"line {line}:", f"song {song} ", "second row")
        if len(cells) != len(header):
            raise Refused(f"line {line}:", f"song {song} ", f"{len(cells)} cells")
        found[song] = {}
        for time, cell in zip(times, cells[1:], strict=True):
            if not missing(cell):
                where = (f"line {line}:", f"song {song},", f"'sample_{time * 1000:g}ms'")
                found[song][time] = number(cell, -1, 1, *where)
    if not any(found.values()):
        raise Refused("no rating")
    return found


def raters(path: Path) -> list[Curve]:
    """Return what each rater said, in the order of rows; raters may have said nothing."""
    table = lines(path)
    header = next(table, (0, [""]))[1]
    first = 0 if header[0].lower().startswith("sample") else 1
    times = [time_of(name) for name in header[first:]]
    if not times:
        raise Refused("no column")
    evenly(times)
    found = []
    for line, cells in table:
        if len(cells) != len(header):
            raise Refused(f"line {line}:", f"{len(cells)} cells")
        found.append({})
        for time, cell in zip(times, cells[first:], strict=True):
            if not missing(cell):
                where = (f"line {line}:", f"'sample_{time * 1000:g}ms'")
                found[-1][time] = number(cell, -1, 1, *where)
    return found


def static(paths: list[Path]) -> dict[str, dict[str, float]]:
    """Return the columns of each song that are used, NaN where a cell is empty."""
    wanted = [f"{target}_{of}" for target in LABELS for of in ("mean", "std")]
    found: dict[str, dict[str, float]] = {}
    for path in paths:
        table = lines(path)
        header = next(table, (0, [""]))[1]
        for name in ("song_id", *wanted):
            if header.count(name) != 1:
                raise Refused(name)
        before = len(found)
        for line, cells in table:
            if len(cells) != len(header):
                raise Refused(f"line {line}:", f"{len(cells)} cells")
            row = dict(zip(header, cells, strict=True))
            song = name_of(row["song_id"], line)
            if song in found:
                raise Refused(f"line {line}:", f"song {song} ", "second row")
            found[song] = {}
            for name in wanted:
                low, high = (1, 9) if name.endswith("mean") else (0, 8)
                where = (f"line {line}:", f"song {song},", f"'{name}'")
                found[song][name] = (
                    math.nan if missing(row[name]) else number(row[name], low, high, *where)
                )
        if len(found) == before:
            raise Refused("no song")
    return found


def metadata(paths: list[Path]) -> dict[str, tuple[str, str]]:
    """Return artist and album of the songs of which either is known."""
    joined: dict[str, tuple[str, str]] = {}
    for path in paths:
        table = lines(path)
        header = [name.lower() for name in next(table, (0, []))[1]]
        for name in ("song_id", "artist", "album"):
            if header.count(name) > 1:
                raise Refused(name, "twice")
        if "song_id" not in header or not {"artist", "album"} & set(header):
            continue
        here: dict[str, tuple[str, str]] = {}
        for line, cells in table:
            row = dict(zip(header, cells, strict=False))
            facts = known(row.get("artist", "")), known(row.get("album", ""))
            if row.get("song_id") and any(facts):
                song = name_of(row["song_id"], line)
                if here.setdefault(song, facts) != facts:
                    raise Refused(f"line {line}:", f"song {song} ")
        for song, facts in here.items():
            if joined.setdefault(song, facts) != facts:
                raise Refused(f"song {song} ")
    return joined


def lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the stripped cells of each line that is not blank."""
    text = path.read_bytes().decode("utf-8", errors="replace").removeprefix("\ufeff")
    for count, line in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        cells = [cell.strip() for cell in split(line)]
        if "\0" in line:
            raise Refused("UTF-8")
        if any(cells):
            yield count, cells


def split(line: str) -> list[str]:
    """Cut a line at its commas, but not at those in quotes; a quote opens where a cell begins."""
    cells = []
    rest: str | None = line
    while rest is not None:
        if rest.startswith('"'):
            quoted = re.match(r'"((?:[^"]|"")*)"(,|$)', rest)
            if not quoted:
                raise Refused
            cells.append(quoted[1].replace('""', '"'))
            rest = rest[quoted.end() :] if quoted[2] else None
        else:
            cell, comma, after = rest.partition(",")
            cells.append(cell)
            rest = after if comma else None
    return cells


def time_of(name: str) -> float:
    match = re.fullmatch(r"sample_([0-9]{1,9})ms", name)
    if not match or int(match[1]) % 500:
        raise Refused("column", "sample_<n>ms")
    return int(match[1]) / 1000


def evenly(times: list[float]) -> None:
    """Refuse times that are not half a second apart, in any order."""
    for time in times:
        if times.count(time) > 1:
            raise Refused("column", "twice")
        if time != max(times) and time + 0.5 not in times:
            raise Refused("no column")


def name_of(cell: str, line: int) -> str:
    match = re.fullmatch(r"0*([0-9]{1,9})(?:\.0*)?", cell)
    if not match:
        raise Refused(f"line {line}:", "song_id")
    return match[1]


def missing(cell: str) -> bool:
    return cell.lower() in ("", "nan")


def number(cell: str, low: int, high: int, *where: str) -> float:
    if not PLAIN.fullmatch(cell) or not low <= Decimal(cell) <= high:
        raise Refused(*where)
    return float(cell)


def known(cell: str) -> str:
    text = " ".join(cell.split())
    sound = (".mp3", ".wav", ".flac", ".ogg", ".opus", ".aif", ".aiff")
    return "" if text.lower() == "n/a" or text.lower().endswith(sound) else text
