"""What the jobs of a cell say of each song, averaged over the folds and seeds that tested it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.interfaces import Floats
from benchmark.records import JobRecord


@dataclass(frozen=True, eq=False)
class SongAverage:
    """One target of a song, over `n_fits` jobs that tested it: arrays (n_labels,).

    `annotated` is NaN where there is no rating.
    """

    times: Floats
    predicted: Floats
    annotated: Floats
    n_fits: int = 1


def averages(jobs: Sequence[JobRecord], target: str) -> dict[str, SongAverage]:
    """Return, by song, the mean prediction over the finished jobs that tested it, and its ratings.

    All jobs of a cell predict a song on one grid.
    """
    found: dict[str, list[SongAverage]] = defaultdict(list)
    for job in jobs:
        if job.predictions is None:
            continue
        index = job.description["targets"].index(target)
        songs, starts = job.predictions.songs, job.predictions.starts
        for start, end in zip(starts, [*starts[1:], len(songs)], strict=True):
            found[str(songs[start])].append(
                SongAverage(
                    job.predictions.times[start:end],
                    job.predictions.values[start:end, index],
                    job.predictions.labels[start:end, index],
                )
            )
    return {song: _average(parts) for song, parts in found.items()}


def _average(parts: Sequence[SongAverage]) -> SongAverage:
    annotated = np.stack([part.annotated for part in parts])
    known = np.isfinite(annotated)
    count = known.sum(axis=0)
    total = np.where(known, annotated, 0.0).sum(axis=0)
    return SongAverage(
        times=parts[0].times,
        predicted=np.mean([part.predicted for part in parts], axis=0),
        annotated=np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0),
        n_fits=len(parts),
    )
