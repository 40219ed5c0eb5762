"""Frames of songs on disk by content: a changed file, parameter or version is another entry."""

from __future__ import annotations

import hashlib
import io
import json
from collections import defaultdict
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np

from benchmark.audio import AUDIO_VERSION
from benchmark.errors import CacheError, did_you_mean
from benchmark.evaluation.versions import versions
from benchmark.interfaces import Feature, Frames
from benchmark.records.atomic import sweep, write_whole
from benchmark.records.frames_file import FramesFile


@dataclass(frozen=True)
class AudioFacts:
    """What decoding a file told: its length in seconds, and whether it is silent."""

    seconds: float
    silent: bool


@dataclass(frozen=True)
class Holding:
    """What the cache holds of one feature: its label, what made it, how many songs and bytes.

    `kind` is the name of its files.
    """

    kind: str
    feature: str
    made_by: str
    n_songs: int
    n_bytes: int


@dataclass(frozen=True)
class FeatureCache:
    """Arrays under `root`, named by content, feature, parameters and versions.

    `source` is the hash of what frames are made of: a file of audio, or precomputed frames.
    """

    root: Path

    def path(self, source: str, feature: Feature) -> Path:
        """Return where frames lie, or will."""
        return self._folder(source) / f"{_kind(feature)}.npy"

    def holds(self, source: str, feature: Feature) -> bool:
        """Say whether frames are there, and whole: a file that was cut short is none."""
        try:
            frames = FramesFile.found(self.path(source, feature))
            return frames.shape[1:] == (feature.n_bins,) and frames.whole
        except (OSError, ValueError, EOFError):
            return False

    def write(self, source: str, feature: Feature, frames: Frames) -> None:
        """Keep frames."""
        array = io.BytesIO()  # into a file of its own NumPy does not say why it could not write
        np.save(array, frames)
        self._write(self.path(source, feature), array.getvalue())
        about = self.root / "about" / f"{_kind(feature)}.json"
        if not about.exists():
            content = {"feature": feature.label, "versions": versions(feature)}
            self._write(about, json.dumps(content).encode())

    def facts(self, audio_hash: str) -> AudioFacts | None:
        """Return what is known of a file, or None."""
        path = self._facts(audio_hash)
        try:
            return AudioFacts(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def write_facts(self, audio_hash: str, facts: AudioFacts) -> None:
        """Keep what decoding a file told."""
        self._write(self._facts(audio_hash), json.dumps(asdict(facts)).encode())

    def holdings(self) -> tuple[Holding, ...]:
        """Return what is there of each feature, by label."""
        sizes: dict[str, list[int]] = defaultdict(list)
        for path in self.root.glob("??/*/*.npy"):
            sizes[path.stem].append(path.stat().st_size)
        found = []
        for kind, files in sizes.items():
            try:
                about = json.loads((self.root / "about" / f"{kind}.json").read_text("utf-8"))
                made_by = ", ".join(f"{name} {v}" for name, v in about["versions"].items())
                found.append(Holding(kind, about["feature"], made_by, len(files), sum(files)))
            except (OSError, ValueError, KeyError, AttributeError):
                found.append(Holding(kind, kind, "unknown", len(files), sum(files)))
        return tuple(sorted(found, key=lambda holding: (holding.feature, holding.made_by)))

    def clear(self, feature: str = "") -> tuple[Holding, ...]:
        """Remove the frames of features of this label or name, or of all; return what they were.

        What decoding told of the files stays: jobs that have finished need no more.

        Raises
        ------
        CacheError
            If there is no such feature.
        """
        held = self.holdings()
        removed = tuple(
            holding
            for holding in held
            if feature in ("", holding.feature, holding.feature.partition("(")[0])
        )
        if feature and not removed:
            names = {holding.feature.partition("(")[0] for holding in held}
            hint = did_you_mean(feature, [*names, *(holding.feature for holding in held)])
            raise CacheError(f"{self.root}: holds no feature {feature!r}{hint}")
        for holding in removed:
            for path in self.root.glob(f"??/*/{holding.kind}.npy"):
                path.unlink(missing_ok=True)
        return removed

    def sweep(self) -> None:
        """Remove what a killed run left half written."""
        sweep(self.root)

    def _write(self, path: Path, content: bytes) -> None:
        try:
            write_whole(path, content, store=self.root)
        except OSError as error:
            raise CacheError(
                f"{path}: cannot be written ({error.strerror or error}); what was computed before "
                f"is kept: mend it and run the same command again"
            ) from error

    def _facts(self, audio_hash: str) -> Path:
        return self._folder(audio_hash) / f"audio-v{AUDIO_VERSION}.json"

    def _folder(self, source: str) -> Path:
        return self.root / source[:2] / source


@cache
def _kind(feature: Feature) -> str:
    content = json.dumps([feature.describe(), versions(feature)], sort_keys=True)
    return f"{feature.name}-{hashlib.sha256(content.encode()).hexdigest()[:16]}"
