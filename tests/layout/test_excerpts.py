from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark.errors import DataError
from benchmark.layout.excerpts import excerpt_starts

HEADER = (
    "song_id,file_name,Artist,Song title,start of the segment (min.sec),"
    "end of the segment (min.sec),Genre"
)
Write = Callable[..., list[Path]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a writer of metadata tables, one an argument."""

    def tables(*texts: str) -> list[Path]:
        paths = [tmp_path / f"metadata_{2013 + number}.csv" for number in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text, encoding="utf-8")
        return paths

    return tables


def row(song: object, start: str, end: str | None = None) -> str:
    """Return a row as DEAM has them; the excerpt ends 45 s after it begins."""
    if end is None:
        minutes, _, seconds = start.strip().partition(".")
        at = 60 * int(minutes) + int(seconds.ljust(2, "0")) + 45
        end = f"{at // 60}.{at % 60:02}"
    return f'{song},"\t{song}.mp3","Kevin MacLeod\t","\tDD Groove","{start}",{end},"\tBlues"'


@pytest.mark.parametrize(
    ("start", "seconds"),
    [("0.05", 5), ("0.4", 40), ("1.3", 90), ("1.03", 63), ("2", 120), ("\t3.10 ", 190)],
)
def test_minutes_and_seconds_stand_on_either_side_of_a_dot(
    write: Write, start: str, seconds: float
) -> None:
    """'1.3' is a spreadsheet's way of writing 1.30."""
    assert excerpt_starts(write("\n".join([HEADER, row(2, start)]))) == {"2": seconds}


def test_songs_whose_table_does_not_say_it_have_no_start(write: Write) -> None:
    said = "\n".join([HEADER, row(2, "0.40"), row(3, "", ""), "4,4.mp3,only a name,,,,"])
    other = "number,start of the segment (min.sec)\n7,1"
    files = write(said, "song_id,artist,album\n1001,A,B", other)
    assert excerpt_starts(files) == {"2": 40}
    assert excerpt_starts([Path("no_metadata.csv")]) == {}


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (
            [row(2, "0.75", "1.6")],
            r"metadata_2013\.csv, line 2: 'start of .*' is '0\.75', expected min",
        ),
        (
            [row(2, "0:40", "1.25")],
            r"line 2: .* is '0:40', expected minutes and seconds as '1\.05'",
        ),
        ([row(2, "-1", "0.45")], r"line 2: .* is '-1'"),
        ([row(2, "0.40", "1:25")], r"line 2: 'end of the segment \(min.sec\)' is '1:25', expected"),
        ([row(2, "0.40", "")], r"line 2: 'end of the segment \(min.sec\)' is '', expected"),
        ([row(2, "0.4"), row(2, "0.5")], r"2013\.csv, line 3: song 2 has a second, other start"),
        ([row("two", "0.4")], r"line 2: song_id 'two' is not a whole number"),
    ],
)
def test_a_start_that_is_no_time_is_named(write: Write, texts: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        excerpt_starts(write("\n".join([HEADER, *texts])))


def test_two_tables_may_say_the_same_but_not_two_things(write: Write) -> None:
    one, same, other = ("\n".join([HEADER, row(2, start)]) for start in ("0.40", "0.4", "0.5"))
    assert excerpt_starts(write(one, same)) == {"2": 40}
    with pytest.raises(DataError, match=r"metadata_2014\.csv: song 2 begins elsewhere in another"):
        excerpt_starts(write(one, other))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("3,3.mp3,Artist only,1.3,2.15,Blues", "line 3: has 6 cells under 7 columns, so where"),
        (
            "5,5.mp3,A,Opus 1, 5,0.1,0.55,Blues",
            r"line 3: has 8 cells .* a comma in it wants quotes",
        ),
        ("5,5.mp3,A,Opus 1, 5,0.1,0.55", "line 3: song 5: the excerpt lasts -290 s, from 300 s on"),
        ("6,6.mp3,A,B,1.3,2.25,Blues", "line 3: song 6: the excerpt lasts 55 s, from 90 s on, exp"),
        ("4,only a name", "line 3: has 2 cells under 7 columns"),
    ],
    ids=["a cell short", "a bare comma", "as many cells by chance", "another end", "cut"],
)
def test_a_row_whose_cells_may_have_shifted_is_refused(
    write: Write, line: str, message: str
) -> None:
    """The start would be the end of the excerpt, or a part of the title."""
    with pytest.raises(DataError, match=rf"metadata_2013\.csv, {message}"):
        excerpt_starts(write("\n".join([HEADER, row(2, "0.4"), line])))


def test_empty_cells_at_the_end_are_neither_columns_nor_shifted(write: Write) -> None:
    rows = [row(2, "0.4"), row(3, "1.3") + ",,,"]
    for commas in ("", ",,,,,"):
        files = write("\n".join([HEADER + commas, *rows]))
        assert excerpt_starts(files) == {"2": 40, "3": 90}
    with pytest.raises(DataError, match="line 2: has 8 cells under 7 columns"):
        excerpt_starts(write("\n".join([HEADER + ",,", row(2, "0.4") + ",Country"])))


def test_without_an_end_the_start_alone_is_believed(write: Write) -> None:
    assert excerpt_starts(write("id,start of the segment (min.sec)\n7,0.30\n")) == {"7": 30}


@pytest.mark.parametrize("name", ["start", "end"])
def test_a_column_of_times_that_stands_twice_is_refused(write: Write, name: str) -> None:
    twice = f"{HEADER},{name.title()} of the segment (min.sec)"
    with pytest.raises(DataError, match=rf"2013\.csv: column '{name} of the .*' stands twice"):
        excerpt_starts(write(f"{twice}\n{row(2, '0.4')},1.25"))
