"""One job: fit on training songs, predict every label of every test song, keep what it says."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.errors import BenchmarkError
from benchmark.evaluation.versions import versions
from benchmark.interfaces import Feature, Floats, Model, Predictor
from benchmark.records import LABEL_PERIOD, Fold, JobRecord, Predictions, SongFrames
from benchmark.records.fold import Part
from benchmark.records.frames_file import FramesFile

JOB_VERSION = 1
"""Raise it when the same job would give other numbers though no component has changed."""


@dataclass(frozen=True)
class SongInput:
    """A song as a job needs it: labels (n_labels, n_targets) and where its frames lie, if any."""

    id: str
    times: Floats
    labels: Floats
    frames: Path | None


@dataclass(frozen=True, kw_only=True)
class Job:
    """A cell, a fold, a seed: the unit of work, of resuming and of distribution.

    `data` is a digest of what the job reads of its songs: the labels of its targets, and what its
    feature, if it has one, is made of. Neither paths nor dates are part of the key. `period` is how
    many seconds a label covers, infinite for labels of whole songs.
    """

    feature: Feature | None
    model: Model
    targets: tuple[str, ...]
    fold: Fold
    seed: int
    threads: int
    data: str
    period: float = LABEL_PERIOD

    @cached_property
    def description(self) -> dict[str, Any]:
        """Everything that decides the numbers, in plain types."""
        described = {
            "job_version": JOB_VERSION,
            "feature": self.feature.describe() if self.feature else None,
            "model": self.model.describe(),
            "targets": list(self.targets),
            "fold": self.fold.describe(),
            "seed": self.seed,
            "threads": self.threads,
            "data": self.data,
            "libraries": versions(self.feature, self.model),
        }
        return {**described, "rated": "songs"} if math.isinf(self.period) else described

    @cached_property
    def key(self) -> str:
        """SHA-256 of the description."""
        return hashlib.sha256(json.dumps(self.description, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class Fitted:
    """A predictor, the songs it learned from, and when, and how long, it was fitted (seconds)."""

    predictor: Predictor
    learned: Sequence[SongFrames]
    started_at: float
    seconds: float


def fit_job(job: Job, songs: Mapping[str, SongInput]) -> Fitted:
    """Fit the model of a job on the training and validation songs of its fold.

    The model gets both, or the latter among the former if it validates nothing and they are not
    test songs. In a fold that splits the labels of songs, each part has NaN for those of the
    others.
    """
    train = [_frames(songs[song], job, "train") for song in job.fold.train]
    validation = [_frames(songs[song], job, "validation") for song in job.fold.validation]
    learned = [*train, *validation][: len(job.fold.learned)]
    if not job.model.validates:
        train, validation = sorted(learned, key=_id), []
    job.model.warm_up()
    started_at, started = time.time(), time.perf_counter()
    predictor = job.model.fit(train, validation, seed=job.seed)
    return Fitted(predictor, learned, started_at, time.perf_counter() - started)


def run_job(job: Job, songs: Mapping[str, SongInput]) -> JobRecord:
    """Run a job on its songs, in this process.

    The model is fitted as `fit_job` says; the predictor gets test songs without labels.

    Raises
    ------
    BenchmarkError
        If the predictions have the wrong shape or are not finite; and what the model raises.
    """
    fitted = fit_job(job, songs)
    test = [_frames(songs[song], job, None) for song in job.fold.test]
    started = time.perf_counter()
    values = fitted.predictor.predict(test)
    predicted = time.perf_counter()
    for song, value in zip(test, values, strict=True):
        expected = (len(song.times), len(job.targets))
        if value.shape != expected or not np.isfinite(value).all():
            raise BenchmarkError(
                f"{job.model.label} predicted an array {value.shape} for song {song.id}, "
                f"{int((~np.isfinite(value)).sum())} values not finite; "
                f"expected {expected}, all finite"
            )
    labels = np.concatenate([_labels(songs[song.id], job, "test") for song in test])
    if not np.isfinite(labels).any(axis=0).all():
        raise BenchmarkError(f"fold {job.fold.index}: no label of its test songs has a rating")
    ratings = np.concatenate([song.labels for song in fitted.learned if song.labels is not None])
    return JobRecord(
        key=job.key,
        description=job.description,
        predictions=Predictions(
            songs=np.concatenate([np.full(len(song.times), song.id) for song in test]),
            times=np.concatenate([song.times for song in test]),
            labels=labels,
            values=np.concatenate(values),
        ),
        constants=tuple(float(value) for value in np.nanmean(ratings, axis=0)),
        card=fitted.predictor.card,
        started_at=fitted.started_at,
        fit_seconds=fitted.seconds,
        predict_seconds=predicted - started,
    )


def _labels(song: SongInput, job: Job, part: Part) -> Floats:
    mine = job.fold.known(part, song.id, len(song.times))
    return np.where(mine[:, None], song.labels, np.nan)


def _frames(song: SongInput, job: Job, part: Part | None) -> SongFrames:
    labels = _labels(song, job, part) if part else None
    if job.feature is None or song.frames is None:
        frames: npt.NDArray[np.float32] = np.empty((0, 0), dtype=np.float32)
        return SongFrames(song.id, frames, 1.0, song.times, labels, job.period)
    kept = FramesFile.found(song.frames)
    return SongFrames(song.id, kept, job.feature.hop, song.times, labels, job.period)


def _id(song: SongFrames) -> str:
    return song.id
