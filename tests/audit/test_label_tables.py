from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmark.audit.finding import EXAMPLES, Audit, Finding
from benchmark.layout.labels import averaged_table

Make = Callable[..., Audit]
Find = Callable[[Audit, str], Finding]
VALENCE = "song_id,sample_15000ms,sample_15500ms\n" + "".join(f"{n},0.1,0.2\n" for n in range(1, 9))


@pytest.fixture
def spoil(empty_deam: Any, audited: Make) -> Callable[[str], Audit]:
    """Return who audits a folder with this table of arousal and a sound one of valence."""

    def audit(arousal: str) -> Audit:
        empty_deam.write(empty_deam.table("arousal"), arousal)
        empty_deam.write(empty_deam.table("valence"), VALENCE)
        return audited(empty_deam.root)

    return audit


HEADER = "song_id,sample_15000ms,sample_15500ms\n"


@pytest.mark.parametrize(
    ("table", "code", "count", "songs", "words"),
    [
        (HEADER + "1,0.1\n2,0,0,0\n3,0,0\n", "labels.ragged", 2, ("1", "2"), "has 4 cells under 3"),
        (HEADER + "1,2,0\n2,0,-1.5\n3,0,0\n", "labels.out_of_range", 2, ("1", "2"), "is '-1.5'"),
        (HEADER + "1,x,0\n2,0,--\n3,0,0\n", "labels.not_a_number", 2, ("1", "2"), "is '--'"),
        (HEADER + "1,0,0\n1,0,0\n2,0,0\n2,1,0\n", "labels.second_row", 2, ("1", "2"), "song 2 has"),
        (HEADER + "a,0,0\n-2,0,0\n3,0,0\n", "labels.song_id", 2, (), "'-2' is not a whole number"),
        ("id,sample_15000ms,15500\n1,0,0\n", "labels.header", 2, (), "'15500' is not 'sample_<n>"),
        (
            "song_id,sample_15000ms,sample_15000ms,sample_16000ms\n1,0,0,0\n",
            "labels.header",
            2,
            (),
            "no column 'sample_15500ms'",
        ),
        (HEADER + '1,0,0\n2,"0,0\n3,0,0\n', "labels.unreadable", 1, (), "cannot be read"),
        (HEADER + "1,,\n2,,\n", "labels.empty", 1, (), "holds no rating of any song"),
        ("", "labels.header", 1, (), "first column is ''"),
    ],
)
def test_every_mistake_in_a_table_of_ratings_is_listed_and_counted(
    spoil: Any, finding: Find, table: str, code: str, count: int, songs: Any, words: str
) -> None:
    audit = spoil(table)
    assert not audit.usable
    mistakes = finding(audit, code)
    assert (mistakes.severity, mistakes.songs) == ("unusable", songs)
    assert mistakes.figures["count"] == count == len(mistakes.examples)
    assert mistakes.text.startswith(f"arousal.csv: {count} ")
    assert words in mistakes.examples[-1]
    assert "arousal.csv" in mistakes.examples[-1]


def test_mistakes_of_several_kinds_are_all_found_at_once(spoil: Any) -> None:
    audit = spoil(HEADER + "1,2,x\n1,0,0\nx,0,0\n4,0\n")
    assert {of.code: of.figures["count"] for of in audit.of("unusable")} == {
        "labels.out_of_range": 1,
        "labels.not_a_number": 1,
        "labels.second_row": 1,
        "labels.song_id": 1,
        "labels.ragged": 1,
    }


def test_both_tables_are_looked_at_even_if_the_first_is_wrong(
    empty_deam: Any, audited: Make
) -> None:
    for target in ("arousal", "valence"):
        empty_deam.write(empty_deam.table(target), HEADER + "1,2,0\n")
    texts = [of.text for of in audited(empty_deam.root).of("unusable")]
    assert texts == [f"{t}.csv: 1 rating outside [-1, 1]" for t in ("arousal", "valence")]


def test_of_many_mistakes_a_few_are_shown_and_all_are_counted(spoil: Any, finding: Find) -> None:
    rows = "".join(f"{song},9,9\n" for song in range(1, 101))
    mistakes = finding(spoil(HEADER + rows), "labels.out_of_range")
    assert mistakes.text == "arousal.csv: 200 ratings outside [-1, 1]"
    assert len(mistakes.examples) == EXAMPLES
    assert len(mistakes.songs) == 100


def test_rows_that_can_be_read_are_still_counted(spoil: Any, finding: Find) -> None:
    audit = spoil(HEADER + "1,0.5,2\n2,0,0\n")
    assert finding(audit, "labels.range").figures["arousal"] == {"min": 0, "max": 0.5, "labels": 3}


def test_tables_that_differ_are_refused_and_each_is_looked_at(
    deam_folder: Any, audited: Make, finding: Find
) -> None:
    other = deam_folder.root / "averaged" / "arousal.csv"
    deam_folder.write(other, HEADER + "1,2,0\n")
    audit = audited(deam_folder.root)
    assert "2 different arousal tables" in finding(audit, "labels.table").text
    assert finding(audit, "labels.out_of_range").figures["table"] == "averaged/arousal.csv"


def test_equal_copies_of_a_table_are_handled(
    deam_folder: Any, audited: Make, finding: Find
) -> None:
    shutil.copytree(deam_folder.root / "annotations", deam_folder.root / "copy" / "annotations")
    audit = audited(deam_folder.root)
    assert audit.usable
    copies = [of for of in audit.findings if of.code == "labels.copies"]
    assert [of.severity for of in copies] == ["handled", "handled"]
    assert len(copies[0].figures["tables"]) == 2


def test_header_names_with_spaces_and_a_last_line_without_an_end_are_handled(
    deam_folder: Any, audited: Make
) -> None:
    table = deam_folder.table("arousal")
    table.write_text(table.read_text().rstrip())
    found = audited(deam_folder.root).of("handled")
    spaces = [of for of in found if of.code == "labels.header_spaces"]
    assert [of.figures["columns"] for of in spaces] == [5, 5]
    (unended,) = [of for of in found if of.code == "labels.unended"]
    assert unended.figures["table"] == str(table.relative_to(deam_folder.root))


@pytest.mark.parametrize(
    "place",
    [
        "annotations averaged per song/dynamic (per second annotations)",
        "annotations/annotations/annotations averaged per song/dynamic (per second annotations)",
        "DEAM_Annotations/annotations/annotations averaged per song/"
        "dynamic (per second annotations)",
        "dynamic (per second annotations)",
    ],
    ids=["inner folder", "official zips", "mirror", "innermost folder"],
)
def test_tables_are_found_whatever_the_nesting(
    deam_folder: Any, audited: Make, tmp_path: Path, place: str
) -> None:
    root = tmp_path / "other"
    (root / place).parent.mkdir(parents=True)
    shutil.copytree(deam_folder.table("arousal").parent, root / place)
    shutil.copytree(deam_folder.root / "MEMD_audio", root / "DEAM_audio" / "MEMD_audio")
    audit = audited(root)
    assert audit.usable
    assert {part.name: (part.files, part.places) for part in audit.parts if part.files} == {
        "dynamic ratings": (2, (f"{place}/",)),
        "audio": (6, ("DEAM_audio/MEMD_audio/",)),
    }
    files = sorted(path for path in root.rglob("*") if path.is_file())
    assert str(averaged_table("arousal", files, root).parent) == str(root / place)
