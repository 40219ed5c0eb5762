from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmark.audit.finding import Audit, Finding
from benchmark.datasets.deam import Deam
from benchmark.layout.ratings import read_raters
from benchmark.records import TARGETS

Make = Callable[..., Audit]
Find = Callable[[Audit, str], Finding]
Codes = Callable[[Audit], set[str]]
STARTS = (15_000, 15_500, 16_000)
COLUMNS = "sample_15000ms,sample_15500ms,sample_16000ms"


@pytest.fixture
def folder(empty_deam: Any) -> Any:
    """Return a folder with songs 1 and 2, rated 0.1, 0.2 and 0.3."""
    for target in TARGETS:
        rows = {song: [0.1, 0.2, 0.3] for song in (1, 2)}
        empty_deam.write_table(target, rows, starts=STARTS)
    return empty_deam


def write(folder: Any, song: int, table: str, target: str = "arousal") -> Path:
    place = folder.root / "annotations" / "annotations per each rater" / "dynamic" / target
    path: Path = folder.write(place / f"{song}.csv", table)
    return path


def test_raters_are_counted_with_and_without_a_column_that_names_them(
    folder: Any, audited: Make, finding: Find
) -> None:
    write(folder, 1, f"WorkerId, {COLUMNS}\nA,0,0.1,0.2\nB,0.2,0.3,0.4\n")
    write(folder, 2, f"{COLUMNS}\n0.1,0.2,0.3\n")
    write(folder, 1, f"{COLUMNS}\n0.1,0.2,0.3\n", "valence")
    audit = audited(folder.root)
    assert finding(audit, "raters.number").figures == {
        "arousal": {"tables": 2, "with_rater_names": 1, "min": 1, "max": 2},
        "valence": {"tables": 1, "with_rater_names": 0, "min": 1, "max": 1},
    }
    mean = finding(audit, "raters.mean")
    assert (mean.songs, mean.figures["largest"]) == ((), pytest.approx(0, abs=1e-12))


def test_a_mean_of_raters_that_is_not_the_label_is_told(
    folder: Any, audited: Make, finding: Find
) -> None:
    write(folder, 1, f"{COLUMNS}\n0.1,0.2,0.3\n0.1,0.2,0.5\n")
    write(folder, 2, f"{COLUMNS}\n0.1,0.2,0.3\n")
    mean = finding(audited(folder.root), "raters.mean")
    assert (mean.songs, mean.figures["apart"]) == (("1",), {"1": 0.1})
    assert "in 1 of 2 songs" in mean.text


def test_raters_who_end_or_begin_elsewhere_are_told(
    folder: Any, audited: Make, finding: Find
) -> None:
    write(folder, 1, f"{COLUMNS}\n0.1,0.2,0.3\n0.1,0.2,\n0.1,0.2,0.3\n,0.2,0.3\n")
    write(folder, 2, f"{COLUMNS}\n0.1,,0.3\n0.1,0.2,0.3\n")
    lengths = finding(audited(folder.root), "raters.lengths")
    assert (lengths.severity, lengths.figures["raters"]) == ("handled", {"1": 2})


def test_ratings_beside_the_averaged_ones_are_told(
    folder: Any, audited: Make, finding: Find
) -> None:
    header = f"sample_14500ms,{COLUMNS},sample_16500ms"
    write(folder, 1, f"{header}\n0.9,0.1,0.2,0.3,0.9\n")
    write(folder, 2, f"{header}\n,0.1,0.2,0.3,\n")
    audit = audited(folder.root)
    assert finding(audit, "raters.beside").figures["half_seconds"] == {"1": 2}
    assert finding(audit, "raters.mean").songs == ()


def test_songs_whose_raters_cannot_be_read_are_those_that_the_loader_notes(
    folder: Any, audited: Make, finding: Find
) -> None:
    write(folder, 1, f"{COLUMNS}\n0.1,0.2,2\n")
    write(folder, 2, f"{COLUMNS}\n0.1,0.2\n", "valence")
    write(folder, 2, f"{COLUMNS}\n0.1,0.2,0.3\n")
    audit = audited(folder.root)
    assert audit.usable
    refused = finding(audit, "raters.refused")
    assert (refused.severity, refused.songs) == ("left out", ("1", "2"))
    notes = [note for note in Deam(root=folder.root).load().notes if "per rater" in note]
    assert len(notes) == 2
    assert all(reason in note for reason, note in zip(refused.examples, notes, strict=True))


def test_songs_with_one_kind_of_ratings_are_told(
    folder: Any, audited: Make, finding: Find, codes: Codes
) -> None:
    assert not {code for code in codes(audited(folder.root)) if code.startswith("raters")}
    write(folder, 1, f"{COLUMNS}\n0.1,0.2,0.3\n")
    write(folder, 77, f"{COLUMNS}\n0.1,0.2,0.3\n")
    audit = audited(folder.root)
    assert finding(audit, "raters.missing").songs == ("2",)
    assert finding(audit, "raters.unrated").songs == ("77",)


def test_tables_that_differ_are_told_and_copies_are_not(
    folder: Any, audited: Make, finding: Find, codes: Codes
) -> None:
    path = write(folder, 1, f"{COLUMNS}\n0.1,0.2,0.3\n")
    copy = folder.root / "copy of annotations per each rater" / "arousal" / "1.csv"
    folder.write(copy, path.read_text())
    assert "raters.refused" not in codes(audited(folder.root))
    copy.write_text(f"{COLUMNS}\n0.1,0.2,0.4\n")
    refused = finding(audited(folder.root), "raters.refused")
    assert "2 different tables of arousal per rater" in refused.examples[0]


def test_tables_that_the_loader_has_read_are_not_read_again_but_for_ratings_it_left_out(
    folder: Any, audited: Make, finding: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, 1, f"WorkerId,{COLUMNS}\nA,0.1,0.2,\nB,0.1,0.2,0.3\n")
    write(folder, 2, f"sample_14500ms,{COLUMNS}\n0.9,0.1,0.2,0.3\n,0.1,0.2,0.3\n")
    read: list[str] = []

    def counted(path: Path, grid: range) -> Any:
        read.append(path.name)
        return read_raters(path, grid)

    monkeypatch.setattr("benchmark.audit.raters.read_raters", counted)
    audit = audited(folder.root)
    assert read == ["2.csv"]
    assert finding(audit, "raters.lengths").figures["raters"] == {"1": 1, "2": 1}
    assert finding(audit, "raters.beside").figures["half_seconds"] == {"2": 1}
    assert finding(audit, "raters.mean").songs == ()
