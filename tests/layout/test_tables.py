from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.errors import DataError
from benchmark.layout.tables import read_labels, song_id


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "arousal.csv"


def test_ratings_are_joined_on_column_names(table: Path) -> None:
    table.write_text("song_id, sample_15500ms,sample_15000ms\n7,0.5,-0.25\n")
    assert read_labels(table) == {"7": {15_500: 0.5, 15_000: -0.25}}


@pytest.mark.parametrize("missing", ["", " ", "nan", "NaN", "\t", "\u00a0"])
def test_a_missing_rating_is_left_out_and_shifts_nothing(table: Path, missing: str) -> None:
    table.write_text(f"song_id,sample_0ms,sample_500ms,sample_1000ms\n7,0.1,{missing},0.3\n")
    assert read_labels(table) == {"7": {0: 0.1, 1000: 0.3}}


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffsong_id,sample_0ms\n7,0.5\n",
        "song_id,sample_0ms\r\n7,0.5\r\n",
        '"song_id"," sample_0ms"\n"7","0.5"',
        "song_id,sample_0ms\n\n7.0, 0.5\u00a0\n,\n",
    ],
    ids=["byte order mark", "windows", "quoted", "blank rows"],
)
def test_spreadsheets_may_have_been_at_it(table: Path, text: str) -> None:
    table.write_bytes(text.encode())
    assert read_labels(table) == {"7": {0: 0.5}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "first column is '', expected 'song_id'"),
        ("song_id\n7\n", "holds no rating of any song"),
        ("song_id,sample_0ms\n", "holds no rating of any song"),
        ("song_id,sample_0ms\n7,nan\n8,\n", "holds no rating of any song"),
        ("song_id;sample_0ms\n7;0,5\n", "first column is 'song_id;sample_0ms', .* divided by comm"),
        ("id,sample_0ms\n7,0\n", "first column is 'id', expected 'song_id'"),
        ("song_id,sample_250ms\n", "column 'sample_250ms' is not .* multiple of 500"),
        ("song_id,15.0\n", "column '15.0' is not 'sample_<n>ms'"),
        ("song_id,sample_0ms,\n", "column '' is not 'sample_<n>ms'"),
        ("song_id,sample_\u0660ms\n", "column 'sample_\u0660ms' is not 'sample_<n>ms'"),
        (f"song_id,sample_{10**9}ms\n", "column 'sample_1000000000ms' is not 'sample_<n>ms'"),
        ("song_id,sample_0ms,sample_0ms\n", "column 'sample_0ms' stands twice"),
        (
            "song_id,sample_5000ms,sample_0ms,sample_1000ms\n7,0,0,0\n",
            "no column 'sample_500ms', but one of 0 ms and one of 1000 ms; columns are 500",
        ),
        ("song_id,sample_0ms\n7,0\n7,1\n", "line 3: song 7 has a second row; keep one"),
        ("song_id,sample_0ms\n7,0\n007.0,1\n", "line 3: song 7 has a second row; keep one"),
        ("song_id,sample_0ms\nseven,0\n", "line 2: song_id 'seven' is not a whole number"),
        ("song_id,sample_0ms\n7.5,0\n", "line 2: song_id '7.5' is not a whole number"),
        ("song_id,sample_0ms\n-7,0\n", "line 2: song_id '-7' is not a whole number"),
        ("song_id,sample_0ms\n\u0667,0\n", "line 2: song_id '\u0667' is not a whole number"),
        (f"song_id,sample_0ms\n{5000 * '7'},0\n", f"line 2: song_id '{40 * '7'}' is not a whole"),
        ("song_id,sample_0ms\n7,0,1\n", "line 2: song 7 has 3 cells under 2 columns"),
        ("song_id,sample_0ms\n7,0,\n", "line 2: song 7 has 3 cells under 2 columns"),
        ("song_id,sample_0ms,sample_500ms\n7,0\n", "line 2: song 7 has 2 cells under 3 columns"),
        ("song_id,sample_0ms\n7,high\n", "line 2: song 7, column 'sample_0ms' is 'high', expected"),
        ('song_id,sample_0ms\n7,"0,5"\n', "line 2: song 7, column 'sample_0ms' is '0,5', expect"),
        (
            "song_id,sample_0ms\n7,1.01\n",
            r"line 2: song 7, .* is '1.01', expected a rating in \[-1",
        ),
        (
            "song_id,sample_0ms\n7,-5\n",
            r"line 2: song 7, .* is '-5', expected a rating in \[-1, 1\]",
        ),
        (
            "song_id,sample_0ms\n7,inf\n",
            r"line 2: song 7, .* is 'inf', expected a rating in \[-1, 1",
        ),
        ("song_id,sample_0ms\n7,0_1\n", "line 2: song 7, column 'sample_0ms' is '0_1', expected"),
        ("song_id,sample_0ms\n7,\u0661\n", "line 2: song 7, column 'sample_0ms' is '\u0661', exp"),
        ("song_id,sample_0ms\n\n7,\n8,2\n", "line 4: song 8, column 'sample_0ms' is '2', expect"),
        (
            'song_id,sample_0ms\n7,"0.5\n8,0.5"\n',
            "line 3: a cell in quotes goes over several lines",
        ),
        ('song_id,sample_0ms\n7,"0.5\n', r"line 2: cannot be read \(unexpected end of data\)"),
        ('song_id,sample_0ms\n7,0.5\n8,"0".5\n', "line 3: cannot be read \\(',' expected after"),
        ('song_id,sample_0ms\n7,0\n"\n"\n', "line 4: a cell in quotes goes over several"),
        ("song_id,sample_0ms\n7,-NaN\n", "line 2: song 7, column 'sample_0ms' is '-NaN', expect"),
        ("song_id,sample_0ms\n7,0\0\n", "line 2: is no text in UTF-8"),
    ],
)
def test_a_mistake_in_a_table_is_shown(table: Path, text: str, message: str) -> None:
    table.write_text(text)
    with pytest.raises(DataError, match=f"arousal.csv(:|,) {message}"):
        read_labels(table)


def test_a_table_in_another_encoding_is_no_table(table: Path) -> None:
    table.write_text("song_id,sample_0ms\n7,0.5\n", encoding="utf-16")
    with pytest.raises(DataError, match=r"arousal.csv, line 1: is no text in UTF-8; save it as"):
        read_labels(table)


def test_a_table_that_is_no_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_labels(tmp_path)


ratings = st.floats(-1, 1, allow_nan=False)
tables = st.dictionaries(
    st.integers(0, 3000),
    st.dictionaries(st.integers(0, 9).map(lambda number: 500 * number), ratings),
    min_size=1,
    max_size=5,
).filter(lambda labels: any(labels.values()))


def lines_of(labels: dict[int, dict[int, float]], starts: list[int]) -> list[list[str]]:
    header = ["song_id", *(f"sample_{start}ms" for start in starts)]
    rows = [
        [str(song), *(str(row.get(start, "")) for start in starts)] for song, row in labels.items()
    ]
    return [header, *rows]


def written(folder: str, lines: list[list[str]]) -> Path:
    path = Path(folder) / "arousal.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(lines)
    return path


@given(labels=tables, starts=st.permutations([500 * number for number in range(10)]))
def test_any_table_comes_back(labels: dict[int, dict[int, float]], starts: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        read = read_labels(written(folder, lines_of(labels, starts)))
    assert read == {str(song): row for song, row in labels.items()}


@pytest.mark.parametrize(("cell", "expected"), [("7", "7"), ("07", "7"), ("7.0", "7"), ("0", "0")])
def test_a_song_is_named_as_its_file_is(cell: str, expected: str) -> None:
    assert song_id(Path("t.csv"), 2, cell) == expected
