"""Frames of songs: joined on times and names, or refused with file, line and column."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from benchmark.errors import DataError
from benchmark.layout.frame_tables import read_frames, read_names

NAMES = ("f0_sd", "f0_mean", "rms_sd")
ROWS = [
    ["frameTime", *NAMES],
    ["0.000000", "1.5", "-2e-05", "0"],
    ["0.500000", "2.5", "+3", ".25"],
    ["1.000000", "3.5", "4.", "1e3"],
    ["1.500000", "4.5", "-5", "7"],
]
Write = Callable[..., Path]


def text_of(rows: list[list[str]], *, end: str = "\n") -> str:
    return end.join(";".join(row) for row in rows) + end


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def file(text: str) -> Path:
        path = tmp_path / "2.csv"
        path.write_text(text, encoding="utf-8", newline="")
        return path

    return file


def test_a_table_is_read_as_it_stands(write: Write) -> None:
    path = write(text_of(ROWS))
    table = read_frames(path, NAMES, hop=0.5)
    assert table.names == NAMES == read_names(path)
    assert table.times.tolist() == [0, 0.5, 1, 1.5]
    expected = [[1.5, -2e-5, 0], [2.5, 3, 0.25], [3.5, 4, 1000], [4.5, -5, 7]]
    np.testing.assert_array_equal(table.values, np.array(expected, dtype=np.float32))
    assert table.values.dtype == np.float32


def test_columns_are_joined_on_names_whatever_their_place(write: Write) -> None:
    moved = [[row[0], row[3], row[1], row[2]] for row in ROWS]
    table = read_frames(write(text_of(moved)), NAMES, hop=0.5)
    np.testing.assert_array_equal(table.values[0], np.array([1.5, -2e-5, 0], dtype=np.float32))


def changed(line: int, column: int, cell: str) -> str:
    rows = [list(row) for row in ROWS]
    rows[line - 1][column] = cell
    return text_of(rows)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (changed(3, 2, "loud"), r"2\.csv, line 3: column 'f0_mean' is 'loud', expected a number"),
        (changed(4, 1, "nan"), r"line 4: column 'f0_sd' is 'nan', expected a number"),
        (changed(4, 3, "-inf"), r"line 4: column 'rms_sd' is '-inf', expected a number"),
        (changed(2, 1, ""), r"line 2: column 'f0_sd' is '', expected a number"),
        (changed(5, 2, "1e39"), r"line 5: column 'f0_mean' is '1e39', expected a number"),
        (changed(5, 2, "1e999"), r"line 5: column 'f0_mean' is '1e999', expected a number"),
        (changed(5, 0, "late"), r"line 5: column 'frameTime' is 'late', expected a number"),
        (changed(3, 1, "1;2"), r"line 3: has 5 cells under 4 columns"),
        (text_of([*ROWS[:3], ROWS[3][:3]]), r"line 4: has 3 cells under 4 columns"),
        (
            text_of([*ROWS[:2], *ROWS[3:]]),
            r"line 3: frameTime is 1, expected 0\.5: rows are 0\.5 s apart, none missing",
        ),
        (text_of([*ROWS[:3], *ROWS[2:]]), r"line 4: frameTime is 0\.5, expected 1: rows"),
        (text_of([ROWS[0], *ROWS[:0:-1]]), r"line 3: frameTime is 1, expected 2: rows"),
        (changed(2, 0, "-0.5"), r"line 2: frameTime is -0\.5, expected a multiple of 0\.5 s"),
        (changed(2, 0, "0.2"), r"line 2: frameTime is 0\.2, expected a multiple of 0\.5 s"),
        (
            changed(1, 2, "f0_meen"),
            r"2\.csv: has other columns than the other songs: 'f0_mean' is missing",
        ),
        (
            text_of([[*row, "9" if number else "new"] for number, row in enumerate(ROWS)]),
            r"other columns than the other songs: 'new' is one too many",
        ),
        (changed(1, 2, "f0_sd"), r"2\.csv: column 'f0_sd' stands twice"),
        (changed(1, 0, "time"), r"2\.csv: first column is 'time', expected 'frameTime'"),
        (text_of(ROWS).replace(";", ","), r"first column is 'frameTime,f0_sd,.*divided by ';'"),
        (text_of(ROWS[1:]), r"first column is '0\.000000', expected 'frameTime'"),
        (text_of(ROWS[:1]), r"2\.csv: has no row of frames below its header"),
        ("", r"2\.csv: first column is '', expected 'frameTime'"),
        (text_of(ROWS)[:-2], r"2\.csv, line 5: has no line end; if the file was cut short, get"),
    ],
    ids=lambda value: None,
)
def test_what_is_wrong_is_named_with_line_and_column(write: Write, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        read_frames(write(text), NAMES, hop=0.5)
    assert "\n" not in str(caught.value)


def test_a_line_is_counted_as_an_editor_counts_it(write: Write) -> None:
    text = "\ufeff" + changed(4, 1, "loud").replace("\n", "\r\n\r\n")
    with pytest.raises(DataError, match="line 7: column 'f0_sd' is 'loud'"):
        read_frames(write(text), NAMES, hop=0.5)


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "2.csv").mkdir()
    with pytest.raises(DataError, match=r"2\.csv: cannot be read \(Is a directory\)"):
        read_names(tmp_path / "2.csv")


Known = dict[int, dict[str, float]]


def reference(text: str) -> Known | None:
    """Read a table slowly: by half second, what each column says; None where it is wrong."""
    if not text.endswith(("\n", "\r")):  # half of a Windows line end is one, the last cell is whole
        return None
    header, *rows = [line for line in text.lstrip("\ufeff").splitlines() if line.strip()] or [""]
    columns = [name.strip() for name in header.split(";")]
    if columns[0] != "frameTime" or sorted(columns[1:]) != sorted(NAMES) or not rows:
        return None
    known: Known = {}
    for row in rows:
        cells = [cell.strip() for cell in row.split(";")]
        if len(cells) != len(columns) or not all(is_number(cell) for cell in cells):
            return None
        time, *values = (float(cell) for cell in cells)
        half_second = round(2 * time)
        previous = max(known, default=half_second - 1)
        if time < 0 or abs(time - half_second / 2) > 1e-4 or half_second != previous + 1:
            return None
        known[half_second] = dict(zip(columns[1:], values, strict=True))
    return known


def is_number(cell: str) -> bool:
    if not re.fullmatch(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?", cell, flags=re.ASCII):
        return False
    try:
        return np.isfinite(struct.unpack("f", struct.pack("f", float(cell)))[0])
    except OverflowError:
        return False


CELL = st.sampled_from(
    [
        "",
        "nan",
        "inf",
        "1e39",
        "1_0",
        "0x1",
        "1,5",
        "one",
        " 2 ",
        "-3",
        "0.5",
        "1.0",
        "٣",
        "\0",
        "7#",
    ]
)
PLACE = st.integers(0, 5)
CHANGES = st.one_of(
    st.tuples(st.just("cell"), PLACE, PLACE, CELL),
    st.tuples(st.sampled_from(["drop cell", "new cell"]), PLACE, PLACE),
    st.tuples(st.sampled_from(["drop row", "double row", "blank row"]), PLACE),
    st.tuples(st.sampled_from(["swap rows", "swap columns", "copy column"]), PLACE, PLACE),
    st.tuples(st.just("drop column"), PLACE),
    st.tuples(st.just("shift"), st.sampled_from([0.5, 15.0, 0.25, -0.5])),
    st.tuples(st.just("cut"), st.integers(1, 60)),
    st.tuples(st.sampled_from(["windows", "mark", "comma"])),
)


def mutated(changes: list[tuple]) -> str:
    rows = [list(row) for row in ROWS]
    end, before, cut, comma = "\n", "", 0, False
    for kind, *where in changes:
        numbers = [number for number in where if isinstance(number, int)]
        row = numbers[0] % len(rows) if numbers and rows else 0
        if kind in ("windows", "mark", "comma"):
            end = "\r\n" if kind == "windows" else end
            before = "\ufeff" if kind == "mark" else before
            comma = comma or kind == "comma"
        elif kind == "cut":
            cut = where[0]
        elif kind == "shift":
            for cells in rows[1:]:
                if cells and is_number(cells[0]):
                    cells[0] = f"{float(cells[0]) + where[0]:.6f}"
        elif not rows:
            continue
        elif kind == "cell" and rows[row]:
            rows[row][where[1] % len(rows[row])] = where[2]
        elif kind == "drop cell" and rows[row]:
            del rows[row][where[1] % len(rows[row])]
        elif kind == "new cell":
            rows[row].insert(where[1], "1")
        elif kind == "drop row":
            del rows[row]
        elif kind == "double row":
            rows.insert(row, list(rows[row]))
        elif kind == "blank row":
            rows.insert(row, [""])
        elif kind == "swap rows":
            other = where[1] % len(rows)
            rows[row], rows[other] = rows[other], rows[row]
        elif kind in ("swap columns", "copy column", "drop column"):
            for cells in rows:
                one, other = where[0], where[-1]
                if max(one, other) < len(cells):
                    if kind == "swap columns":
                        cells[one], cells[other] = cells[other], cells[one]
                    elif kind == "copy column":
                        cells.insert(one, cells[other])
                    else:
                        del cells[one]
    text = before + text_of(rows, end=end)
    text = text[: len(text) - cut] if cut else text
    return text.replace(";", ",") if comma else text


@settings(
    max_examples=500,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(changes=st.lists(CHANGES, max_size=3))
@example(changes=[("cut", 1), ("windows",)])
def test_a_mutated_table_is_refused_or_read_right(changes: list[tuple], tmp_path: Path) -> None:
    """Against a reader that is slow and simple: never a value at another time or column."""
    text = mutated(changes)
    path = tmp_path / "2.csv"
    path.write_text(text, encoding="utf-8", newline="")
    expected = reference(text)
    if expected is None:
        with pytest.raises(DataError, match=r"2\.csv"):
            read_frames(path, NAMES, hop=0.5)
        return
    table = read_frames(path, NAMES, hop=0.5)
    assert [round(2 * time) for time in table.times] == list(expected)
    for values, known in zip(table.values, expected.values(), strict=True):
        np.testing.assert_array_equal(values, np.array([known[n] for n in NAMES], np.float32))
