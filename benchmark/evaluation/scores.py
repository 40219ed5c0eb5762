"""From stored predictions to the scores of songs, jobs and cells: computed, never stored alone."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.evaluation import metrics
from benchmark.evaluation.metrics import Floats
from benchmark.evaluation.statistics import Songs
from benchmark.records import JobRecord


@dataclass(frozen=True)
class SongScore:
    """One song in one job; `squared_error` and `constant_squared_error` are sums over labels."""

    song: str
    n_labels: int
    squared_error: float
    constant_squared_error: float
    rmse: float
    constant_rmse: float
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
        Mean over the songs where defined, over the folds and seeds of a song first.
    pearson_undefined, ccc_undefined : int
        Songs where not.
    n_songs, n_labels : int
        Test songs and their labels, each song counted once.
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


@dataclass(frozen=True, eq=False)
class SongTable:
    """A cell song by song: what intervals and comparisons are made of.

    Attributes
    ----------
    ids : tuple of str
        The test songs, sorted.
    songs : Songs
        Their errors, averaged over the folds and seeds they were tested in (sums are summed).
    constant_rmse : array (n_songs,)
        That of the constant predictor fitted on the same training songs.
    folds, seeds : tuple of float
        The headline of each fold (over seeds), of each seed (over folds).
    """

    ids: tuple[str, ...]
    songs: Songs
    constant_rmse: Floats
    folds: tuple[float, ...]
    seeds: tuple[float, ...]


def song_scores(record: JobRecord, target: int) -> tuple[SongScore, ...]:
    """Score each test song of a finished job on the target with index `target`."""
    predictions = record.predictions
    if predictions is None:
        raise ValueError(f"job {record.key} has no predictions: {record.error or 'none stored'}")
    known = np.isfinite(predictions.labels[:, target])
    names = predictions.songs[known]
    if not len(names):
        return ()
    starts = np.flatnonzero(np.r_[True, names[1:] != names[:-1]])
    counts = np.diff(np.r_[starts, len(names)])
    labels, values = predictions.labels[known, target], predictions.values[known, target]
    constant = np.full(len(labels), record.constants[target])
    columns = (
        counts,
        metrics.squared_error(labels, values, counts),
        metrics.squared_error(labels, constant, counts),
        metrics.rmse(labels, values, counts),
        metrics.rmse(labels, constant, counts),
        metrics.pearson(labels, values, counts),
        metrics.ccc(labels, values, counts),
    )
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return tuple(
        SongScore(str(names[start]), *row) for start, row in zip(starts, rows, strict=True)
    )


def score(records: Sequence[JobRecord], target: str) -> Score:
    """Aggregate the finished jobs of one cell, any folds and seeds, on one target.

    Raises
    ------
    ValueError
        If a job has failed: a cell has all its folds or no score.
    """
    by_fold = _by_fold(records, target)
    folds = _fold_means(by_fold)
    songs: dict[str, list[SongScore]] = defaultdict(list)
    for fold in by_fold.values():
        for song, scores in fold.items():
            songs[song].extend(scores)
    every = [score for scores in songs.values() for score in scores]
    squared_error = sum(score.squared_error for score in every)
    pearson, ccc = _averaged(songs.values(), "pearson"), _averaged(songs.values(), "ccc")
    return Score(
        rmse=_mean(folds),
        rmse_std=float(np.std(folds, ddof=1)) if len(folds) > 1 else math.nan,
        rmse_pooled=math.sqrt(squared_error / sum(score.n_labels for score in every)),
        skill=metrics.skill(squared_error, sum(score.constant_squared_error for score in every)),
        pearson=_mean(pearson),
        pearson_undefined=sum(map(math.isnan, pearson)),
        ccc=_mean(ccc),
        ccc_undefined=sum(map(math.isnan, ccc)),
        n_songs=len(songs),
        n_labels=sum(max(score.n_labels for score in scores) for scores in songs.values()),
    )


def song_table(records: Sequence[JobRecord], target: str) -> SongTable:
    """Lay out the finished jobs of one cell song by song; raises as `score` does.

    A song's weight is its share in the headline: that of its fold, over the songs of the fold.
    """
    by_fold = _by_fold(records, target)
    columns: dict[str, Floats] = defaultdict(lambda: np.zeros(6))
    for fold in by_fold.values():
        for song, scores in fold.items():
            weight = 1 / (len(by_fold) * len(fold))
            rmse, constant = (
                _mean([getattr(score, name) for score in scores])
                for name in ("rmse", "constant_rmse")
            )
            sums = [
                sum(getattr(score, name) for score in scores)
                for name in ("squared_error", "constant_squared_error", "n_labels")
            ]
            columns[song] += [weight, weight * rmse, weight * constant, *sums]
    ids = tuple(sorted(columns))
    weights, rmse, constant, squared, constant_squared, n_labels = np.stack(
        [columns[song] for song in ids], axis=1
    )
    by_seed = defaultdict(list)
    for record in records:
        by_seed[record.description["seed"]].append(record)
    return SongTable(
        ids=ids,
        songs=Songs(weights, rmse / weights, squared, constant_squared, n_labels),
        constant_rmse=constant / weights,
        folds=tuple(_fold_means(by_fold)),
        seeds=tuple(_mean(_fold_means(_by_fold(jobs, target))) for jobs in by_seed.values())
        if len(by_seed) > 1
        else (),
    )


Folds = Mapping[int, Mapping[str, Sequence[SongScore]]]


def _by_fold(records: Sequence[JobRecord], target: str) -> Folds:
    """Return the scores of each seed by fold and song."""
    by_fold: dict[int, dict[str, list[SongScore]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        index = record.description["targets"].index(target)
        for song in song_scores(record, index):
            by_fold[record.description["fold"]["index"]][song.song].append(song)
    return by_fold


def _fold_means(by_fold: Folds) -> list[float]:
    return [_mean(_averaged(songs.values(), "rmse")) for songs in by_fold.values()]


def _averaged(songs: Iterable[Sequence[SongScore]], metric: str) -> list[float]:
    return [_mean([getattr(score, metric) for score in scores]) for scores in songs]


def _mean(values: Sequence[float]) -> float:
    """Return the mean of the values that are defined; NaN where none is."""
    defined = [value for value in values if not math.isnan(value)]
    return sum(defined) / len(defined) if defined else math.nan
