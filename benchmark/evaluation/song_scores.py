"""The songs of jobs, each scored in each job: columns, from stored predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.evaluation import metrics
from benchmark.evaluation.metrics import Counts, Floats
from benchmark.records import JobRecord


@dataclass(frozen=True, eq=False)
class SongScores:
    """The songs of some jobs, each scored in each job: arrays (n_entries,), fold by fold.

    `songs` are numbers of `ids`; songs, folds and seeds are numbered as they come. `squared_error`
    and `constant_squared_error` are sums over labels, `label` is their mean. `whole` says that each
    song has one label, of all of it.
    """

    whole: bool
    ids: npt.NDArray[np.str_]
    songs: Counts
    folds: Counts
    seeds: Counts
    n_labels: Counts
    squared_error: Floats
    constant_squared_error: Floats
    rmse: Floats
    constant_rmse: Floats
    pearson: Floats
    ccc: Floats
    label: Floats


def song_scores(records: Sequence[JobRecord], target: str) -> SongScores:
    """Score the test songs of finished jobs, where they are rated; raises as `score` does."""
    _, folds = numbered([record.description["fold"]["index"] for record in records])
    _, seeds = numbered([record.description["seed"] for record in records])
    order = np.argsort(folds, kind="stable")
    names, *columns = zip(*(_columns(records[job], target) for job in order), strict=True)
    entries = [len(of_job) for of_job in names]
    every = np.concatenate(names)
    first, songs = numbered(every)
    return SongScores(
        records[0].rates_songs,
        every[first],
        songs,
        np.repeat(folds[order], entries),
        np.repeat(seeds[order], entries),
        *map(np.concatenate, columns),
    )


def _columns(record: JobRecord, target: str) -> tuple[npt.NDArray[Any], ...]:
    """Return the ids of the songs of a job that are rated, and the columns of their scores."""
    predictions = record.predictions
    if predictions is None:
        raise ValueError(f"job {record.key} has no predictions: {record.error or 'none stored'}")
    index = record.description["targets"].index(target)
    known = np.isfinite(predictions.labels[:, index])
    counts = np.add.reduceat(known, predictions.starts, dtype=np.intp)
    rated = counts > 0
    counts = counts[rated]
    labels, values = predictions.labels[known, index], predictions.values[known, index]
    constant = np.full(len(labels), record.constants[index])
    return (
        predictions.songs[predictions.starts[rated]],
        counts,
        metrics.squared_error(labels, values, counts),
        metrics.squared_error(labels, constant, counts),
        metrics.rmse(labels, values, counts),
        metrics.rmse(labels, constant, counts),
        metrics.pearson(labels, values, counts),
        metrics.ccc(labels, values, counts),
        metrics.mean(labels, counts),
    )


def numbered(values: Sequence[Any] | npt.NDArray[Any]) -> tuple[Counts, Counts]:
    """Return where each different value comes first, and each value's number in that order."""
    _, first, places = np.unique(values, return_index=True, return_inverse=True)
    order = np.argsort(first)
    return first[order], np.argsort(order)[places]
