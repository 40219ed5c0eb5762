"""Metadata tables: what forbids reading them, how ragged they are, and artists with many songs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from benchmark.audit.finding import EXAMPLES, Finding, about, counted, ordered
from benchmark.audit.metadata_form import form_findings
from benchmark.audit.raw import raw_rows
from benchmark.audit.subsets import by_subset
from benchmark.errors import DataError
from benchmark.layout.metadata import (
    CATCH_ALLS,
    METADATA,
    column_of_ids,
    joined_metadata,
    read_metadata,
)
from benchmark.layout.tables import song_id


def metadata_findings(files: Sequence[Path], root: Path, rated: Collection[str]) -> list[Finding]:
    """Say what is unusual about the tables `metadata_*.csv` and what they tell of rated songs."""
    tables = [path for path in files if path.match(METADATA)]
    found = [finding for path in tables for finding in form_findings(path, root)]
    try:
        metadata, _ = joined_metadata(tables)
    except DataError as error:
        return [*_refused(tables, root, str(error)), *found]
    if tables and rated:
        found.extend(_songs(metadata, rated))
        found.extend(_artists(metadata, rated))
    return found


def _refused(tables: Sequence[Path], root: Path, refusal: str) -> list[Finding]:
    """Return all mistakes in these tables; the one they are refused for, if no other is found."""
    found, good = [], []
    for path in tables:
        try:
            good.append(path)
            read_metadata(path)
        except DataError as error:
            good.pop()
            mistakes = list(_mistakes(path))
            if str(error) not in mistakes:
                mistakes.append(str(error))
            found.append(
                Finding(
                    code="metadata.refused",
                    severity="unusable",
                    text=f"{path.name}: {counted(len(mistakes), 'mistake')}",
                    examples=tuple(mistakes[:EXAMPLES]),
                    figures={"table": str(path.relative_to(root)), "count": len(mistakes)},
                )
            )
    try:
        joined_metadata(good)
    except DataError as error:
        found.append(Finding(code="metadata.differ", severity="unusable", text=str(error)))
    return found or [Finding(code="metadata.differ", severity="unusable", text=refusal)]


def _mistakes(path: Path) -> Iterator[str]:
    """Yield the rows that `read_metadata` would stop at: a wrong id, a second row that differs."""
    rows = raw_rows(path)
    names = [name.strip().lower() for name in next(rows, (0, []))[1]]
    column = column_of_ids(names)
    if column is None:
        return
    known = [names.index(name) for name in ("artist", "album") if name in names]
    seen: dict[str, list[str]] = {}
    for line, cells in rows:
        facts = [" ".join(cells[column].split()) for column in known if column < len(cells)]
        if column >= len(cells) or not cells[column].strip() or not any(facts):
            continue
        try:
            song = song_id(path, line, cells[column].strip())
        except DataError as error:
            yield str(error)
            continue
        if seen.setdefault(song, facts) != facts:
            yield f"{path}, line {line}: song {song} has a second row that differs; keep one"


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
