from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.errors import DataError
from benchmark.layout.metadata import joined_metadata, read_metadata


def test_ragged_metadata_is_read(tmp_path: Path) -> None:
    table = tmp_path / "metadata_2013.csv"
    table.write_text(
        "song_id,file_name, Artist,Album,Genre,,,\n"
        '2,"\t2.mp3","The New\u00a0Mystikal Troubadours\t","\tTonight:  A\u00a0Century",Blues,a,b\n'
        "3.0,3.mp3,  Kevin   MacLeod ,,Rock\n"
        "4,4.mp3\n"
        "5,5.mp3,Jahzzar\n",
        encoding="utf-8",
    )
    assert read_metadata(table) == {
        "2": {"artist": "The New Mystikal Troubadours", "album": "Tonight: A Century"},
        "3": {"artist": "Kevin MacLeod", "album": ""},
        "5": {"artist": "Jahzzar", "album": ""},
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("song_id,artist\n1,Jahzzar\n", {"1": {"artist": "Jahzzar", "album": ""}}),
        ("album,song_id\nNest,1\n", {"1": {"artist": "", "album": "Nest"}}),
        ("number,artist,album\n1,Jahzzar,Nest\n", {}),
        ("song_id,title\n1,x\n", {}),
        ("", {}),
    ],
    ids=["no album", "no artist", "no song_id", "neither", "empty"],
)
def test_metadata_columns_may_be_missing(
    tmp_path: Path, text: str, expected: dict[str, dict[str, str]]
) -> None:
    table = tmp_path / "metadata.csv"
    table.write_text(text)
    assert read_metadata(table) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("song_id,Artist,artist\n1,A,B\n", ": column 'artist' stands twice"),
        ("song_id,artist,song_id\n1,A,2\n", ": column 'song_id' stands twice"),
        ("song_id,artist\n1,A\n1,A\n01,B\n", ", line 4: song 1 has a second row that differs"),
        ("song_id,artist\none,A\n", ", line 2: song_id 'one' is not a whole number"),
        ('song_id,artist\n1,"A\n2,B\n', r", line 3: cannot be read \(unexpected end"),
        ('song_id,artist,title\n1,A,"T\n2,"\n', ", line 3: a cell in quotes goes over several"),
    ],
)
def test_a_mistake_in_metadata_is_shown(tmp_path: Path, text: str, message: str) -> None:
    table = tmp_path / "metadata.csv"
    table.write_text(text)
    with pytest.raises(DataError, match=f"metadata.csv{message}"):
        read_metadata(table)


@pytest.mark.parametrize("album", ["n/a", "N/A", "7.mp3", "\t7.MP3"])
def test_what_names_no_album_is_no_album(tmp_path: Path, album: str) -> None:
    """29 songs of DEAM share the album 'n/a', and 744 rows have their file name in that column."""
    table = tmp_path / "metadata.csv"
    table.write_text(f"song_id,album,artist\n7,{album},Nest\n")
    assert read_metadata(table) == {"7": {"artist": "Nest", "album": ""}}


def test_tables_of_several_years_are_joined_and_equal_copies_are_one(tmp_path: Path) -> None:
    first, second, third = (tmp_path / f"metadata_{year}.csv" for year in (2013, 2014, 2015))
    first.write_text("song_id,album,artist\n1,Nest,Jahzzar\n")
    second.write_text("song_id,artist\n1001,Creepoid\n")
    third.write_text(first.read_text())
    joined, notes = joined_metadata([first, tmp_path / "other.csv", second, third])
    assert joined == {
        "1": {"artist": "Jahzzar", "album": "Nest"},
        "1001": {"artist": "Creepoid", "album": ""},
    }
    assert notes == []
    third.write_text("song_id,album,artist\n1,Nest,Nobody\n")
    with pytest.raises(DataError, match=r"2015.csv: song 1 has another artist or album than in"):
        joined_metadata([first, second, third])


@pytest.mark.parametrize(
    "text", ["", "song_id;artist\n1;A\n", "song_id,album\n1,A\n", "number,artist\n1,A\n"]
)
def test_metadata_without_artists_is_no_silent_loss(tmp_path: Path, text: str) -> None:
    table = tmp_path / "metadata_2013.csv"
    table.write_text(text)
    _, (note,) = joined_metadata([table])
    assert note.startswith("metadata_2013.csv: names no artist of any song")


@pytest.mark.parametrize(
    "header",
    [
        "song_id,file_name,Artist,Song title,segment start (min.sec),segment end (min.sec),Genre",
        "Id,Album,Artist,Track,Genre,segment start,segment end,Last.fm genre labels,,",
        "id,Filename,artist,title,album,genre,,",
    ],
)
def test_ids_stand_in_the_column_that_the_release_of_each_year_has(
    tmp_path: Path, header: str
) -> None:
    table = tmp_path / "metadata.csv"
    table.write_text(f"{header}\n7,x,Somebody,y\n")
    assert read_metadata(table)["7"]["artist"] == "Somebody"
