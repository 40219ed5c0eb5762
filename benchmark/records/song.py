"""A song, its ratings, and its frames: the data a job is made of."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmark.records.frames_file import FramesFile

TARGETS = ("arousal", "valence")
LABEL_PERIOD = 0.5
"""Seconds a label covers: a label at t rates the music of [t, t + 0.5)."""

Floats = npt.NDArray[np.float64]
Frames = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Song:
    """A recorded work, its audio file and its dynamic ratings.

    Attributes
    ----------
    id : str
        Unique in its dataset.
    audio : Path or None
        None where a dataset has no audio for it.
    audio_hash : str
        SHA-256 of the file's bytes; empty without audio.
    times : array (n_labels,)
        Start of each label in seconds, evenly spaced by `LABEL_PERIOD`.
    labels : mapping of target to array (n_labels,)
        Mean rating in [-1, 1]; NaN where the raters gave none.
    groups : mapping
        Group keys for protocols: `song` (the work, where one has several excerpts), `artist`,
        `album`, `subset`.
    ratings : mapping of target to array (n_raters, n_labels)
        What each rater said, NaN where nothing; empty where that is not known. No model sees it.
    """

    id: str
    audio: Path | None
    audio_hash: str
    times: Floats
    labels: Mapping[str, Floats]
    groups: Mapping[str, str] = field(default_factory=dict)
    ratings: Mapping[str, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for target, values in self.labels.items():
            if values.shape != self.times.shape:
                raise ValueError(
                    f"song {self.id}: {len(values)} {target} labels for {len(self.times)} times"
                )
        for target, ratings in self.ratings.items():
            if ratings.shape[1:] != self.times.shape:
                raise ValueError(
                    f"song {self.id}: {target} ratings {ratings.shape} for {len(self.times)} times"
                )

    @property
    def work(self) -> str:
        """The recorded work it is an excerpt of: itself, unless its dataset says more."""
        return self.groups.get("song") or self.id

    def values(self, targets: tuple[str, ...]) -> Floats:
        """Return the labels as an array (n_labels, n_targets)."""
        return np.stack([self.labels[target] for target in targets], axis=1)

    def digest(self, targets: Sequence[str] = TARGETS, *, source: str | None = None) -> str:
        """Return a SHA-256 over labels and what features are made of: changes when either does.

        `source` is the hash of the latter, by default that of the audio.
        """
        content = self.audio_hash if source is None else source
        state = hashlib.sha256(f"{self.id}\0{content}\0".encode())
        state.update(np.ascontiguousarray(self.times, dtype="<f8").tobytes())
        for target in sorted(targets):
            state.update(target.encode())
            state.update(np.ascontiguousarray(self.labels[target], dtype="<f8").tobytes())
        return state.hexdigest()


@dataclass(frozen=True)
class Corpus:
    """A loaded dataset.

    `notes` holds one line per song that was left out or is unusual, with the reason. `known_as` is
    the key under which published numbers name this data ("deam"), and empty for any other data,
    also when it lies in DEAM's layout. `root` is the folder in which its own, precomputed features
    are searched. `floors` maps a target to its plausible floor: the pooled RMSE that ratings by so
    few raters cannot be predicted below, however good the model. `scale` is the raters' own, from
    which labels were brought to [-1, 1].
    """

    title: str
    songs: tuple[Song, ...]
    synthetic: bool
    citation: str
    licence: str
    known_as: str = ""
    notes: tuple[str, ...] = ()
    root: Path | None = None
    floors: Mapping[str, float] = field(default_factory=dict)
    scale: tuple[float, float] = (-1.0, 1.0)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the content of all songs, whatever their order or place on disk."""
        return content_hash(sorted(song.digest() for song in self.songs))


def content_hash(parts: list[str]) -> str:
    """Return one SHA-256 for a list of digests."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@dataclass(frozen=True)
class SongFrames:
    """What a model sees of a song: its frames and the label grid to predict on.

    Attributes
    ----------
    source : array (n_frames, n_bins), float32, or FramesFile
        The frames, or where they lie.
    hop : float
        Seconds between frames; infinite for the single frame of a feature that has one a song.
    times : array (n_labels,)
        Start of each label in seconds.
    labels : array (n_labels, n_targets) or None
        None for a song to be predicted: a predictor has no way to read them.
    period : float
        Seconds a label covers; infinite where one label rates the whole song.
    """

    id: str
    source: Frames | FramesFile
    hop: float
    times: Floats
    labels: Floats | None = None
    period: float = LABEL_PERIOD

    @property
    def frames(self) -> Frames:
        """The frames (n_frames, n_bins): frame i is centred at i * hop seconds.

        Those of a file are read as they are looked at; who keeps them keeps them in memory.
        """
        return self.source.mapped() if isinstance(self.source, FramesFile) else self.source
