"""Static ratings: what forbids reading them, odd columns, and how well dynamic ones agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan
from pathlib import Path

import numpy as np

from benchmark.audit.finding import Finding, about, counted
from benchmark.audit.labels import rated_songs
from benchmark.audit.mistakes import Mistakes
from benchmark.audit.raw import header_of, spaced
from benchmark.audit.subsets import by_subset
from benchmark.errors import DataError
from benchmark.layout.labels import STATIC, Labels, static_tables
from benchmark.layout.static import SCALE, Ratings, read_static
from benchmark.records import TARGETS

FEWEST = 3
"""Songs from which on a correlation is told."""


def static_findings(files: Sequence[Path], root: Path, labels: Labels) -> list[Finding]:
    """Say what is unusual about the static ratings, and compare them with the dynamic ones."""
    tables = [path for path in files if path.match(STATIC)]
    found = [finding for path in tables for finding in _header(path, root)]
    mistakes = Mistakes()
    try:
        ratings = read_static(static_tables(files, root), mistakes)
    except DataError as error:
        return [*_refused(1, [str(error)]), *found]
    if mistakes.groups:
        (group,) = mistakes.groups.values()
        return [*_refused(group.count, group.examples), *found]
    if not ratings:
        return found
    return [*found, *_songs(ratings, labels), *_ranges(ratings), *_agreement(ratings, labels)]


def _header(path: Path, root: Path) -> list[Finding]:
    name = path.name
    table = str(path.relative_to(root))
    header = header_of(path)
    found = []
    if spaced(header):
        found.append(
            Finding(
                code="static.header_spaces",
                severity="handled",
                text=f"{name}: {counted(len(spaced(header)), 'column name')} with spaces around; "
                f"joined on the names without them",
                figures={"table": table, "columns": len(spaced(header))},
            )
        )
    broken = [cell.strip() for cell in header if len(cell.split()) > 1]
    if broken:
        quoted = ", ".join(f"'{cell[:40]}'" for cell in broken[:5])
        found.append(
            Finding(
                code="static.broken_name",
                severity="handled",
                text=f"{name}: {counted(len(broken), 'column name')} with a space inside "
                f"({quoted}); the suite does not read them",
                figures={"table": table, "columns": broken},
            )
        )
    return found


def _refused(count: int, mistakes: Sequence[str]) -> list[Finding]:
    return [
        Finding(
            code="static.refused",
            severity="left out",
            text=f"static ratings cannot be read ({counted(count, 'mistake')}): "
            f"`ratings: static` is refused, and the leakage alarm does without their floor",
            examples=tuple(mistakes),
            figures={"count": count},
        )
    ]


def _songs(ratings: Ratings, labels: Labels) -> list[Finding]:
    rated = set(rated_songs(labels))
    static = {song for song, of in ratings.items() if not isnan(of[TARGETS[0]].mean)}
    return [
        *about(
            rated - static,
            "with dynamic, but no static ratings",
            code="static.missing",
            severity="fact",
        ),
        *about(
            static - rated,
            "with static, but no dynamic ratings",
            code="static.only",
            severity="fact",
        ),
    ]


def _ranges(ratings: Ratings) -> list[Finding]:
    means = {
        target: [of[target].mean for of in ratings.values() if not isnan(of[target].mean)]
        for target in TARGETS
    }
    ranges = {target: {"min": min(of), "max": max(of)} for target, of in means.items() if of}
    words = [f"{target} {of['min']:g} to {of['max']:g}" for target, of in ranges.items()]
    low, high = SCALE
    return [
        Finding(
            code="static.range",
            severity="fact",
            text=f"static means: {', '.join(words)} (the scale is {low:g} to {high:g})",
            figures=ranges,
        )
    ]


def _agreement(ratings: Ratings, labels: Labels) -> list[Finding]:
    """Correlate the mean of each song's labels with its static rating (Pearson), by subset."""
    means: Mapping[str, Mapping[str, float]] = {
        target: {song: float(np.mean([*of.values()])) for song, of in labels[target].items() if of}
        for target in TARGETS
    }
    groups = by_subset(rated_songs(labels))
    figures: dict[str, dict[str, float]] = {}
    for subset, songs in {**groups, "all": rated_songs(labels)}.items():
        for target in TARGETS:
            pairs = [
                (means[target][song], ratings[song][target].mean)
                for song in songs
                if song in means[target]
                and song in ratings
                and not isnan(ratings[song][target].mean)
            ]
            if len(pairs) >= FEWEST and all(
                len(set(side)) > 1 for side in zip(*pairs, strict=True)
            ):
                r = float(np.corrcoef(np.array(pairs).T)[0, 1])
                figures.setdefault(subset, {})[target] = round(r, 4)
    if not figures:
        return []
    words = [
        f"{subset}: " + ", ".join(f"{target} {r:.2f}" for target, r in of.items())
        for subset, of in figures.items()
    ]
    return [
        Finding(
            code="static.agreement",
            severity="fact",
            text=f"static against dynamic ratings, Pearson r of song means, {'; '.join(words)}",
            figures=figures,
        )
    ]
