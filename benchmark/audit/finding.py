"""What an audit says: where things lie, what is unusual about them, and what comes of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

SCHEMA_VERSION = 1
EXAMPLES = 20
"""Lines that are kept of a mistake that a table makes again and again; it is counted to the end."""

Severity = Literal["unusable", "left out", "handled", "fact"]
SEVERITIES: Mapping[Severity, str] = {
    "unusable": "the folder cannot be used until this is mended",
    "left out": "songs, or a part, that the suite does without",
    "handled": "unusual; the suite deals with it as said",
    "fact": "worth knowing",
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing about a folder.

    Attributes
    ----------
    code : str
        Its kind, as programs may look for it: part and what, 'audio.rates'.
    text : str
        A sentence that says what, how many, and what comes of it; it does not name the songs.
    songs : tuple of str
        Ids of all songs it is about, in order; empty where it is about a table.
    examples : tuple of str
        The first places, in words: file, line, column, value.
    figures : mapping
        Its numbers, in plain types.
    """

    code: str
    severity: Severity
    text: str
    songs: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class FoundPart:
    """A part of a dataset: how many files of it lie where, and which of DEAM's zips it is in."""

    name: str
    archive: str
    files: int
    places: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What was found in a folder.

    `refusal` is what the dataset `deam` says where it cannot be loaded. `songs` has a row per
    subset: how many songs are rated, of how many (in DEAM) and how many a run could use. `notes`
    are those that the dataset itself makes. `fetch` is the command that gets the parts of DEAM that
    are not there; empty for other data.
    """

    root: Path
    title: str
    official: bool
    usable: bool
    verdict: str
    refusal: str
    decoded: bool
    songs: Mapping[str, Mapping[str, int | None]]
    parts: tuple[FoundPart, ...]
    fetch: str
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]

    def of(self, severity: Severity) -> tuple[Finding, ...]:
        """Return the findings of one severity."""
        return tuple(finding for finding in self.findings if finding.severity == severity)

    def as_json(self) -> dict[str, Any]:
        """Return all of it in plain types."""
        return {
            "schema_version": SCHEMA_VERSION,
            "root": str(self.root),
            "title": self.title,
            "deam_as_released": self.official,
            "usable": self.usable,
            "verdict": self.verdict,
            "refusal": self.refusal,
            "audio_decoded": self.decoded,
            "songs": {subset: dict(counts) for subset, counts in self.songs.items()},
            "found": [
                {"part": part.name, "files": part.files, "places": list(part.places)}
                for part in self.parts
                if part.files
            ],
            "not_found": [part.name for part in self.parts if not part.files],
            "fetch": self.fetch,
            "findings": [
                {
                    "code": finding.code,
                    "severity": finding.severity,
                    "text": finding.text,
                    "songs": list(finding.songs),
                    "examples": list(finding.examples),
                    "figures": dict(finding.figures),
                }
                for finding in self.findings
            ],
            "notes_of_the_dataset": list(self.notes),
        }


def about(
    songs: Collection[str],
    rest: str,
    *,
    code: str,
    severity: Severity,
    noun: str = "song",
    examples: Sequence[str] = (),
    figures: Mapping[str, Any] | None = None,
) -> list[Finding]:
    """Return a finding about some songs, '2 songs' and the rest of the sentence; none without."""
    if not songs:
        return []
    text = f"{counted(len(songs), noun)} {rest}"
    return [
        Finding(
            code=code,
            severity=severity,
            text=text,
            songs=ordered(songs),
            examples=tuple(examples[:EXAMPLES]),
            figures=figures or {},
        )
    ]


def ordered(songs: Collection[str]) -> tuple[str, ...]:
    """Return song ids in order of their numbers."""
    return tuple(sorted(songs, key=int))


def counted(number: int, one: str, several: str = "") -> str:
    """Return '1 song', '1,802 songs'."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def span(values: Sequence[object]) -> str:
    """Return '5 to 58' of values in order, or the one they all are; empty of none."""
    if not values:
        return ""
    return f"{values[0]}" if values[0] == values[-1] else f"{values[0]} to {values[-1]}"
