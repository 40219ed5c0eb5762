"""Frames of songs on disk by content: a changed file, parameter or version is another entry."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmark.audio import AUDIO_VERSION
from benchmark.evaluation.versions import versions
from benchmark.interfaces import Feature, Frames
from benchmark.records.atomic import temporary_sibling


@dataclass(frozen=True)
class AudioFacts:
    """What decoding a file told: its length in seconds, and whether it is silent."""

    seconds: float
    silent: bool


@dataclass(frozen=True)
class FeatureCache:
    """Arrays under `root`, named by content, feature, parameters and versions.

    `source` is the hash of what frames are made of: a file of audio, or precomputed frames.
    """

    root: Path

    def path(self, source: str, feature: Feature) -> Path:
        """Return where frames lie, or will."""
        content = json.dumps([feature.describe(), versions(feature)], sort_keys=True)
        key = hashlib.sha256(content.encode()).hexdigest()[:16]
        return self._folder(source) / f"{feature.name}-{key}.npy"

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

    def write(self, source: str, feature: Feature, frames: Frames) -> None:
        """Keep frames."""
        path = self.path(source, feature)
        with temporary_sibling(path) as draft:
            np.save(draft, frames)
            draft.replace(path)

    def _facts(self, audio_hash: str) -> Path:
        return self._folder(audio_hash) / f"audio-v{AUDIO_VERSION}.json"

    def _folder(self, source: str) -> Path:
        return self.root / source[:2] / source
