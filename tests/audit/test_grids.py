from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from benchmark.audit.finding import Audit, Finding
from benchmark.records import TARGETS

Make = Callable[..., Audit]
Find = Callable[[Audit, str], Finding]
Codes = Callable[[Audit], set[str]]
STARTS = range(15_000, 18_000, 500)


@pytest.fixture
def rate(empty_deam: Any, audited: Make) -> Callable[..., Audit]:
    """Return who audits a folder in which songs are rated so."""

    def audit(arousal: dict[int, list[object]], valence: Any = None, starts: Any = STARTS) -> Audit:
        for target, rows in zip(TARGETS, (arousal, valence or arousal), strict=True):
            empty_deam.write_table(target, rows, starts=starts)
        return audited(empty_deam.root)

    return audit


def test_half_seconds_missing_inside_a_song_are_told_from_those_after_its_end(
    rate: Any, finding: Find
) -> None:
    audit = rate({1: [0.1, "", 0.3, 0.4, "", ""], 2: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]})
    masked = finding(audit, "labels.masked")
    assert (masked.severity, masked.songs) == ("handled", ("1",))
    assert masked.figures["inside"] == {"arousal": {"1": 1}, "valence": {"1": 1}}
    assert masked.figures["empty_cells_before_and_after"] == {"arousal": 2, "valence": 2}


def test_a_song_that_ends_earlier_has_nothing_masked(rate: Any, codes: Codes) -> None:
    audit = rate({1: [0.1, 0.2, "", "", "", ""], 2: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]})
    assert not codes(audit) & {"labels.masked", "labels.sides", "labels.stray"}


def test_ratings_on_one_side_only_are_told(rate: Any, finding: Find) -> None:
    six = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    audit = rate({1: six, 2: six, 3: six}, {1: six, 2: [*six[:5], ""], 4: six})
    assert finding(audit, "labels.sides").figures["labels"] == {"2": {"arousal": 6, "valence": 5}}
    no_valence = finding(audit, "labels.no_valence")
    assert (no_valence.severity, no_valence.songs) == ("left out", ("3",))
    assert no_valence.figures["without_row"] == ["3"]
    assert finding(audit, "labels.no_arousal").songs == ("4",)


def test_a_row_without_a_rating_is_left_out(rate: Any, finding: Find) -> None:
    audit = rate({1: [0.1] * 6, 2: [""] * 6})
    assert finding(audit, "labels.none").songs == ("2",)
    assert audit.verdict == "usable without audio, 1 of 1 rated song"


def test_a_last_label_that_stands_apart_is_told_and_kept(
    rate: Any, finding: Find, codes: Codes
) -> None:
    audit = rate({1: [0.1, 0.2, 0.3, "", "", 0]})
    stray = finding(audit, "labels.stray")
    assert (stray.songs, stray.figures["at_ms"]) == (("1",), {"1": [17_500]})
    assert stray.text.endswith("kept; the gap is masked")
    assert stray.examples == (
        "song 1: arousal 0 and valence 0 at 17.5 s, the label before it at 16.0 s",
    )
    assert "labels.masked" in codes(audit)
    assert "labels.stray" not in codes(rate({1: [0.1, 0.2, 0.3, "", 0.4, 0.5]}))
    starts = range(15_000, 20_000, 500)
    early = {1: [0.1, "", "", "", "", "", 0.2, "", 0.3, 0.4]}
    assert "labels.stray" not in codes(rate(early, starts=starts))


def test_the_stray_labels_of_deam_are_labels_in_other_data(rate: Any, finding: Find) -> None:
    starts = range(44_000, 46_000, 500)
    audit = rate({3: [0.1, 0.2, "", ""]}, {3: [0.1, 0.2, "", 0]}, starts)
    assert finding(audit, "labels.stray").text.endswith("kept; the gap is masked")
    assert finding(audit, "labels.range").figures["valence"]["labels"] == 3


def test_songs_with_fewer_or_more_labels_than_an_excerpt_are_told(rate: Any, finding: Find) -> None:
    starts = range(15_000, 15_000 + 62 * 500, 500)
    rows = {
        song: [0.1 + label / 100 for label in range(number)] + [""] * (62 - number)
        for song, number in ((1, 60), (2, 59), (1500, 7), (1501, 61), (2001, 8), (2002, 62))
    }
    audit = rate(rows, starts=starts)
    assert finding(audit, "labels.fewer").figures["labels"] == {"2": 59, "1500": 7}
    assert finding(audit, "labels.more").figures["labels"] == {"1501": 61}
    assert finding(audit, "labels.per_song").figures == {
        "1-1000": {"59": 1, "60": 1},
        "1001-2000": {"7": 1, "61": 1},
        "2001-": {"8": 1, "62": 1},
    }


def test_songs_that_do_not_begin_at_15_seconds_are_told(rate: Any, finding: Find) -> None:
    audit = rate({1: ["", 0.2, 0.3, "", "", ""], 2: [0.1] * 6})
    assert finding(audit, "labels.first").figures["first_ms"] == {"1": 15_500}


def test_ratings_that_never_change_are_told(rate: Any, finding: Find) -> None:
    audit = rate({1: [0.1] * 6, 2: [0.1] * 5 + [0.2]}, {1: [0.1] * 5 + [0.2], 2: [0.1, 0.2] * 3})
    assert finding(audit, "labels.flat").figures["targets"] == {"1": ["arousal"]}


def test_columns_that_differ_are_told_where_they_differ(
    empty_deam: Any, audited: Make, finding: Find, codes: Codes
) -> None:
    empty_deam.write_table("arousal", {1: [0.1, 0.2]}, starts=STARTS[:2])
    empty_deam.write_table("valence", {1: [0.1, 0.2, 0.3]}, starts=STARTS[1:4])
    differ = finding(audited(empty_deam.root), "labels.columns_differ")
    assert differ.figures == {
        "first_ms": {"arousal": 15_000, "valence": 15_500},
        "last_ms": {"arousal": 15_500, "valence": 16_500},
        "in_one_only": 3,
    }
    empty_deam.write_table("valence", {1: [0.1, 0.2]}, starts=STARTS[:2])
    assert "labels.columns_differ" not in codes(audited(empty_deam.root))


def test_ids_with_gaps_and_songs_that_deam_has_more_are_told(rate: Any, finding: Find) -> None:
    audit = rate({song: [0.1] * 6 for song in (2, 5, 1001)})
    assert finding(audit, "songs.id_gaps").figures["unused"] == {"1-1000": 2, "1001-2000": 0}
    assert audit.songs["1-1000"] == {"rated": 2, "in_deam": None, "usable": 2}
    audit = rate({song: [0.1] * 6 for song in range(1000, 2001)})
    counts = [of.figures for of in audit.findings if of.code == "songs.expected"]
    assert counts == [
        {"subset": "1-1000", "rated": 1, "expected": 744},
        {"subset": "2001-", "rated": 0, "expected": 58},
    ]
