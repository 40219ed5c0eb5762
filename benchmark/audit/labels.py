"""The ratings as a whole: which columns and songs both tables have, and their range."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from benchmark.audit.finding import Finding, about, ordered
from benchmark.audit.label_tables import LabelTable
from benchmark.layout.labels import Labels
from benchmark.records import TARGETS


def rated_songs(labels: Labels) -> tuple[str, ...]:
    """Return the songs with a rating on either target, in order."""
    return ordered({song for of in labels.values() for song, by_start in of.items() if by_start})


def label_findings(tables: Mapping[str, LabelTable], labels: Labels) -> list[Finding]:
    """Say what is unusual about two tables and their ratings, but for the half seconds.

    `labels` are the ratings that are used: those of the tables, or fewer.
    """
    columns = {target: set(table.starts) for target, table in tables.items() if table.starts}
    rows = {target: set(table.labels) for target, table in tables.items() if table.labels}
    rated = rated_songs(labels)
    found = [
        *(_columns_differ(columns) if len(set(map(frozenset, columns.values()))) > 1 else ()),
        *about(
            set().union(*rows.values()) - set(rated),
            "with a row but no rating",
            code="labels.none",
            severity="left out",
        ),
    ]
    if len(rows) == len(TARGETS):
        for target in TARGETS:
            found.extend(_without(target, rows[target], rated, labels))
    return [*found, *_ranges(labels)]


def _columns_differ(columns: Mapping[str, Collection[int]]) -> list[Finding]:
    spans = [
        f"{target} from {min(starts) / 1000:.1f} to {max(starts) / 1000:.1f} s"
        for target, starts in columns.items()
    ]
    common = set.intersection(*map(set, columns.values()))
    return [
        Finding(
            code="labels.columns_differ",
            severity="handled",
            text=f"the tables have different columns ({', '.join(spans)}); joined on names",
            figures={
                "first_ms": {target: min(starts) for target, starts in columns.items()},
                "last_ms": {target: max(starts) for target, starts in columns.items()},
                "in_one_only": len(set().union(*columns.values()) - common),
            },
        )
    ]


def _without(
    target: str, rows: Collection[str], rated: Collection[str], labels: Labels
) -> list[Finding]:
    songs = [song for song in rated if not labels[target].get(song)]
    rowless = [song for song in songs if song not in rows]
    return about(
        songs,
        f"without any {target} rating ({len(rowless):,} without a row): left out where {target} "
        f"is a target",
        code=f"labels.no_{target}",
        severity="left out",
        figures={"without_row": rowless},
    )


def _ranges(labels: Labels) -> list[Finding]:
    ranges = {}
    for target, of in labels.items():
        values = [value for by_start in of.values() for value in by_start.values()]
        if values:
            ranges[target] = {"min": min(values), "max": max(values), "labels": len(values)}
    if not ranges:
        return []
    words = [
        f"{of['labels']:,} of {target} from {of['min']:.2f} to {of['max']:.2f}"
        for target, of in ranges.items()
    ]
    return [
        Finding(
            code="labels.range",
            severity="fact",
            text=f"labels: {', '.join(words)} (the scale is -1 to 1)",
            figures=ranges,
        )
    ]
