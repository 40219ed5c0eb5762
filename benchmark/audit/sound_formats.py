"""Sample rates, channels and lengths of the audio: which songs are unlike most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from benchmark.audit.finding import Finding, about, counted
from benchmark.audit.sound import AudioFiles, Heard


def format_findings(audio: AudioFiles, heard: Mapping[Path, Heard]) -> list[Finding]:
    """Say which songs have another rate or other channels than most, and how long songs are."""
    decoded = {
        song: heard[files[0][0]]
        for song, files in sorted(audio.of_song.items(), key=lambda item: int(item[0]))
        if files[0][0] in heard and not heard[files[0][0]].error
    }
    if not decoded:
        return []
    lengths = [file.seconds for file in decoded.values()]
    return [
        *_unlike_most(
            {song: file.rate for song, file in decoded.items()},
            code="audio.rates",
            words="sampled at another rate than most ({most} Hz): {others}; resampled for each "
            "feature",
            unit=" at {value:,} Hz",
        ),
        *_unlike_most(
            {song: file.channels for song, file in decoded.items()},
            code="audio.channels",
            words="with other channels than most ({most}): {others}; channels are averaged",
            unit=" with {value}",
        ),
        Finding(
            code="audio.length",
            severity="fact",
            text=f"{counted(len(lengths), 'song')} of {min(lengths):.2f} to {max(lengths):.2f} s, "
            f"{sum(lengths) / 3600:.1f} h in all",
            figures={
                "min_seconds": min(lengths),
                "max_seconds": max(lengths),
                "total_seconds": sum(lengths),
            },
        ),
    ]


def _unlike_most(of_song: Mapping[str, int], *, code: str, words: str, unit: str) -> list[Finding]:
    counts = Counter(of_song.values())
    ((most, _),) = counts.most_common(1)
    others = [
        f"{counts[value]:,}{unit.format(value=value)}"
        for value in sorted(counts)[::-1]
        if value != most
    ]
    return about(
        [song for song, value in of_song.items() if value != most],
        words.format(most=f"{most:,}", others=", ".join(others)),
        code=code,
        severity="handled",
        figures={
            "files": {str(value): number for value, number in sorted(counts.items())},
            "of_song": {song: value for song, value in of_song.items() if value != most},
        },
    )
