"""The three subsets of DEAM, by id, and how many songs of them are there."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from benchmark.audit.finding import Finding, counted, ordered
from benchmark.layout.subsets import subset_of

EXPECTED = {"1-1000": 744, "1001-2000": 1000, "2001-": 58}
"""Songs of DEAM by subset: of 2013, of 2014, and full songs of 2015."""
LAST_OF_DEAM = 2058


def by_subset(songs: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the songs of each subset that has any, in order."""
    found: dict[str, list[str]] = {}
    for song in ordered(songs):
        found.setdefault(subset_of(song), []).append(song)
    return {subset: tuple(of) for subset, of in found.items()}


def looks_like_deam(songs: Collection[str]) -> bool:
    """Tell whether so many ids are those of DEAM that the others can be said to be missing."""
    in_range = all(1 <= int(song) <= LAST_OF_DEAM for song in songs)
    return in_range and 2 * len(songs) > sum(EXPECTED.values())


def expected(songs: Collection[str]) -> Mapping[str, int]:
    """Return how many songs a subset should have; nothing where the data is not DEAM."""
    return EXPECTED if looks_like_deam(songs) else {}


def id_findings(rated: Collection[str]) -> list[Finding]:
    """Say which numbers between the ids of a subset belong to no song, and what DEAM has more."""
    unused = {}
    for subset, songs in by_subset(rated).items():
        unused[subset] = int(songs[-1]) - int(songs[0]) + 1 - len(songs)
    findings = []
    total = sum(unused.values())
    if total:
        ranges = ", ".join(f"{count:,} in {subset}" for subset, count in unused.items() if count)
        findings.append(
            Finding(
                code="songs.id_gaps",
                severity="fact",
                text=f"ids have gaps: {counted(total, 'number')} between the first and the last "
                f"id of a subset without a song ({ranges})",
                figures={"unused": unused},
            )
        )
    found = by_subset(rated)
    for subset, count in expected(rated).items():
        here = len(found.get(subset, ()))
        if here != count:
            findings.append(
                Finding(
                    code="songs.expected",
                    severity="fact",
                    text=f"{here:,} rated songs in {subset}, DEAM has {count:,}",
                    figures={"subset": subset, "rated": here, "expected": count},
                )
            )
    return findings
