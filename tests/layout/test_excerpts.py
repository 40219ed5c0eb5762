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


def row(song: int, start: str) -> str:
    return f'{song},"\t{song}.mp3","Kevin MacLeod\t","\tDD Groove","{start}",9.59,"\tBlues"'


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
    said = "\n".join([HEADER, row(2, "0.40"), row(3, ""), "4,only a name"])
    other = "number,start of the segment (min.sec)\n7,1"
    files = write(said, "song_id,artist,album\n1001,A,B", other)
    assert excerpt_starts(files) == {"2": 40}
    assert excerpt_starts([Path("no_metadata.csv")]) == {}


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ([row(2, "0.75")], r"metadata_2013\.csv, line 2: 'start of .*' is '0\.75', expected min"),
        ([row(2, "0:40")], r"line 2: .* is '0:40', expected minutes and seconds as '1\.05'"),
        ([row(2, "-1")], r"line 2: .* is '-1'"),
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
