"""What a song needs before any job: one decode that serves every extractor, and a verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from benchmark.audio import Audio, decode
from benchmark.errors import DataError
from benchmark.evaluation.cache import AudioFacts, FeatureCache
from benchmark.interfaces import Extractor, Frames, Staged
from benchmark.records import LABEL_PERIOD, Song

PADDING = 1.0
"""Seconds of audio that may be missing at the end of the last label: its last frame is repeated."""


@dataclass(frozen=True)
class Prepared:
    """Why a song's audio cannot be used, if so; and, by label, why extractors failed on it."""

    unusable: str = ""
    failures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Preparation:
    """A song whose frames are wanted from some extractors."""

    song: Song
    extractors: tuple[Extractor, ...]
    cache: FeatureCache

    @property
    def heard(self) -> bool:
        """Whether the file was decoded before."""
        return self.cache.facts(self.song.audio_hash) is not None

    def missing(self) -> list[Extractor]:
        """Return the extractors whose frames are not there yet."""
        return [
            extractor
            for extractor in self.extractors
            if not self.cache.holds(self.song.audio_hash, extractor)
        ]


def prepare(preparation: Preparation) -> Prepared:
    """Decode once, resample once per rate, extract what is missing.

    An extractor that fails does not make the song unusable: its frames are missing, and why is in
    the result.

    Raises
    ------
    ChangedError
        If the file is no longer the one whose hash the frames would be kept under.
    """
    song, cache = preparation.song, preparation.cache
    if song.audio is None:
        return Prepared(unusable=f"song {song.id}: has no audio file")
    try:
        audio = decode(song.audio, content=song.audio_hash)
    except DataError as error:
        return Prepared(unusable=f"song {song.id}: {error}")
    # First of all: which songs are usable must be known even if an extractor ends this process.
    cache.write_facts(song.audio_hash, AudioFacts(audio.seconds, audio.silent))
    failures = {}
    for extractor, frames in extracted(audio, preparation.missing()):
        if isinstance(frames, Exception):
            reason = f"song {song.id}: {type(frames).__name__}: {frames}"
            failures[extractor.label] = reason
        else:
            cache.write(song.audio_hash, extractor, frames)
    return Prepared(failures=failures)


def extracted(
    audio: Audio, extractors: Iterable[Extractor]
) -> Iterator[tuple[Extractor, Frames | Exception]]:
    """Yield the frames of each extractor, or why it failed.

    Nothing is done twice: samples are resampled once a rate, and a first step that several
    extractors share is done once.
    """
    resampled: dict[int, Frames] = {}
    made: dict[tuple[int, Callable[[Frames], Frames]], Frames] = {}
    for extractor in extractors:
        try:
            if extractor.rate not in resampled:
                resampled[extractor.rate] = audio.resampled(extractor.rate)
            samples = resampled[extractor.rate]
            if isinstance(extractor, Staged):
                step = extractor.rate, extractor.first
                if step not in made:
                    made[step] = extractor.first(samples)
                    made[step].setflags(write=False)
                frames = extractor.second(made[step])
            else:
                frames = extractor.extract(samples)
            _check(extractor, frames)
        except Exception as error:  # noqa: BLE001  (a plug-in may raise anything)
            yield extractor, error
        else:
            yield extractor, frames


def _check(extractor: Extractor, frames: Frames) -> None:
    if frames.ndim != 2 or frames.shape[1] != extractor.n_bins or not len(frames):
        raise DataError(
            f"{extractor.label} gave an array {frames.shape}, "
            f"expected (n_frames, {extractor.n_bins})"
        )
    if not np.isfinite(frames).all():
        raise DataError(f"{extractor.label} gave NaN or infinite values")


def same_audio(songs: Iterable[Song]) -> dict[str, str]:
    """Return, of songs with the same audio, to the last byte, as one before: which that is."""
    first: dict[str, str] = {}
    before = {song.id: first.setdefault(song.audio_hash, song.id) for song in songs if song.audio}
    return {song: other for song, other in before.items() if song != other}


def length_note(song: Song, facts: AudioFacts) -> tuple[bool, str]:
    """Say whether a song's audio serves its labels, and what is unusual about it."""
    last = float(song.times[-1]) + LABEL_PERIOD
    missing = last - facts.seconds
    notes = ["silent; kept"] if facts.silent else []
    if missing > 0:
        short = f"lasts {facts.seconds:.2f} s, last label needs audio to {last:.1f} s"
        if missing > PADDING:
            return False, f"song {song.id}: {short}; more than {PADDING:g} s are missing, left out"
        notes.append(f"{short}; padded with its last frame")
    return True, f"song {song.id}: {'; '.join(notes)}" if notes else ""
