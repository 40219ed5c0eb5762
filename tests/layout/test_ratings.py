from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmark.errors import DataError
from benchmark.layout.ratings import read_raters

GRID = range(15_000, 16_500, 500)
NAN = np.nan


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "12.csv"


def test_raters_are_rows_on_the_grid_joined_on_column_names(table: Path) -> None:
    table.write_text(
        "WorkerId, sample_16000ms,sample_15000ms,sample_15500ms\nA1,0.3,0.1,0.2\nB2,-0.6,-0.4,-0.5"
    )
    ratings = read_raters(table, GRID)
    np.testing.assert_array_equal(ratings, [[0.1, 0.2, 0.3], [-0.4, -0.5, -0.6]])
    assert ratings.dtype == np.float64


@pytest.mark.parametrize(
    "text",
    [
        "sample_15000ms,sample_15500ms,sample_16000ms\n0.1,0.2,0.3\n",
        "worker_id,sample_15000ms,sample_15500ms,sample_16000ms\n0.9,0.1,0.2,0.3\n",
        ",sample_15000ms,sample_15500ms,sample_16000ms\n0,0.1,0.2,0.3\n",
    ],
    ids=["absent", "other name", "row number"],
)
def test_who_rated_is_no_rating(table: Path, text: str) -> None:
    table.write_text(text)
    np.testing.assert_array_equal(read_raters(table, GRID), [[0.1, 0.2, 0.3]])


@pytest.mark.parametrize("missing", ["", " ", "nan", "NaN", "\t", "\u00a0"])
def test_what_a_rater_left_out_is_missing_and_shifts_nothing(table: Path, missing: str) -> None:
    table.write_text(f"sample_15000ms,sample_15500ms,sample_16000ms\n0.1,{missing},0.3\n")
    np.testing.assert_array_equal(read_raters(table, GRID), [[0.1, NAN, 0.3]])


def test_a_rater_who_stopped_early_has_empty_cells(table: Path) -> None:
    table.write_text(
        "WorkerId,sample_15000ms,sample_15500ms,sample_16000ms\nA,0.1,0.2,\nB,0.1,0.2,0.3"
    )
    np.testing.assert_array_equal(read_raters(table, GRID), [[0.1, 0.2, NAN], [0.1, 0.2, 0.3]])


def test_ratings_beside_the_labels_are_dropped_and_labels_without_a_column_missing(
    table: Path,
) -> None:
    table.write_text("WorkerId,sample_14500ms,sample_15000ms,sample_15500ms\nA,0.1,0.2,0.3\n")
    np.testing.assert_array_equal(read_raters(table, GRID), [[0.2, 0.3, NAN]])


def test_a_rater_who_said_nothing_about_these_labels_is_dropped(table: Path) -> None:
    table.write_text("WorkerId,sample_14500ms,sample_15000ms\nA,0.1,\nB,,\nC,0.1,0.2\n")
    np.testing.assert_array_equal(read_raters(table, GRID), [[0.2, NAN, NAN]])


@pytest.mark.parametrize("text", ["sample_15000ms\n", "WorkerId,sample_15000ms\nA,nan\n"])
def test_a_table_without_a_rating_has_no_rater(table: Path, text: str) -> None:
    table.write_text(text)
    assert read_raters(table, GRID).shape == (0, 3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ": no column 'sample_<n>ms'"),
        ("WorkerId\nA\n", ": no column 'sample_<n>ms'"),
        ("WorkerId,Age,sample_0ms\n", ": column 'Age' is not 'sample_<n>ms'"),
        ("sample_0,sample_500ms\n0,0\n", ": column 'sample_0' is not 'sample_<n>ms'"),
        ("sample_0ms,sample_1000ms\n0,0\n", ": no column 'sample_500ms', but one of 0 ms and one"),
        ("sample_250ms\n", ": column 'sample_250ms' is not .* multiple of 500"),
        ("WorkerId,sample_0ms,sample_0ms\n", ": column 'sample_0ms' stands twice"),
        (
            "WorkerId,sample_0ms,sample_500ms\nA,0,0\nB,0,1.01\n",
            r", line 3: column 'sample_500ms' is '1.01', expected a rating in \[-1, 1\]",
        ),
        ("WorkerId,sample_0ms\nA,-inf\n", ", line 2: column 'sample_0ms' is '-inf', expected"),
        ("sample_0ms,sample_500ms\n0,high\n", ", line 2: column 'sample_500ms' is 'high', exp"),
        ("sample_0ms\nA1,0.5\n", ", line 2: 2 cells under 1 columns"),
        ("WorkerId,sample_0ms\nA,0.5,0.5\n", ", line 2: 3 cells under 2 columns"),
        ("WorkerId,sample_0ms,sample_500ms\n0.1,0.2\n", ", line 2: 2 cells under 3 columns"),
        ("sample_0ms,sample_500ms\n0,0_1\n", ", line 2: column 'sample_500ms' is '0_1', expected"),
        ("sample_0ms\n-nan\n", ", line 2: column 'sample_0ms' is '-nan', expected"),
        ("sample_0ms\n\u0661\n", ", line 2: column 'sample_0ms' is '\u0661', expected"),
    ],
)
def test_a_mistake_in_a_table_of_raters_is_shown(table: Path, text: str, message: str) -> None:
    table.write_text(text)
    with pytest.raises(DataError, match=f"12.csv{message}"):
        read_raters(table, GRID)
