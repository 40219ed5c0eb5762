"""A dataset made ready for jobs: usable songs, and what their frames are made of."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from benchmark.errors import DataError
from benchmark.evaluation.cache import FeatureCache
from benchmark.evaluation.preparation import PADDING
from benchmark.interfaces import Feature, Precomputed
from benchmark.records import LABEL_PERIOD, Corpus, Song


@dataclass(frozen=True)
class Material:
    """A dataset made ready.

    `precomputed` maps a feature that came with it to the hash of each song's frames; `broken` says,
    by its label, why a feature failed on songs that were decoded for the first time.
    """

    corpus: Corpus
    precomputed: Mapping[Feature, Mapping[str, str]] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)

    def source(self, song: Song, feature: Feature | None) -> str:
        """Return the hash of what the frames of a song are made of; empty without a feature."""
        if feature is None:
            return ""
        hashes = self.precomputed.get(feature)
        return song.audio_hash if hashes is None else hashes[song.id]

    def digests(self, targets: tuple[str, ...], feature: Feature | None) -> dict[str, str]:
        """Return, by song, what a job reads of it."""
        return {
            song.id: song.digest(targets, source=self.source(song, feature))
            for song in self.corpus.songs
        }


def precomputed(corpus: Corpus, feature: Precomputed, cache: FeatureCache) -> dict[str, str]:
    """Take the frames of a feature that came with a dataset into the cache; return their hashes.

    Raises
    ------
    DataError
        Where they are missing, also for one song, malformed, or end long before the labels do.
    """
    if corpus.root is None:
        raise DataError(f"{corpus.title}: has no folder in which {feature.label} could be found")
    frames = feature.read(corpus.root)
    missing = [song.id for song in corpus.songs if song.id not in frames]
    if missing:
        raise DataError(
            f"{corpus.title}: {feature.label} is missing for {len(missing)} of "
            f"{len(corpus.songs)} songs (first: song {missing[0]})"
        )
    hashes = {}
    for song in corpus.songs:
        values = np.ascontiguousarray(frames[song.id], dtype="<f4")
        single = math.isinf(feature.hop)
        if (
            values.ndim != 2
            or values.shape[1] != feature.n_bins
            or not (len(values) == 1 if single else len(values))
        ):
            raise DataError(
                f"song {song.id}: {feature.label} is an array {values.shape}, "
                f"expected ({1 if single else 'n_frames'}, {feature.n_bins})"
            )
        if not np.isfinite(values).all():
            raise DataError(f"song {song.id}: {feature.label} has NaN or infinite values")
        last = (len(values) - 1) * feature.hop
        if not single and song.times[-1] - last > LABEL_PERIOD + PADDING:
            raise DataError(
                f"song {song.id}: {feature.label} ends with a frame at {last:g} s, the labels with "
                f"one at {song.times[-1]:g} s; {LABEL_PERIOD + PADDING:g} s at most may be missing"
            )
        hashes[song.id] = hashlib.sha256(values.tobytes()).hexdigest()
        if not cache.holds(hashes[song.id], feature):
            cache.write(hashes[song.id], feature, values)
    return hashes
