from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from benchmark.audit.finding import Audit, Finding
from benchmark.records import TARGETS

Make = Callable[..., Audit]
Find = Callable[[Audit, str], Finding]
Codes = Callable[[Audit], set[str]]
HEADER = "song_id,valence_mean,valence_std,arousal_mean,arousal_std\n"


@pytest.fixture
def judge(empty_deam: Any, audited: Make) -> Callable[[str], Audit]:
    """Return who audits songs 1 to 4 and 1001, in the order of their ratings, with such a table."""

    def audit(*tables: str) -> Audit:
        rows = {song: [level / 10] * 2 for level, song in enumerate((1, 2, 3, 4, 1001))}
        for target in TARGETS:
            empty_deam.write_table(target, rows, starts=(15_000, 15_500))
        for number, table in enumerate(tables):
            name = f"static_annotations_averaged_songs_{number}.csv"
            empty_deam.write(empty_deam.root / "song_level" / name, table)
        return audited(empty_deam.root)

    return audit


def test_agreement_is_pearsons_r_of_song_means_by_subset(judge: Any, finding: Find) -> None:
    audit = judge(HEADER + "1,1,1,8,1\n2,2,1,7,1\n3,3,1,5,1\n4,4,1,6,1\n1001,9,1,9,1\n")
    agreement = finding(audit, "static.agreement")
    arousal = np.corrcoef([0, 1, 2, 3], [8, 7, 5, 6])[0, 1]
    assert agreement.figures["1-1000"] == {
        "valence": pytest.approx(1),
        "arousal": pytest.approx(arousal, abs=1e-4),
    }
    assert "1001-2000" not in agreement.figures  # one song
    assert agreement.figures["all"]["valence"] < 1
    assert finding(audit, "static.range").figures["arousal"] == {"min": 5, "max": 9}


def test_ratings_that_are_all_the_same_agree_with_nothing(judge: Any, codes: Codes) -> None:
    audit = judge(HEADER + "".join(f"{song},5,1,5,1\n" for song in (1, 2, 3, 4)))
    assert "static.agreement" not in codes(audit)


def test_songs_with_ratings_of_one_kind_are_told(judge: Any, finding: Find) -> None:
    audit = judge(HEADER + "1,1,1,8,1\n2,,,,\n3,3,1,5,1\n77,3,1,5,1\n")
    assert finding(audit, "static.missing").songs == ("2", "4", "1001")
    assert finding(audit, "static.only").songs == ("77",)


def test_headers_with_spaces_and_a_broken_name_are_handled(judge: Any, finding: Find) -> None:
    header = "song_id, valence_mean, valence_std, valence_ max_mean, arousal_mean, arousal_std\n"
    audit = judge(header + "1,1,1,9,8,1\n")
    assert finding(audit, "static.header_spaces").figures["columns"] == 5
    assert finding(audit, "static.broken_name").figures["columns"] == ["valence_ max_mean"]


def test_every_mistake_in_static_ratings_is_listed_and_the_folder_stays_usable(
    judge: Any, finding: Find, codes: Codes
) -> None:
    audit = judge(
        HEADER + "1,0.5,1,8,9\n1,5,1,5,1\nx,5,1,5,1\n2,5,1,5\n3,5,1,high,1\n",
        "song_id,valence_mean,arousal_mean\n4,5,5\n",
    )
    assert audit.usable
    refused = finding(audit, "static.refused")
    assert refused.severity == "left out"
    found = [words.partition(".csv")[2] for words in refused.examples]
    assert [words[:9] for words in found[:6]] == [
        ", line 2:", ", line 2:", ", line 3:", ", line 4:", ", line 5:", ", line 6:"
    ]  # fmt: skip
    assert [words[:12] for words in found[6:]] == [": 0 columns ", ": 0 columns "]
    assert refused.figures["count"] == 8
    assert "static.agreement" not in codes(audit)


def test_a_song_in_two_tables_is_refused_with_the_reason(judge: Any, finding: Find) -> None:
    audit = judge(HEADER + "1,5,1,5,1\n", HEADER + "1,6,1,6,1\n")
    refused = finding(audit, "static.refused")
    assert refused.figures["count"] == 1
    assert "song 1 has a second row" in refused.examples[0]


def test_a_mistake_that_is_not_in_a_row_is_listed_with_those_in_rows(
    judge: Any, finding: Find
) -> None:
    audit = judge(HEADER + "1,5,1,5,1\n", HEADER + "1,6,1,60,1\n", HEADER)
    refused = finding(audit, "static.refused")
    assert refused.figures["count"] == 3 == len(refused.examples)
    assert "averaged_songs_2.csv: holds no song" in refused.examples[-1]
