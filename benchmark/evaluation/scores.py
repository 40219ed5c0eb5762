"""From stored predictions to the scores of songs, jobs and cells: computed, never stored alone."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.evaluation import metrics
from benchmark.records import JobRecord


@dataclass(frozen=True)
class SongScore:
    """One song in one job; `squared_error` and `constant_squared_error` are sums over labels."""

    song: str
    n_labels: int
    squared_error: float
    constant_squared_error: float
    rmse: float
    pearson: float
    ccc: float


@dataclass(frozen=True)
class Score:
    """What a table shows of a job or a cell.

    Attributes
    ----------
    rmse : float
        Per-song RMSE averaged over seeds, then over the songs of a fold, then over folds.
    rmse_std : float
        Sample SD (ddof 1) of the folds' RMSE; NaN for a single fold.
    rmse_pooled : float
        Over all test labels at once.
    skill : float
        1 - MSE / MSE of the constant predictor fitted on the same training songs, over all labels.
    pearson, ccc : float
        Mean over the songs where defined.
    pearson_undefined, ccc_undefined : int
        Songs where not.
    """

    rmse: float
    rmse_std: float
    rmse_pooled: float
    skill: float
    pearson: float
    pearson_undefined: int
    ccc: float
    ccc_undefined: int
    n_songs: int
    n_labels: int


def song_scores(record: JobRecord, target: int) -> tuple[SongScore, ...]:
    """Score each test song of a finished job on the target with index `target`."""
    predictions = record.predictions
    if predictions is None:
        raise ValueError(f"job {record.key} has no predictions: {record.error or 'none stored'}")
    rows: dict[str, list[int]] = defaultdict(list)
    for row, song in enumerate(predictions.songs):
        rows[str(song)].append(row)
    scores = []
    for song, which in rows.items():
        labels, values = metrics.rated(
            predictions.labels[which, target], predictions.values[which, target]
        )
        if not len(labels):
            continue
        scores.append(
            SongScore(
                song=song,
                n_labels=len(labels),
                squared_error=metrics.squared_error(labels, values),
                constant_squared_error=metrics.squared_error(
                    labels, np.full(len(labels), record.constants[target])
                ),
                rmse=metrics.rmse(labels, values),
                pearson=metrics.pearson(labels, values),
                ccc=metrics.ccc(labels, values),
            )
        )
    return tuple(scores)


def score(records: Sequence[JobRecord], target: str) -> Score:
    """Aggregate the finished jobs of one cell, any folds and seeds, on one target.

    Raises
    ------
    ValueError
        If a job has failed: a cell has all its folds or no score.
    """
    by_fold: dict[int, dict[str, list[SongScore]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        index = record.description["targets"].index(target)
        for song in song_scores(record, index):
            by_fold[record.description["fold"]["index"]][song.song].append(song)
    folds = [_mean(_over_seeds(songs.values(), "rmse")) for songs in by_fold.values()]
    songs = [scores for fold in by_fold.values() for scores in fold.values()]
    every = [score for scores in songs for score in scores]
    squared_error = sum(score.squared_error for score in every)
    n_labels = sum(score.n_labels for score in every)
    pearson, ccc = _over_seeds(songs, "pearson"), _over_seeds(songs, "ccc")
    return Score(
        rmse=_mean(folds),
        rmse_std=float(np.std(folds, ddof=1)) if len(folds) > 1 else math.nan,
        rmse_pooled=math.sqrt(squared_error / n_labels),
        skill=metrics.skill(squared_error, sum(score.constant_squared_error for score in every)),
        pearson=_mean(pearson),
        pearson_undefined=sum(map(math.isnan, pearson)),
        ccc=_mean(ccc),
        ccc_undefined=sum(map(math.isnan, ccc)),
        n_songs=len(songs),
        n_labels=sum(scores[0].n_labels for scores in songs),
    )


def _over_seeds(songs: Iterable[Sequence[SongScore]], metric: str) -> list[float]:
    return [_mean([getattr(score, metric) for score in scores]) for scores in songs]


def _mean(values: Sequence[float]) -> float:
    """Return the mean of the values that are defined; NaN where none is."""
    defined = [value for value in values if not math.isnan(value)]
    return sum(defined) / len(defined) if defined else math.nan
