"""Metadata tables: what forbids reading them, how ragged they are, and artists with many songs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from benchmark.audit.finding import Finding, about, counted, ordered
from benchmark.audit.metadata_form import form_findings
from benchmark.audit.mistakes import Mistakes
from benchmark.audit.subsets import by_subset
from benchmark.layout.metadata import CATCH_ALLS, METADATA, joined_metadata


def metadata_findings(files: Sequence[Path], root: Path, rated: Collection[str]) -> list[Finding]:
    """Say what is unusual about the tables `metadata_*.csv` and what they tell of rated songs."""
    tables = [path for path in files if path.match(METADATA)]
    found = [finding for path in tables for finding in form_findings(path, root)]
    mistakes = Mistakes(by=lambda mistake: (mistake.table, mistake.kind == "differ"))
    metadata, _ = joined_metadata(tables, mistakes)
    if mistakes.groups:
        return [*_refused(mistakes, root), *found]
    if tables and rated:
        found.extend(_songs(metadata, rated))
        found.extend(_artists(metadata, rated))
    return found


def _refused(mistakes: Mistakes, root: Path) -> list[Finding]:
    return [
        group.finding(
            "metadata.differ" if group.first.kind == "differ" else "metadata.refused",
            "unusable",
            f"{group.first.table.name}: {counted(group.count, 'mistake')}",
            root,
        )
        for group in mistakes.groups.values()
    ]


def _songs(metadata: Mapping[str, Mapping[str, str]], rated: Collection[str]) -> list[Finding]:
    return [
        *about(
            set(rated) - metadata.keys(),
            "without metadata: each counts as an artist of its own",
            code="metadata.missing",
            severity="handled",
        ),
        *about(
            metadata.keys() - set(rated),
            "with metadata, but no ratings",
            code="metadata.unrated",
            severity="fact",
        ),
    ]


def _artists(metadata: Mapping[str, Mapping[str, str]], rated: Collection[str]) -> list[Finding]:
    """Say how many songs share their artist with another one, within each subset and in all."""
    artists: dict[str, str] = {}
    nobody = []
    for song in set(rated) & metadata.keys():
        artist = metadata[song]["artist"].casefold()
        if artist in CATCH_ALLS:
            nobody.append(song)
        else:
            artists[song] = artist
    figures, words = {}, []
    for subset, songs in {**by_subset(rated), "all": ordered(rated)}.items():
        counts = Counter(artists[song] for song in songs if song in artists)
        sharing = [song for song in songs if song in artists and counts[artists[song]] > 1]
        words.append(f"{len(sharing):,} of {len(songs):,} in {subset}")
        figures[subset] = {
            "songs": len(songs),
            "artists": len(counts),
            "sharing": len(sharing),
            "songs_sharing": sharing,
        }
    found = about(
        nobody,
        "whose artist is not known, or a catch-all such as 'Other': folds by artist take the "
        "album instead, or the song alone",
        code="metadata.catch_all",
        severity="handled",
    )
    if artists:
        found.append(
            Finding(
                code="metadata.artists_shared",
                severity="fact",
                text=f"songs that share their artist with another: {', '.join(words)}; "
                f"`group: artist` keeps them on one side of a split",
                figures=figures,
            )
        )
    return found
