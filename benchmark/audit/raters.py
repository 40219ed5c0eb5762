"""Tables per rater: how many raters, who ends elsewhere, and whether their mean is the label."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark.audit.finding import Finding, about, counted, span
from benchmark.audit.grids import grids_of
from benchmark.errors import DataError
from benchmark.interfaces import Floats
from benchmark.layout.files import only, rater_tables
from benchmark.layout.labels import Labels
from benchmark.layout.ratings import rater_columns, read_raters
from benchmark.layout.tables import STEP, rows
from benchmark.records import TARGETS, Song

AGREES = 0.01
"""Difference, on [-1, 1], between the mean of the raters and the averaged table that is small."""


@dataclass(frozen=True)
class RaterTable:
    """What the raters of one song said about one target.

    `first` is the label start (ms) of the first column of `ratings`, (n_raters, n_labels). `names`
    says whether a column tells who rated.
    """

    song: str
    names: bool
    first: int
    ratings: Floats


def rater_findings(
    files: Sequence[Path], root: Path, labels: Labels, loaded: Sequence[Song]
) -> list[Finding]:
    """Say what is unusual about the tables per rater, and compare them with the averages.

    What `loaded` songs have of them is not read again.
    """
    songs = {song.id: song for song in loaded}
    found = rater_tables(files, root)
    if not found:
        return []
    refused: dict[str, str] = {}
    tables: dict[str, list[RaterTable]] = {target: [] for target in TARGETS}
    for song, by_target in found.items():
        for target, paths in by_target.items():
            try:
                path = only(f"tables of {target} per rater", paths, root)
                tables[target].append(_read(song, target, path, songs.get(song)))
            except DataError as error:
                refused.setdefault(song, str(error))
    grids = grids_of(labels)
    return [
        *about(
            refused,
            "whose ratings per rater cannot be read: anchors do without them",
            code="raters.refused",
            severity="left out",
            examples=list(refused.values()),
            figures={"reasons": refused},
        ),
        *_numbers(tables),
        *_lengths(tables),
        *_beside(tables, grids),
        *_agreement(tables, labels),
        *_songs(found, grids),
    ]


def _read(song: str, target: str, path: Path, loaded: Song | None) -> RaterTable:
    _, header = next(rows(path), (0, [""]))
    first, starts = rater_columns(path, header)
    if loaded and target in loaded.ratings:
        begin, end = (round(1000 * time) for time in loaded.times[[0, -1]])
        if begin <= min(starts) and max(starts) <= end:  # nothing was left out
            return RaterTable(song, bool(first), begin, loaded.ratings[target])
    grid = range(min(starts), max(starts) + STEP, STEP)
    return RaterTable(song, bool(first), grid[0], read_raters(path, grid))


def _numbers(tables: Mapping[str, Sequence[RaterTable]]) -> list[Finding]:
    named = {t: sum(table.names for table in of) for t, of in tables.items()}
    raters = {t: [len(table.ratings) for table in of] for t, of in tables.items()}
    both = sorted(number for of in raters.values() for number in of)
    if not both:
        return []
    without = len(both) - sum(named.values())
    return [
        Finding(
            code="raters.number",
            severity="fact",
            text=f"{span(both)} raters a song (median {np.median(both):g}) in "
            f"{counted(len(both), 'table')}: {sum(named.values()):,} name them in a first column, "
            f"{without:,} do not",
            figures={
                target: {
                    "tables": len(raters[target]),
                    "with_rater_names": named[target],
                    "min": min(raters[target], default=0),
                    "max": max(raters[target], default=0),
                }
                for target in tables
            },
        )
    ]


def _lengths(tables: Mapping[str, Sequence[RaterTable]]) -> list[Finding]:
    """Find raters whose ratings begin or end elsewhere than those of most others of the song."""
    found: dict[str, int] = defaultdict(int)
    for table in (table for of in tables.values() for table in of):
        given = np.isfinite(table.ratings)
        if given.any():
            first = given.argmax(axis=1)
            last = given.shape[1] - given[:, ::-1].argmax(axis=1)
            spans, counts = np.unique(np.stack([first, last]), axis=1, return_counts=True)
            if spans.shape[1] > 1:
                found[table.song] += int(counts.sum() - counts.max())
    return about(
        found,
        f"with raters whose ratings begin or end elsewhere than those of the others "
        f"({counted(sum(found.values()), 'rater')}): each counts where there is a rating",
        code="raters.lengths",
        severity="handled",
        figures={"raters": dict(found)},
    )


def _beside(
    tables: Mapping[str, Sequence[RaterTable]], grids: Mapping[str, Sequence[int]]
) -> list[Finding]:
    found: dict[str, int] = defaultdict(int)
    for table in (table for of in tables.values() for table in of):
        if table.song in grids:
            given = table.first + STEP * np.flatnonzero(np.isfinite(table.ratings).any(axis=0))
            start, end = grids[table.song][0], grids[table.song][-1]
            found[table.song] += int(np.sum((given < start) | (given > end)))
    beside = {song: number for song, number in found.items() if number}
    return about(
        beside,
        "with ratings per rater before or after the averaged ones: not used",
        code="raters.beside",
        severity="handled",
        figures={"half_seconds": beside},
    )


def _agreement(tables: Mapping[str, Sequence[RaterTable]], labels: Labels) -> list[Finding]:
    """Compare the mean over raters of each half second with the averaged table."""
    differences: dict[str, float] = {}
    for target, of in tables.items():
        for table in of:
            averaged = labels[target].get(table.song, {})
            columns = [
                (start, (start - table.first) // STEP)
                for start in averaged
                if 0 <= start - table.first < STEP * table.ratings.shape[1]
            ]
            given = table.ratings[:, [column for _, column in columns]]
            rated = np.isfinite(given).any(axis=0) if len(given) else np.zeros(0, dtype=bool)
            if rated.any():
                expected = np.array([averaged[start] for start, _ in columns])[rated]
                mean = np.nanmean(given[:, rated], axis=0)
                largest = float(np.abs(mean - expected).max())
                differences[table.song] = max(largest, differences.get(table.song, 0.0))
    if not differences:
        return []
    apart = {song: round(value, 6) for song, value in differences.items() if value > AGREES}
    share = f"{len(differences) - len(apart):,} of {len(differences):,} songs"
    return [
        Finding(
            code="raters.mean",
            severity="fact",
            text=f"the mean over raters is the averaged rating, within {AGREES:g}, in {share}; "
            f"the largest difference is {max(differences.values()):.2g}",
            songs=tuple(sorted(apart, key=int)),
            figures={"largest": max(differences.values()), "apart": apart},
        )
    ]


def _songs(
    found: Mapping[str, Collection[str]], grids: Mapping[str, Sequence[int]]
) -> list[Finding]:
    return [
        *about(
            grids.keys() - found.keys(),
            "without ratings per rater",
            code="raters.missing",
            severity="fact",
        ),
        *about(
            found.keys() - grids.keys(),
            "with ratings per rater, but no averaged ones",
            code="raters.unrated",
            severity="fact",
        ),
    ]
