"""Frames of songs on disk by content: a changed file, parameter or version is another entry."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmark.audio import AUDIO_VERSION
from benchmark.evaluation.versions import versions
from benchmark.interfaces import Extractor, Frames
from benchmark.records.atomic import temporary_sibling


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
        content = json.dumps([extractor.describe(), versions(extractor)], sort_keys=True)
        key = hashlib.sha256(content.encode()).hexdigest()[:16]
        return self._folder(audio_hash) / f"{extractor.name}-{key}.npy"

    def facts(self, audio_hash: str) -> AudioFacts | None:
        """Return what is known of a file, or None."""
        path = self._facts(audio_hash)
        try:
            return AudioFacts(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def write_facts(self, audio_hash: str, facts: AudioFacts) -> None:
        """Keep what decoding a file told."""
        path = self._facts(audio_hash)
        with temporary_sibling(path) as draft:
            draft.write_text(json.dumps(asdict(facts)), encoding="utf-8")
            draft.replace(path)

    def write(self, audio_hash: str, extractor: Extractor, frames: Frames) -> None:
        """Keep the frames of a file."""
        path = self.path(audio_hash, extractor)
        with temporary_sibling(path) as draft:
            np.save(draft, frames)
            draft.replace(path)

    def _facts(self, audio_hash: str) -> Path:
        return self._folder(audio_hash) / f"audio-v{AUDIO_VERSION}.json"

    def _folder(self, audio_hash: str) -> Path:
        return self.root / audio_hash[:2] / audio_hash
