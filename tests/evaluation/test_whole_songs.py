"""Songs with one label each: the RMSE over songs, and R2, in place of the RMSE per song."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import r2_score, root_mean_squared_error

from benchmark.evaluation.breakdown import by_subset
from benchmark.evaluation.scores import score, song_table
from benchmark.evaluation.statistics import cluster_bootstrap
from benchmark.records import JobRecord, Predictions

LABELS = {"a": 0.5, "b": -0.25, "c": 0.0, "d": 0.75, "e": -0.5}
VALUES = {"a": 0.25, "b": -0.5, "c": 0.5, "d": 0.5, "e": 0.0}
FOLDS = (("a", "b", "c"), ("d", "e"))


def job(fold: int, *, seed: int = 0, off: float = 0.0, rated: str = "songs") -> JobRecord:
    songs = FOLDS[fold]
    labels = np.array([[LABELS[song]] for song in songs])
    described = {"targets": ["arousal"], "fold": {"index": fold}, "seed": seed, "rated": rated}
    return JobRecord(
        key=f"{fold}-{seed}",
        description=described,
        predictions=Predictions(
            songs=np.array(songs),
            times=np.zeros(len(songs)),
            labels=labels,
            values=np.array([[VALUES[song] + off] for song in songs]),
        ),
        constants=(0.1,),
    )


def of_fold(fold: int) -> tuple[list[float], list[float]]:
    return [LABELS[song] for song in FOLDS[fold]], [VALUES[song] for song in FOLDS[fold]]


def test_rmse_and_r2_are_over_the_songs_of_a_fold_as_scikit_learn_has_them() -> None:
    cell = score([job(0), job(1)], "arousal")
    rmse = [root_mean_squared_error(*of_fold(fold)) for fold in (0, 1)]
    r2 = [r2_score(*of_fold(fold)) for fold in (0, 1)]
    assert cell.rmse == pytest.approx(math.sqrt(np.mean(np.square(rmse))))
    assert cell.rmse_std == pytest.approx(np.std(rmse, ddof=1))
    assert (cell.r2, cell.r2_std) == pytest.approx((np.mean(r2), np.std(r2, ddof=1)))
    assert (cell.n_songs, cell.n_labels) == (5, 5)


def test_the_same_labels_of_half_seconds_have_the_mean_error_and_no_r2() -> None:
    records = [job(fold, rated="half seconds") for fold in (0, 1)]
    cell = score(records, "arousal")
    assert cell.rmse == pytest.approx((1 / 3 + 0.375) / 2)
    assert math.isnan(cell.r2) and math.isnan(cell.r2_std)


def test_seeds_are_averaged_as_squares() -> None:
    """Song a is off by -0.25 and +0.25, b by -0.25 and +0.25, c by 0.5 and 1."""
    records = [job(0), job(0, seed=1, off=0.5)]
    cell, table = score(records, "arousal"), song_table(records, "arousal")
    assert cell.rmse == pytest.approx(math.sqrt((2 * 0.0625 + (0.25 + 1) / 2) / 3))
    assert table.songs.rmse == pytest.approx([0.25, 0.25, math.sqrt((0.25 + 1) / 2)])
    labels = of_fold(0)[0]
    assert cell.r2 == pytest.approx(1 - 3 * cell.rmse**2 / (3 * np.var(labels)))


def test_a_row_of_the_constant_has_the_rmse_of_its_constant() -> None:
    """Folds of unlike size and spread: a mean of roots would lie below the root of the mean."""
    of_constant = [
        replace(record, predictions=replace(record.predictions, values=np.full((n, 1), 0.1)))
        for record, n in ((job(0), 3), (job(1), 2))
        if record.predictions
    ]
    cell, table = score(of_constant, "arousal"), song_table(of_constant, "arousal")
    assert cell.rmse == pytest.approx(table.constant, rel=1e-12)
    assert cell.rmse == pytest.approx(table.songs.headline(table.songs.rmse), rel=1e-12)
    assert cell.rmse > np.mean(table.folds) + 0.01


def test_r2_of_songs_rated_alike_is_not_defined() -> None:
    alone = job(1)
    assert alone.predictions
    same = replace(alone.predictions, labels=np.full((2, 1), 0.5))
    assert math.isnan(score([replace(alone, predictions=same)], "arousal").r2)
    both = score([job(0), replace(alone, predictions=same)], "arousal")
    assert math.isnan(both.r2) and math.isnan(both.r2_std)


def test_the_headline_its_constant_and_its_interval_are_roots_of_means_of_squares() -> None:
    records = [job(0), job(1)]
    table = song_table(records, "arousal")
    by_song = {song: LABELS[song] - VALUES[song] for song in LABELS}
    weights = {song: 1 / 2 / len(fold) for fold in FOLDS for song in fold}
    mean_square = sum(weights[song] * error**2 for song, error in by_song.items())
    assert table.songs.headline(table.songs.rmse) == pytest.approx(math.sqrt(mean_square))
    constant = sum(weights[song] * (LABELS[song] - 0.1) ** 2 for song in LABELS)
    assert table.constant == pytest.approx(math.sqrt(constant))

    songs = table.songs
    drawn = np.random.default_rng(0).integers(5, size=(2000, 5))
    totals = (songs.weights * songs.rmse**2)[drawn].sum(axis=1) / songs.weights[drawn].sum(axis=1)
    low, high = np.quantile(np.sqrt(totals), [0.025, 0.975])
    found = cluster_bootstrap(songs).rmse
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.01)


def test_a_subset_has_the_root_of_its_mean_square_and_the_interval_around_that() -> None:
    table = song_table([job(0), job(1)], "arousal")
    subsets = {song: "x" if song in "abc" else "y" for song in LABELS}
    first, _ = by_subset(table, subsets)
    assert first.rmse == pytest.approx(root_mean_squared_error(*of_fold(0)))
    squares = np.square(np.subtract(*of_fold(0)))
    half = 4.302653 * squares.std(ddof=1) / math.sqrt(3)
    assert first.over_songs.low == pytest.approx(math.sqrt(max(0, squares.mean() - half)))
    assert first.over_songs.high == pytest.approx(math.sqrt(squares.mean() + half))
    assert first.constant == pytest.approx(math.sqrt((0.16 + 0.1225 + 0.01) / 3))
