"""A case small enough to work out by hand.

Fold 0 tests songs a and b, fold 1 song c; the constants are 0.0 and 0.1.

| song | labels      | predictions | squared errors | RMSE | of the constant |
|------|-------------|-------------|----------------|------|-----------------|
| a    | 0.1 0.3     | 0.2 0.2     | .01 .01        | 0.1  | .01 + .09       |
| b    | 0.5 - 0.5   | 0.2 9 0.8   | .09 .09        | 0.3  | .25 + .25       |
| c    | 0.0 0.2     | 0.4 0.6     | .16 .16        | 0.4  | .01 + .01       |
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmark.evaluation.scores import evaluate, score, song_table
from benchmark.evaluation.song_scores import song_scores
from benchmark.records import JobRecord, Predictions

NAN = math.nan


def job(
    fold: int,
    songs: dict[str, tuple[list[float], list[float]]],
    *,
    constant: float,
    seed: int = 0,
    error: str = "",
) -> JobRecord:
    lengths = [len(labels) for labels, _ in songs.values()]
    labels = np.concatenate([labels for labels, _ in songs.values()])
    values = np.concatenate([values for _, values in songs.values()])
    return JobRecord(
        key=f"{fold}-{seed}",
        description={"targets": ["valence", "arousal"], "fold": {"index": fold}, "seed": seed},
        error=error,
        predictions=None
        if error
        else Predictions(
            songs=np.repeat(list(songs), lengths),
            times=np.concatenate([15 + 0.5 * np.arange(n) for n in lengths]),
            labels=np.stack([np.full(len(labels), 0.9), labels], axis=1),
            values=np.stack([np.full(len(values), -0.9), values], axis=1),
        ),
        constants=(0.9, constant),
    )


FIRST = {"a": ([0.1, 0.3], [0.2, 0.2]), "b": ([0.5, NAN, 0.5], [0.2, 9.0, 0.8])}
SECOND = {"c": ([0.0, 0.2], [0.4, 0.6])}


@pytest.fixture
def records() -> list[JobRecord]:
    return [job(0, FIRST, constant=0.0), job(1, SECOND, constant=0.1)]


def test_each_song_by_hand(records: list[JobRecord]) -> None:
    scores = song_scores(records[::-1], "arousal")
    assert scores.ids[scores.songs].tolist() == ["c", "a", "b"]
    np.testing.assert_array_equal(scores.folds, [0, 1, 1])
    np.testing.assert_array_equal(scores.n_labels, [2, 2, 2])
    np.testing.assert_allclose(scores.rmse, [0.4, 0.1, 0.3])
    np.testing.assert_allclose(scores.squared_error, [0.32, 0.02, 0.18])
    np.testing.assert_allclose(scores.constant_squared_error, [0.02, 0.10, 0.50])
    np.testing.assert_allclose(scores.pearson, [1, NAN, NAN])
    np.testing.assert_allclose(scores.ccc, [0.02 / 0.18, 0, 0], atol=1e-15)


def test_a_cell_by_hand(records: list[JobRecord]) -> None:
    cell = score(records, "arousal")
    assert cell.rmse == pytest.approx((0.2 + 0.4) / 2)
    assert cell.rmse_std == pytest.approx(0.2 / math.sqrt(2))
    assert cell.rmse_pooled == pytest.approx(math.sqrt((0.02 + 0.18 + 0.32) / 6))
    assert cell.skill == pytest.approx(1 - 0.52 / (0.10 + 0.50 + 0.02))
    assert (cell.n_songs, cell.n_labels) == (3, 6)


def test_undefined_correlations_are_counted_and_not_averaged(records: list[JobRecord]) -> None:
    cell = score(records, "arousal")
    assert cell.pearson == pytest.approx(1)
    assert (cell.pearson_undefined, cell.ccc_undefined) == (2, 0)
    # c: 2 * .01 / (.01 + .01 + .4**2) with ddof 0; a and b have none.
    assert cell.ccc == pytest.approx((0 + 0 + 0.02 / 0.18) / 3)


def test_the_order_of_records_does_not_matter(records: list[JobRecord]) -> None:
    forth, back = score(records, "arousal"), score(records[::-1], "arousal")
    for name, value in vars(forth).items():
        assert value == pytest.approx(getattr(back, name), rel=1e-12, nan_ok=True)


def test_seeds_are_averaged_before_songs_and_folds(records: list[JobRecord]) -> None:
    """Song a has RMSE 0.1 by one seed and 0.3 by the other: 0.2, and fold 0 (0.2 + 0.3) / 2."""
    worse = {"a": ([0.1, 0.3], [0.4, 0.6]), "b": FIRST["b"]}
    cell = score(
        [*records, job(0, worse, constant=0.0, seed=1), job(1, SECOND, constant=0.1, seed=1)],
        "arousal",
    )
    assert cell.rmse == pytest.approx((0.25 + 0.4) / 2)
    assert cell.rmse_std == pytest.approx(0.15 / math.sqrt(2))
    assert cell.rmse_pooled == pytest.approx(math.sqrt((0.02 + 0.18 + 2 * 0.18 + 2 * 0.32) / 12))
    assert (cell.n_songs, cell.n_labels) == (3, 6)


def test_a_song_tested_in_several_folds_is_counted_once(records: list[JobRecord]) -> None:
    """Song a by two more repeats: predicted as it is in one, where its labels swing in the other.

    Of its three correlations two are defined, 1 and -1; of song b's none is.
    """
    records += [
        job(2, {"a": ([0.1, 0.3], [0.1, 0.3])}, constant=0.0),
        job(3, {"a": ([0.1, 0.3], [0.3, 0.1]), "b": FIRST["b"]}, constant=0.0),
    ]
    cell = score(records, "arousal")
    assert (cell.n_songs, cell.n_labels) == (3, 6)
    assert (cell.pearson_undefined, cell.ccc_undefined) == (1, 0)
    # a: (1 - 1) / 2; c: 1.
    assert cell.pearson == pytest.approx((0 + 1) / 2)
    # a: 0, 1 and -1 over its folds; c as above.
    assert cell.ccc == pytest.approx((0 + 0 + 0.02 / 0.18) / 3)
    assert cell.rmse == pytest.approx((0.2 + 0.4 + 0 + (0.2 + 0.3) / 2) / 4)
    assert cell.rmse_pooled == pytest.approx(math.sqrt((0.02 + 0.18 + 0.32 + 0 + 0.08 + 0.18) / 12))


def test_a_song_of_which_folds_test_other_labels_has_as_many_as_the_largest() -> None:
    """As under repeats of leaky_frames."""
    first = job(0, {"a": ([0.1, 0.3, NAN], [0.1, 0.3, 0.5])}, constant=0.0)
    other = job(1, {"a": ([NAN, NAN, 0.5], [0.1, 0.3, 0.5])}, constant=0.0)
    for records in ([first, other], [other, first]):
        cell = score(records, "arousal")
        assert (cell.n_songs, cell.n_labels) == (1, 2)


def test_a_single_fold_has_no_spread(records: list[JobRecord]) -> None:
    assert math.isnan(score(records[:1], "arousal").rmse_std)


def test_the_mean_model_has_no_skill() -> None:
    random = np.random.default_rng(0)
    records = []
    for fold, constant in enumerate([0.1, -0.2, 1 / 3]):
        labels = {name: random.uniform(-1, 1, 7).tolist() for name in (f"{fold}a", f"{fold}b")}
        songs = {name: (values, 7 * [constant]) for name, values in labels.items()}
        records.append(job(fold, songs, constant=constant))
    cell = score(records, "arousal")
    assert cell.skill == 0
    assert (cell.pearson_undefined, cell.ccc_undefined) == (6, 0)
    assert math.isnan(cell.pearson)


def test_each_target_has_its_own_score(records: list[JobRecord]) -> None:
    valence = score(records, "valence")
    assert valence.rmse == pytest.approx(1.8)
    assert valence.n_labels == 7


def test_a_song_without_ratings_of_a_target_is_not_scored() -> None:
    songs = {"a": ([NAN, NAN], [0.0, 0.0]), "b": ([0.5, 0.5], [0.0, 0.0])}
    scores = song_scores([job(0, songs, constant=0.0)], "arousal")
    assert scores.ids.tolist() == ["b"]
    assert score([job(0, songs, constant=0.0)], "arousal").n_songs == 1


def test_a_cell_with_a_failed_job_has_no_score(records: list[JobRecord]) -> None:
    failed = job(2, {"d": ([0.1], [0.1])}, constant=0.0, error="diverged")
    with pytest.raises(ValueError, match="job 2-0 has no predictions: diverged"):
        score([*records, failed], "arousal")


def test_the_song_table_of_a_cell_by_hand(records: list[JobRecord]) -> None:
    table = song_table(records[::-1], "arousal")
    assert table.ids == ("a", "b", "c")
    # Fold 0 has half of the headline for two songs, fold 1 the other half for one.
    np.testing.assert_allclose(table.songs.weights, [0.25, 0.25, 0.5])
    np.testing.assert_allclose(table.songs.rmse, [0.1, 0.3, 0.4])
    np.testing.assert_allclose(table.songs.squared_error, [0.02, 0.18, 0.32])
    np.testing.assert_allclose(table.songs.constant_squared_error, [0.10, 0.50, 0.02])
    np.testing.assert_array_equal(table.songs.n_labels, [2, 2, 2])
    np.testing.assert_allclose(table.constant_rmse, [math.sqrt(0.05), 0.5, 0.1])
    assert sorted(table.folds) == pytest.approx([0.2, 0.4])
    assert table.seeds == ()


def test_a_song_tested_by_several_seeds_and_folds_is_one_row_of_the_table(
    records: list[JobRecord],
) -> None:
    """Song a: 0.1 and 0.3 by two seeds of fold 0, 0.2 by both of fold 2, where it is alone."""
    worse = {"a": ([0.1, 0.3], [0.4, 0.6]), "b": FIRST["b"]}
    third = {"a": ([0.1, 0.3], [0.3, 0.5])}
    records += [
        job(2, third, constant=0.2),
        job(0, worse, constant=0.0, seed=1),
        job(1, SECOND, constant=0.1, seed=1),
        job(2, third, constant=0.2, seed=1),
    ]
    table = song_table(records, "arousal")
    assert table.ids == ("a", "b", "c")
    np.testing.assert_allclose(table.songs.weights, [1 / 6 + 1 / 3, 1 / 6, 1 / 3])
    np.testing.assert_allclose(table.songs.rmse, [0.2, 0.3, 0.4])
    np.testing.assert_allclose(
        table.songs.squared_error, [0.02 + 0.18 + 2 * 0.08, 2 * 0.18, 2 * 0.32]
    )
    np.testing.assert_array_equal(table.songs.n_labels, [8, 4, 4])
    np.testing.assert_allclose(
        table.constant_rmse, [(math.sqrt(0.05) / 6 + 0.1 / 3) / 0.5, 0.5, 0.1]
    )
    assert table.folds == pytest.approx([0.25, 0.4, 0.2])
    assert table.seeds == pytest.approx([(0.2 + 0.4 + 0.2) / 3, (0.3 + 0.4 + 0.2) / 3])


def test_the_weights_rebuild_the_headline_and_the_sums_the_pooled_one() -> None:
    """Three repeats of folds of 3, 2 and 1 songs with two seeds, and labels that are missing."""
    random = np.random.default_rng(1)
    truth = {name: random.uniform(-1, 1, 3 + place) for place, name in enumerate("abcdef")}
    truth["b"][1] = NAN
    records = []
    for fold, songs in enumerate(3 * ["abc", "de", "f"]):
        for seed in range(2):
            tested = {s: (truth[s].tolist(), random.normal(size=len(truth[s]))) for s in songs}
            records.append(job(fold, tested, constant=0.1 * fold, seed=seed))
    cell, table = score(records, "arousal"), song_table(records, "arousal")
    assert table.ids == tuple("abcdef")
    assert table.songs.weights.sum() == pytest.approx(1)
    assert table.songs.weights @ table.songs.rmse == pytest.approx(cell.rmse, rel=1e-12)
    pooled = math.sqrt(table.songs.squared_error.sum() / table.songs.n_labels.sum())
    assert pooled == pytest.approx(cell.rmse_pooled, rel=1e-12)
    lost = table.songs.squared_error.sum() / table.songs.constant_squared_error.sum()
    assert 1 - lost == pytest.approx(cell.skill, rel=1e-12)
    assert np.std(table.folds, ddof=1) == pytest.approx(cell.rmse_std, rel=1e-12)
    assert np.mean(table.seeds) == pytest.approx(cell.rmse, rel=1e-12)
    assert (len(table.folds), len(table.seeds)) == (9, 2)
    both = evaluate(records, "arousal")
    assert both.score == cell
    assert (both.table.ids, both.table.folds) == (table.ids, table.folds)


def test_the_song_table_of_a_cell_with_a_failed_job_is_refused(records: list[JobRecord]) -> None:
    failed = job(2, {"d": ([0.1], [0.1])}, constant=0.0, error="diverged")
    with pytest.raises(ValueError, match="job 2-0 has no predictions: diverged"):
        song_table([*records, failed], "arousal")
