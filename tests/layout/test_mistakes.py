from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from benchmark.layout.metadata import joined_metadata
from benchmark.layout.mistakes import TableError
from benchmark.layout.static import Static, read_static
from benchmark.layout.tables import read_labels


def test_whoever_listens_hears_every_mistake_and_gets_what_can_be_read(tmp_path: Path) -> None:
    table = tmp_path / "arousal.csv"
    table.write_text("song_id,sample_0ms,500\n1,0.1,0\nx,0,0\n1,0,0\n2,0\n3,2,0\n4,,0.5\n")
    heard: list[TableError] = []
    assert read_labels(table, heard.append) == {"1": {0: 0.1}, "2": {}, "3": {}, "4": {}}
    assert [(of.kind, of.line, of.song) for of in heard] == [
        ("header", 0, ""),
        ("song_id", 3, ""),
        ("second_row", 4, "1"),
        ("ragged", 5, "2"),
        ("out_of_range", 6, "3"),
    ]
    with pytest.raises(TableError) as first:
        read_labels(table)
    assert str(first.value) == str(heard[0])


def test_a_table_that_cannot_be_read_leaves_the_others(tmp_path: Path) -> None:
    tables = [tmp_path / f"metadata_{year}.csv" for year in (2013, 2014)]
    tables[0].write_text('song_id,artist\n1,"A')
    tables[1].write_text("song_id,artist\n2,B\n")
    heard: list[TableError] = []
    joined, _ = joined_metadata(tables, heard.append)
    assert list(joined) == ["2"]
    assert [of.kind for of in heard] == ["unreadable"]
    columns = "song_id,arousal_mean,arousal_std,valence_mean,valence_std"
    tables[1].write_text(f"{columns}\n2,5,1,5,1\n")
    heard.clear()
    assert read_static(tables, heard.append)["2"]["arousal"] == Static(5, 1)
    assert [of.table.name for of in heard] == ["metadata_2013.csv"] * len(heard)


def test_a_mistake_comes_whole_from_another_process() -> None:
    mistake = TableError(Path("a.csv"), "is odd", "ragged", line=3, song="7")
    again = pickle.loads(pickle.dumps(mistake))
    assert str(again) == "a.csv, line 3: is odd"
    assert vars(again) == vars(mistake)
