"""From stored predictions to the scores of songs, jobs and cells: computed, never stored alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.evaluation import metrics
from benchmark.evaluation.metrics import Counts, Floats
from benchmark.evaluation.song_scores import SongScores, numbered, song_scores
from benchmark.evaluation.statistics import Songs
from benchmark.records import JobRecord


@dataclass(frozen=True)
class Score:
    """What a table shows of a job or a cell.

    Attributes
    ----------
    rmse : float
        Per-song RMSE averaged over seeds, then over the songs of a fold, then over folds. Where
        each song has one label, squared errors are averaged in its place, and the root is taken of
        their mean.
    rmse_std : float
        Sample SD (ddof 1) of the folds' RMSE; NaN for a single fold. Where each song has one
        label, the RMSE of a fold is over its songs.
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
    r2, r2_std : float
        1 - SSE / SST over the songs of a fold, mean and sample SD (ddof 1) over folds, as
        scikit-learn's `cross_val_score(scoring="r2")`; NaN unless each song has one label, and
        where the songs of a fold are rated alike.
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
    r2: float = math.nan
    r2_std: float = math.nan


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

    @property
    def constant(self) -> float:
        """The headline of the constant predictor."""
        return self.songs.headline(self.constant_rmse)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A cell on one target, as a whole and song by song."""

    score: Score
    table: SongTable


def evaluate(records: Sequence[JobRecord], target: str) -> Evaluation:
    """Return `score` and `song_table` of the finished jobs of one cell; raises as they do."""
    scores = song_scores(records, target)
    return Evaluation(_score(scores), _table(scores))


def score(records: Sequence[JobRecord], target: str) -> Score:
    """Aggregate the finished jobs of one cell, any folds and seeds, on one target.

    Raises
    ------
    ValueError
        If a job has failed: a cell has all its folds or no score.
    """
    return _score(song_scores(records, target))


def song_table(records: Sequence[JobRecord], target: str) -> SongTable:
    """Lay out the finished jobs of one cell song by song; raises as `score` does.

    A song's weight is its share in the headline: that of its fold, over the songs of the fold.
    """
    return _table(song_scores(records, target))


def _score(scores: SongScores) -> Score:
    folds, power = _fold_means(scores), _power(scores)
    largest = np.zeros(len(scores.ids), dtype=np.intp)
    np.maximum.at(largest, scores.songs, scores.n_labels)
    song_by_song = np.argsort(scores.songs, kind="stable")
    squared_error = sum(scores.squared_error[song_by_song].tolist())
    constant = sum(scores.constant_squared_error[song_by_song].tolist())
    r2 = _r2(scores) if scores.whole else []
    pearson, ccc = (_means(column, scores.songs) for column in (scores.pearson, scores.ccc))
    return Score(
        rmse=_mean([rmse**power for rmse in folds]) ** (1 / power),
        rmse_std=_sd(folds),
        rmse_pooled=math.sqrt(squared_error / int(scores.n_labels.sum())),
        skill=metrics.skill(squared_error, constant),
        pearson=_mean(pearson.tolist()),
        pearson_undefined=int(np.isnan(pearson).sum()),
        ccc=_mean(ccc.tolist()),
        ccc_undefined=int(np.isnan(ccc).sum()),
        n_songs=len(scores.ids),
        n_labels=int(largest.sum()),
        r2=float(np.mean(r2)) if r2 else math.nan,
        r2_std=_sd(r2),
    )


def _table(scores: SongScores) -> SongTable:
    first, tested = _in_folds(scores)
    folds, songs = scores.folds[first], scores.songs[first]
    tests = np.bincount(folds)
    weights = (1 / (len(tests) * tests))[folds]
    power = _power(scores)
    weighted = [
        weights * _means(column**power, tested) for column in (scores.rmse, scores.constant_rmse)
    ]
    sums = [
        _sums(column, tested)
        for column in (scores.squared_error, scores.constant_squared_error, scores.n_labels)
    ]
    order = np.argsort(scores.ids)
    weights, rmse, constant, squared, constant_squared, n_labels = (
        _sums(column, songs)[order] for column in (weights, *weighted, *sums)
    )
    seeds = range(scores.seeds.max() + 1)
    return SongTable(
        ids=tuple(scores.ids[order].tolist()),
        songs=Songs(
            weights,
            (rmse / weights) ** (1 / power),
            squared,
            constant_squared,
            n_labels,
            whole=scores.whole,
        ),
        constant_rmse=(constant / weights) ** (1 / power),
        folds=tuple(_fold_means(scores)),
        seeds=tuple(_mean(_fold_means(scores, of_seed=seed)) for seed in seeds)
        if len(seeds) > 1
        else (),
    )


def _in_folds(scores: SongScores) -> tuple[Counts, Counts]:
    """Return `numbered` of each song in each fold, whatever the seed."""
    return numbered(scores.folds * len(scores.ids) + scores.songs)


def _fold_means(scores: SongScores, *, of_seed: int | None = None) -> list[float]:
    """Return the RMSE per song of each fold, over all seeds or of one."""
    rmse = scores.rmse
    if of_seed is not None:
        rmse = np.where(scores.seeds == of_seed, rmse, np.nan)
    first, tested = _in_folds(scores)
    power = _power(scores)
    squares = _means(_means(rmse**power, tested), scores.folds[first])
    means: list[float] = (squares ** (1 / power)).tolist()
    return means


def _power(scores: SongScores) -> int:
    """Return what RMSE are raised to before they are averaged; the root is taken of the mean."""
    return 2 if scores.whole else 1


def _r2(scores: SongScores) -> list[float]:
    """Return R2 over the songs of each fold, errors averaged over seeds; NaN if they are alike."""
    first, tested = _in_folds(scores)
    folds, labels = scores.folds[first], scores.label[first]
    error = _sums(_means(scores.squared_error, tested), folds)
    spread = _sums(np.square(labels - _means(labels, folds)[folds]), folds)
    undefined = np.full(len(spread), math.nan)
    r2: list[float] = (1 - np.divide(error, spread, out=undefined, where=spread > 0)).tolist()
    return r2


def _means(values: Floats, groups: Counts) -> Floats:
    """Return the mean of each group's values that are defined; NaN where none is."""
    defined = ~np.isnan(values)
    sums, counts = _sums(np.where(defined, values, 0.0), groups), _sums(defined, groups)
    means: Floats = np.divide(sums, counts, out=np.full(len(sums), math.nan), where=counts > 0)
    return means


def _sums(values: npt.NDArray[Any], groups: Counts) -> Floats:
    """Return the sum of the values of each group, added in their order."""
    sums: Floats = np.bincount(groups, values).astype(np.float64, copy=False)
    return sums


def _sd(values: Sequence[float]) -> float:
    """Return the sample SD (ddof 1); NaN for fewer than two values."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else math.nan


def _mean(values: Sequence[float]) -> float:
    """Return the mean of the values that are defined; NaN where none is."""
    defined = [value for value in values if not math.isnan(value)]
    return sum(defined) / len(defined) if defined else math.nan
