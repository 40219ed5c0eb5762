"""The half seconds of each song: how many labels it has, and where some are missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

from benchmark.audit.finding import Finding, about, ordered, span
from benchmark.audit.subsets import by_subset
from benchmark.datasets.deam import STRAY
from benchmark.layout.labels import Labels
from benchmark.layout.subsets import LAST_EXCERPT
from benchmark.layout.tables import FIRST_LABEL, STEP
from benchmark.records import TARGETS

EXCERPT_LABELS = 60
"""Labels of an excerpt of DEAM: from 15.0 s to 44.5 s."""

Grids = Mapping[str, Sequence[int]]
"""By song: the label starts (ms) rated on either target, in order."""


def grids_of(labels: Labels) -> Grids:
    """Return the rated label starts of each song that has any."""
    songs = ordered(set().union(*labels.values()))
    either = {song: set().union(*(of.get(song, {}) for of in labels.values())) for song in songs}
    return {song: sorted(starts) for song, starts in either.items() if starts}


def without_stray(labels: Labels) -> Labels:
    """Return the ratings without the two of DEAM that the dataset leaves out."""
    return {
        target: {
            song: {
                start: value
                for start, value in by_start.items()
                if target != "valence" or STRAY.get(song) != start
            }
            for song, by_start in of.items()
        }
        for target, of in labels.items()
    }


def stray_findings(labels: Labels, *, official: bool) -> list[Finding]:
    """Find last labels that stand apart: after a gap that is at least as long as they are."""
    found = {}
    for song, starts in grids_of(labels).items():
        gaps = [(start, after) for start, after in pairwise(starts) if after > start + STEP]
        if gaps:
            before, after = gaps[-1]
            apart = [start for start in starts if start >= after]
            if (after - before) // STEP > len(apart):
                found[song] = before, apart
    known = official and found.keys() <= STRAY.keys()
    return about(
        found,
        "whose last labels stand apart, after a gap: "
        + ("known of DEAM, left out" if known else "kept; the gap is masked"),
        code="labels.stray",
        severity="handled",
        examples=[
            f"song {song}: {_values(labels, song, apart[0])} at {_seconds(apart[0])}, the label "
            f"before it at {_seconds(before)}"
            for song, (before, apart) in found.items()
        ],
        figures={"at_ms": {song: apart for song, (_, apart) in found.items()}},
    )


def grid_findings(labels: Labels, columns: Mapping[str, Sequence[int]]) -> list[Finding]:
    """Say how many labels songs have, and where some are missing.

    `columns` are the label starts (ms) that the table of each target has a column for.
    """
    grids = grids_of(labels)
    first = {song: starts[0] for song, starts in grids.items() if starts[0] != FIRST_LABEL}
    return [
        *_lengths(grids),
        *_unusual_lengths(grids),
        *about(
            first,
            f"whose first label is not at {_seconds(FIRST_LABEL)} but "
            f"{span([_seconds(start) for start in sorted(first.values())])}",
            code="labels.first",
            severity="fact",
            figures={"first_ms": first},
        ),
        *_flat(labels, grids),
        *_masked(labels, columns),
        *_sides(labels, grids),
    ]


def _lengths(grids: Grids) -> list[Finding]:
    if not grids:
        return []
    figures, words = {}, []
    for subset, songs in by_subset(grids).items():
        counts = Counter(len(grids[song]) for song in songs)
        often, times = counts.most_common(1)[0]
        figures[subset] = {str(length): number for length, number in sorted(counts.items())}
        mostly = f", {often:,} in {times:,} of {len(songs):,} songs" if len(counts) > 1 else ""
        lengths = span([f"{length:,}" for length in sorted(counts)])
        words.append(f"{subset}: {lengths}{mostly if times > len(songs) / 2 else ''}")
    text = f"labels a song: {'; '.join(words)}"
    return [Finding(code="labels.per_song", severity="fact", text=text, figures=figures)]


def _unusual_lengths(grids: Grids) -> list[Finding]:
    lengths = {s: len(starts) for s, starts in grids.items() if int(s) <= LAST_EXCERPT}
    found = []
    for code, odd in (
        ("fewer", {song: n for song, n in lengths.items() if n < EXCERPT_LABELS}),
        ("more", {song: n for song, n in lengths.items() if n > EXCERPT_LABELS}),
    ):
        found += about(
            odd,
            f"with {code} than {EXCERPT_LABELS} labels: {span(sorted(odd.values()))}; used as "
            f"they are",
            code=f"labels.{code}",
            severity="fact",
            noun="excerpt",
            figures={"labels": odd},
        )
    return found


def _flat(labels: Labels, grids: Grids) -> list[Finding]:
    flat = {
        song: [target for target, of in labels.items() if len(set(of.get(song, {}).values())) == 1]
        for song in grids
    }
    return about(
        [song for song, targets in flat.items() if targets],
        "whose ratings of a target never change: no correlation is defined for it",
        code="labels.flat",
        severity="fact",
        figures={"targets": {song: targets for song, targets in flat.items() if targets}},
    )


def _masked(labels: Labels, columns: Mapping[str, Sequence[int]]) -> list[Finding]:
    """Count half seconds without a rating: between ratings of a target, and after its last one."""
    inside: dict[str, dict[str, int]] = {target: {} for target in TARGETS}
    beside = dict.fromkeys(TARGETS, 0)
    for target, of in labels.items():
        for song, by_start in of.items():
            if by_start:
                length = (max(by_start) - min(by_start)) // STEP + 1
                beside[target] += len(columns[target]) - length
                if len(by_start) < length:
                    inside[target][song] = length - len(by_start)
    counts = [f"{sum(of.values()):,} of {target}" for target, of in inside.items()]
    return about(
        set().union(*inside.values()),
        f"with half seconds without a rating between others ({', '.join(counts)}): masked in "
        f"training and scoring, never filled",
        code="labels.masked",
        severity="handled",
        figures={"inside": inside, "empty_cells_before_and_after": beside},
    )


def _sides(labels: Labels, grids: Grids) -> list[Finding]:
    both = [song for song in grids if all(of.get(song) for of in labels.values())]
    differ = [song for song in both if len({frozenset(of[song]) for of in labels.values()}) > 1]
    return about(
        differ,
        "rated on arousal and valence at different half seconds: joined on names, masked where "
        "one is missing",
        code="labels.sides",
        severity="handled",
        figures={
            "labels": {
                song: {target: len(of[song]) for target, of in labels.items()} for song in differ
            }
        },
    )


def _values(labels: Labels, song: str, start: int) -> str:
    return " and ".join(
        f"{target} {of[song][start]:g}"
        for target, of in labels.items()
        if start in of.get(song, {})
    )


def _seconds(start: int) -> str:
    return f"{start / 1000:.1f} s"
