"""Frames of songs, computed once and kept by content: one decode serves every extractor."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmark.audio import decode
from benchmark.errors import BenchmarkError, DataError
from benchmark.interfaces import Extractor, Frames
from benchmark.records import Song
from benchmark.records.store import temporary_sibling

LIBRARIES = ("numpy", "soundfile", "soxr")
"""What decodes and transforms, whatever the extractor."""


def libraries(*components: object) -> dict[str, str]:
    """Return the versions of the libraries that compute for these components."""
    names = {*LIBRARIES, *(name for part in components for name in getattr(part, "libraries", ()))}
    return {name: _version(name) for name in sorted(names)}


@cache
def _version(name: str) -> str:
    return version(name)


@dataclass(frozen=True)
class AudioFacts:
    """What decoding a file told: its length in seconds, and whether it is silent."""

    seconds: float
    silent: bool


@dataclass(frozen=True)
class FeatureCache:
    """Arrays under `root`, named by audio content, extractor, parameters and versions."""

    root: Path

    def path(self, audio_hash: str, extractor: Extractor) -> Path:
        """Return where the frames of a file lie, or will."""
        content = json.dumps([extractor.describe(), libraries(extractor)], sort_keys=True)
        key = hashlib.sha256(content.encode()).hexdigest()[:16]
        return self._folder(audio_hash) / f"{extractor.name}-{key}.npy"

    def facts(self, audio_hash: str) -> AudioFacts | None:
        """Return what is known of a file, or None."""
        path = self._folder(audio_hash) / "audio.json"
        try:
            return AudioFacts(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def write_facts(self, audio_hash: str, facts: AudioFacts) -> None:
        path = self._folder(audio_hash) / "audio.json"
        with temporary_sibling(path) as draft:
            draft.write_text(json.dumps(asdict(facts)), encoding="utf-8")
            draft.replace(path)

    def write(self, audio_hash: str, extractor: Extractor, frames: Frames) -> None:
        path = self.path(audio_hash, extractor)
        with temporary_sibling(path) as draft:
            np.save(draft, frames)
            draft.replace(path)

    def _folder(self, audio_hash: str) -> Path:
        return self.root / audio_hash[:2] / audio_hash


@dataclass(frozen=True)
class Preparation:
    """A song whose frames are wanted from some extractors."""

    song: Song
    extractors: tuple[Extractor, ...]
    cache: FeatureCache

    @property
    def done(self) -> bool:
        """Whether all of it lies in the cache."""
        return self.cache.facts(self.song.audio_hash) is not None and not self._missing()

    def _missing(self) -> list[Extractor]:
        return [
            extractor
            for extractor in self.extractors
            if not self.cache.path(self.song.audio_hash, extractor).exists()
        ]

    def run(self) -> None:
        """Decode once, resample once per rate, extract what is missing.

        Raises
        ------
        DataError
            If the file cannot be used; the message names the song.
        """
        if self.song.audio is None:
            raise DataError(f"song {self.song.id}: has no audio file")
        try:
            audio = decode(self.song.audio)
        except BenchmarkError as error:
            raise DataError(f"song {self.song.id}: {error}") from error
        resampled: dict[int, Frames] = {}
        for extractor in self._missing():
            if extractor.rate not in resampled:
                resampled[extractor.rate] = audio.resampled(extractor.rate)
            frames = extractor.extract(resampled[extractor.rate])
            if frames.ndim != 2 or frames.shape[1] != extractor.n_bins or not len(frames):
                raise DataError(
                    f"song {self.song.id}: {extractor.label} gave an array {frames.shape}, "
                    f"expected (n_frames, {extractor.n_bins})"
                )
            if not np.isfinite(frames).all():
                raise DataError(
                    f"song {self.song.id}: {extractor.label} gave NaN or infinite values"
                )
            self.cache.write(self.song.audio_hash, extractor, frames)
        self.cache.write_facts(self.song.audio_hash, AudioFacts(audio.seconds, audio.silent))


def prepare(preparation: Preparation) -> str:
    """Run a preparation; return why the song cannot be used, or nothing."""
    try:
        preparation.run()
    except DataError as error:
        return str(error)
    return ""


PADDING = 1.0
"""Seconds of audio that may be missing at the end of the last label: its last frame is repeated."""


def length_note(song: Song, facts: AudioFacts) -> tuple[bool, str]:
    """Say whether a song's audio serves its labels, and what is unusual about it."""
    last = float(song.times[-1]) + 0.5
    missing = last - facts.seconds
    label = f"song {song.id}: lasts {facts.seconds:.2f} s, last label needs audio to {last:.1f} s"
    if missing > PADDING:
        return False, f"{label}; more than {PADDING:g} s are missing, left out"
    if facts.silent:
        return True, f"song {song.id}: silent; kept"
    return True, f"{label}; padded with its last frame" if missing > 0 else ""
