from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from benchmark.audit.finding import Audit, Finding

Make = Callable[..., Audit]
Find = Callable[[Audit, str], Finding]
Codes = Callable[[Audit], set[str]]


@pytest.fixture
def describe(deam_folder: Any, audited: Make) -> Callable[..., Audit]:
    """Return who audits the tiny folder with these tables of metadata, of 2013, 2014 and so on."""

    def audit(*tables: str) -> Audit:
        for year, table in enumerate(tables, 2013):
            deam_folder.write(deam_folder.root / "metadata" / f"metadata_{year}.csv", table)
        return audited(deam_folder.root)

    return audit


EVERYONE = "song_id,artist\n" + "".join(f"{song},Artist {song}\n" for song in range(1, 7))


def test_metadata_without_quirks_is_no_finding_but_its_artists(
    describe: Any, codes: Codes, finding: Find
) -> None:
    audit = describe(EVERYONE)
    assert {code for code in codes(audit) if code.startswith("metadata")} == {
        "metadata.artists_shared"
    }
    artists = finding(audit, "metadata.artists_shared").figures
    assert artists["all"] == {"songs": 6, "artists": 6, "sharing": 0, "songs_sharing": []}


def test_rows_beyond_the_named_columns_and_short_of_them_are_ragged(
    describe: Any, finding: Find
) -> None:
    table = "song_id,album,artist,,\n1,a,b,tag,tag\n2,a,c\n3,a\n4,a,d,,\n5,a,b,,,tag\n6,a,e,,\n"
    audit = describe(table)
    ragged = finding(audit, "metadata.ragged")
    assert ragged.severity == "handled"
    assert ragged.figures == {
        "table": "metadata/metadata_2013.csv",
        "rows": 6,
        "columns_with_names": 3,
        "columns": 5,
        "rows_beyond_names": 2,
        "cells_beyond_names": 2,
        "rows_short_of_names": 1,
        "rows_not_as_long_as_header": 3,
    }
    assert finding(audit, "metadata.artists_shared").figures["all"]["sharing"] == 2


def test_tabs_no_break_spaces_and_spaces_in_names_are_handled(describe: Any, finding: Find) -> None:
    names = "song_id, artist,\ttitle\n"
    rows = "".join(f"{n},\tKevin\u00a0MacLeod\t,\ta\n" for n in range(1, 7))
    audit = describe(names + rows)
    spaces = finding(audit, "metadata.spaces")
    assert spaces.figures["fields_with_tabs"] == 12
    assert spaces.figures["fields_with_no_break_spaces"] == 6
    assert finding(audit, "metadata.header_spaces").figures["columns"] == 2
    artists = finding(audit, "metadata.artists_shared").figures["all"]
    assert (artists["artists"], artists["sharing"]) == (1, 6)


def test_songs_on_one_side_only_are_told(describe: Any, finding: Find) -> None:
    audit = describe("song_id,artist\n1,A\n2,A\n77,B\n")
    missing = finding(audit, "metadata.missing")
    assert (missing.severity, missing.songs) == ("handled", ("3", "4", "5", "6"))
    unrated = finding(audit, "metadata.unrated")
    assert (unrated.severity, unrated.songs) == ("fact", ("77",))


def test_a_catch_all_is_no_artist_that_songs_share(describe: Any, finding: Find) -> None:
    audit = describe("song_id,artist\n1,Other\n2,other\n3,n/a\n4,Nest\n5,NEST\n6,Solo\n")
    assert finding(audit, "metadata.catch_all").songs == ("1", "2")
    assert finding(audit, "metadata.missing").songs == ("3",)
    artists = finding(audit, "metadata.artists_shared").figures["1-1000"]
    assert artists["songs_sharing"] == ["4", "5"]


def test_a_table_with_columns_of_other_names_is_told_to_be_unread(
    describe: Any, finding: Find
) -> None:
    audit = describe(EVERYONE, "Number,Performer\n1,A\n")
    unread = finding(audit, "metadata.no_artist")
    assert unread.severity == "left out"
    assert unread.figures == {
        "table": "metadata/metadata_2014.csv",
        "columns": ["Number", "Performer"],
    }
    assert "its columns are Number, Performer" in unread.text


def test_every_mistake_in_metadata_is_listed(describe: Any, finding: Find) -> None:
    audit = describe("song_id,artist\nx,A\n1,A\n1,B\n2,A\n2,A\n7.5,C\n")
    assert not audit.usable
    refused = finding(audit, "metadata.refused")
    assert (refused.severity, refused.figures["count"]) == ("unusable", 3)
    assert [words.partition("line ")[2][:1] for words in refused.examples] == ["2", "4", "7"]
    assert audit.refusal == refused.examples[0]


def test_what_the_loader_accepts_is_no_mistake_beside_one_that_it_refuses(
    describe: Any, finding: Find
) -> None:
    rows = "1,Nest,A\n1,N/A,A\n1,\n2,n/a,B\n2,,B\nx,,\n"
    assert describe(f"song_id,album,artist\n{rows.replace('1,N/A,A', '3,N/A,A')}").usable
    refused = finding(describe(f"song_id,album,artist\n{rows}"), "metadata.refused")
    assert refused.figures["count"] == 1
    assert "line 3: song 1 has a second row that differs" in refused.examples[0]


def test_all_tables_are_looked_at_where_one_cannot_be_read(describe: Any) -> None:
    audit = describe('song_id,artist\n1,"A\n', "song_id,artist\nx,A\n", "song_id,artist\n1,B\n")
    assert [of.text for of in audit.of("unusable")] == [
        "metadata_2013.csv: 1 mistake",
        "metadata_2014.csv: 1 mistake",
    ]


def test_a_second_row_that_says_the_same_is_handled(describe: Any, finding: Find) -> None:
    audit = describe(EVERYONE + "2,Artist 2\n")
    assert audit.usable
    second = finding(audit, "metadata.second_row")
    assert (second.severity, second.figures["rows"]) == ("handled", 1)


def test_tables_that_contradict_each_other_are_refused(describe: Any, finding: Find) -> None:
    audit = describe(EVERYONE, "song_id,artist\n3,Somebody else\n")
    assert not audit.usable
    differ = finding(audit, "metadata.differ")
    assert (differ.songs, differ.examples) == (("3",), (audit.refusal,))
    assert differ.text == "metadata_2014.csv: 1 mistake"


def test_a_column_that_stands_twice_is_refused(describe: Any, finding: Find) -> None:
    audit = describe("song_id,artist,artist\n1,A,B\n")
    assert not audit.usable
    assert finding(audit, "metadata.refused").examples == (audit.refusal,)
