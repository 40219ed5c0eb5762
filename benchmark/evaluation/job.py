"""One job: fit on training songs, predict every label of every test song, keep what it says."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.errors import BenchmarkError
from benchmark.evaluation.versions import versions
from benchmark.interfaces import Extractor, Floats, Model
from benchmark.records import Fold, JobRecord, Predictions, SongFrames

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

    `data` is a digest of what the job reads of its songs: the labels of its targets, and the audio
    if it has an extractor. Neither paths nor dates are part of the key.
    """

    extractor: Extractor | None
    model: Model
    targets: tuple[str, ...]
    fold: Fold
    seed: int
    threads: int
    data: str

    @cached_property
    def description(self) -> dict[str, Any]:
        """Everything that decides the numbers, in plain types."""
        return {
            "job_version": JOB_VERSION,
            "feature": self.extractor.describe() if self.extractor else None,
            "model": self.model.describe(),
            "targets": list(self.targets),
            "fold": {
                "index": self.fold.index,
                "train": list(self.fold.train),
                "validation": list(self.fold.validation),
                "test": list(self.fold.test),
            },
            "seed": self.seed,
            "threads": self.threads,
            "data": self.data,
            "libraries": versions(self.extractor, self.model),
        }

    @cached_property
    def key(self) -> str:
        """SHA-256 of the description."""
        return hashlib.sha256(json.dumps(self.description, sort_keys=True).encode()).hexdigest()


def run_job(job: Job, songs: Mapping[str, SongInput]) -> JobRecord:
    """Run a job on its songs, in this process.

    The model gets training and validation songs; the predictor gets test songs without labels.

    Raises
    ------
    BenchmarkError
        If the predictions have the wrong shape or are not finite; and what the model raises.
    """
    train = [_with_labels(songs[song], job) for song in job.fold.train]
    validation = [_with_labels(songs[song], job) for song in job.fold.validation]
    test = [_frames(songs[song], job, None) for song in job.fold.test]
    job.model.warm_up()
    started_at, started = time.time(), time.perf_counter()
    predictor = job.model.fit(train, validation, seed=job.seed)
    fitted = time.perf_counter()
    values = predictor.predict(test)
    predicted = time.perf_counter()
    for song, value in zip(test, values, strict=True):
        expected = (len(song.times), len(job.targets))
        if value.shape != expected or not np.isfinite(value).all():
            raise BenchmarkError(
                f"{job.model.label} predicted an array {value.shape} for song {song.id}, "
                f"{int((~np.isfinite(value)).sum())} values not finite; "
                f"expected {expected}, all finite"
            )
    learned = np.concatenate(
        [song.labels for song in (*train, *validation) if song.labels is not None]
    )
    return JobRecord(
        key=job.key,
        description=job.description,
        predictions=Predictions(
            songs=np.concatenate([np.full(len(song.times), song.id) for song in test]),
            times=np.concatenate([song.times for song in test]),
            labels=np.concatenate([songs[song.id].labels for song in test]),
            values=np.concatenate(values),
        ),
        constants=tuple(float(value) for value in np.nanmean(learned, axis=0)),
        card=predictor.card,
        started_at=started_at,
        fit_seconds=fitted - started,
        predict_seconds=predicted - fitted,
    )


def _with_labels(song: SongInput, job: Job) -> SongFrames:
    return _frames(song, job, song.labels)


def _frames(song: SongInput, job: Job, labels: Floats | None) -> SongFrames:
    if job.extractor is None or song.frames is None:
        frames: npt.NDArray[np.float32] = np.empty((0, 0), dtype=np.float32)
        return SongFrames(song.id, frames, 1.0, song.times, labels)
    frames = np.load(song.frames, mmap_mode="r")
    return SongFrames(song.id, frames, job.extractor.hop, song.times, labels)
