"""A case small enough to work out by hand: songs a and b in fold 0, song c in fold 1, constant 0.

| song | time | label | prediction | squared error | of the constant |
|------|------|-------|------------|---------------|-----------------|
| a    | 0.0  | 0.1   | 0.2        | .01           | .01             |
| a    | 0.5  | 0.3   | 0.6        | .09           | .09             |
| a    | 1.0  | 0.2   | 0.4        | .04           | .04             |
| b    | 0.0  | 0.4   | 0.0        | .16           | .16             |
| b    | 0.5  | -     | 9.0        |               |                 |
| c    | 0.0  | 0.5   | 0.8        | .09           | .25             |
| c    | 1.0  | 0.0   | 0.4        | .16           | .00             |
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from benchmark.evaluation.breakdown import along, by_subset, worst_songs
from benchmark.evaluation.scores import SongTable, song_table
from benchmark.records import JobRecord, Predictions

NAN = math.nan
Labels = list[tuple[float, float, float]]

A: Labels = [(0.0, 0.1, 0.2), (0.5, 0.3, 0.6), (1.0, 0.2, 0.4)]
B: Labels = [(0.0, 0.4, 0.0), (0.5, NAN, 9.0)]
C: Labels = [(0.0, 0.5, 0.8), (1.0, 0.0, 0.4)]


def job(fold: int, songs: dict[str, Labels], *, constant: float = 0.0, seed: int = 0) -> JobRecord:
    columns = np.array([label for labels in songs.values() for label in labels])
    return JobRecord(
        key=f"{fold}-{seed}",
        description={"targets": ["valence", "arousal"], "fold": {"index": fold}, "seed": seed},
        predictions=Predictions(
            songs=np.repeat(list(songs), [len(labels) for labels in songs.values()]),
            times=columns[:, 0],
            labels=np.stack([np.full(len(columns), 0.9), columns[:, 1]], axis=1),
            values=np.stack([np.full(len(columns), -0.9), columns[:, 2]], axis=1),
        ),
        constants=(0.9, constant),
    )


@pytest.fixture
def records() -> list[JobRecord]:
    return [job(0, {"a": A, "b": B}), job(1, {"c": C})]


@pytest.fixture
def table(records: list[JobRecord]) -> SongTable:
    return song_table(records, "arousal")


def test_along_the_song_by_hand(records: list[JobRecord]) -> None:
    """In the first second a has (.01 + .09) / 2, b .16, c .09; then a has .04, c .16."""
    found = along(records, "arousal", width=1.0, least=2)
    assert found.starts.tolist() == [0.0, 1.0]
    assert found.n_songs.tolist() == [3, 2]
    assert found.rmse == pytest.approx([math.sqrt(0.30 / 3), math.sqrt(0.20 / 2)])
    assert found.constant == pytest.approx([math.sqrt(0.46 / 3), math.sqrt(0.04 / 2)])


def test_bins_with_few_songs_are_left_out(records: list[JobRecord]) -> None:
    assert along(records, "arousal", width=1.0, least=3).starts.tolist() == [0.0]
    none = along(records, "arousal", width=1.0, least=4)
    assert none.starts.tolist() == none.rmse.tolist() == none.n_songs.tolist() == []


def test_bins_begin_where_the_first_rated_label_lies(records: list[JobRecord]) -> None:
    """No song is rated at 0.5 but a: a bin of half a second without two songs is no bin."""
    found = along(records, "arousal", width=0.5, least=2)
    assert found.starts.tolist() == [0.0, 1.0]
    assert found.rmse[0] == pytest.approx(math.sqrt((0.01 + 0.16 + 0.09) / 3))


def test_a_song_tested_by_two_seeds_counts_once(records: list[JobRecord]) -> None:
    """Song c errs by 0.3 under one seed, by 0.1 under the other: .05 on average."""
    again = [*records, job(1, {"c": [(0.0, 0.5, 0.6)]}, seed=1)]
    found = along(again, "arousal", width=0.5, least=2)
    assert found.n_songs.tolist() == [3, 2]
    assert found.rmse[0] == pytest.approx(math.sqrt((0.01 + 0.16 + 0.05) / 3))


def test_a_job_without_predictions_is_named() -> None:
    with pytest.raises(ValueError, match="job lost has no predictions: none stored"):
        along([JobRecord("lost", {"targets": ["arousal"]})], "arousal")


def test_subsets_average_the_rmse_of_their_songs(table: SongTable) -> None:
    """Per song: a sqrt(.14 / 3), b 0.4, c sqrt(.25 / 2); a and c are in one subset."""
    first, second = by_subset(table, {"a": "old", "b": "new", "c": "old"})
    of_a, of_c = math.sqrt(0.14 / 3), math.sqrt(0.25 / 2)
    assert (first.subset, first.n_songs, second.subset, second.n_songs) == ("new", 1, "old", 2)
    assert first.rmse == pytest.approx(0.4)
    assert math.isnan(first.over_songs.low)
    assert second.rmse == pytest.approx((of_a + of_c) / 2)
    assert second.constant == pytest.approx((math.sqrt(0.14 / 3) + math.sqrt(0.25 / 2)) / 2)
    interval = stats.t.interval(0.95, 1, loc=second.rmse, scale=stats.sem([of_a, of_c]))
    assert (second.over_songs.low, second.over_songs.high) == pytest.approx(interval)


def test_songs_of_no_known_subset_are_together(table: SongTable) -> None:
    assert [(one.subset, one.n_songs) for one in by_subset(table, {"b": "new"})] == [
        ("", 2),
        ("new", 1),
    ]


def test_worst_songs_come_first_with_their_constant_and_the_mean_of_rows(
    table: SongTable, records: list[JobRecord]
) -> None:
    other = song_table([job(0, {"a": A, "b": [(0.0, 0.4, 0.2)]}), records[1]], "arousal")
    first, second = worst_songs(table, [table, other], count=2)
    assert (first.song, second.song) == ("b", "c")
    assert first.rmse == pytest.approx(0.4)
    assert first.constant == pytest.approx(0.4)
    assert first.of_rows == pytest.approx((0.4 + 0.2) / 2)
    assert len(worst_songs(table, [table])) == 3


def test_rows_of_other_songs_have_no_common_worst_songs(table: SongTable) -> None:
    other = song_table([job(0, {"a": A})], "arousal")
    with pytest.raises(ValueError, match="rows tested on different songs"):
        worst_songs(table, [other])
