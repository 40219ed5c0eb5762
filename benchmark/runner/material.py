"""A dataset made ready for jobs: usable songs, and what their frames are made of."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmark.errors import BenchmarkError, CacheError, DataError
from benchmark.evaluation.cache import FeatureCache
from benchmark.evaluation.precomputed import check_frames
from benchmark.interfaces import Feature, Precomputed
from benchmark.records import Corpus, Song


@dataclass(frozen=True)
class Material:
    """A dataset made ready.

    `precomputed` maps a feature that came with it to the hash of each song's frames; `broken` says,
    by its label, why a feature that came with it cannot be used, or why one failed on songs that
    were decoded for the first time.
    """

    corpus: Corpus
    precomputed: Mapping[Feature, Mapping[str, str]] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)

    def source(self, song: Song, feature: Feature | None) -> str:
        """Return the hash of what the frames of a song are made of; empty where there are none."""
        if isinstance(feature, Precomputed):
            return self.precomputed.get(feature, {}).get(song.id, "")
        return song.audio_hash if feature else ""

    def digests(self, targets: tuple[str, ...], feature: Feature | None) -> dict[str, str]:
        """Return, by song, what a job reads of it."""
        return {
            song.id: song.digest(targets, source=self.source(song, feature))
            for song in self.corpus.songs
        }


def take_over(
    corpus: Corpus,
    features: Sequence[Precomputed],
    cache: FeatureCache,
    broken: Mapping[str, str] | None = None,
) -> Material:
    """Make a dataset ready with the features that came with it.

    Those that cannot be used join the `broken` ones: which songs are usable, and so the folds, does
    not depend on them.

    Raises
    ------
    CacheError
        If frames cannot be kept.
    """
    hashes: dict[Feature, Mapping[str, str]] = {}
    failed = dict(broken or {})
    for feature in features:
        try:
            hashes[feature] = precomputed(corpus, feature, cache)
        except CacheError:
            raise
        except BenchmarkError as error:
            failed[feature.label] = str(error)
        except Exception as error:  # noqa: BLE001  (a plug-in may raise anything)
            failed[feature.label] = f"{type(error).__name__}: {error}"
    return Material(corpus, hashes, failed)


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
        check_frames(song, feature, values)
        hashes[song.id] = hashlib.sha256(values.tobytes()).hexdigest()
        if not cache.holds(hashes[song.id], feature):
            cache.write(hashes[song.id], feature, values)
    return hashes
