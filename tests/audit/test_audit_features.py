from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmark.audit.finding import Audit, Finding
from benchmark.records import TARGETS

Make = Callable[..., Audit]
Find = Callable[[Audit, str], Finding]
Codes = Callable[[Audit], set[str]]
NAMES = [f"feature{number}" for number in range(260)]


def write_frames(folder: Any, song: int, names: list[str] = NAMES, seconds: float = 2) -> None:
    lines = [
        ";".join(["frameTime", *names]),
        *(";".join([str(half / 2), *["0.5"] * len(names)]) for half in range(int(2 * seconds))),
    ]
    folder.write(folder.root / "features" / f"{song}.csv", "\n".join(lines) + "\n")


def write_means(folder: Any, values: dict[int, int]) -> None:
    rows = [["song_id", *(f"mean{number}" for number in range(130))]]
    rows += [[str(song), *[str(value)] * 130] for song, value in values.items()]
    text = "\n".join(",".join(row) for row in rows) + "\n"
    folder.write(folder.root / "features_song_level" / "opensmile_means.csv", text)


def test_songs_without_the_frames_that_others_have_are_told(
    deam_folder: Any, audited: Make, finding: Find, codes: Codes
) -> None:
    for song in range(1, 7):
        write_frames(deam_folder, song)
    assert not {code for code in codes(audited(deam_folder.root)) if code.startswith("features")}
    (deam_folder.root / "features" / "2.csv").unlink()
    missing = finding(audited(deam_folder.root), "features.missing")
    assert (missing.severity, missing.songs) == ("left out", ("2",))


def test_frames_that_the_feature_refuses_are_told_song_by_song(
    deam_folder: Any, audited: Make, finding: Find
) -> None:
    for song in range(1, 7):
        write_frames(deam_folder, song, NAMES[: 259 if song == 4 else 260])
    frames = deam_folder.root / "features"
    (frames / "2.csv").write_text((frames / "2.csv").read_text().replace("0.5", "nan", 1))
    (frames / "3.csv").write_text("frameTime;" + ";".join(NAMES) + "\n")
    deam_folder.write(frames / "5.csv", "a,b,c\n")
    write_frames(deam_folder, 6, seconds=220)
    audit = audited(deam_folder.root)
    assert audit.usable
    unusable = finding(audit, "features.unusable")
    assert (unusable.severity, unusable.songs) == ("left out", ("2", "3", "4", "5", "6"))
    assert [words.partition(".csv")[2][:28] for words in unusable.examples] == [
        ", line 2: column 'feature0' ",
        ": has no row of frames below",
        ": has other columns than the",
        ": first column is 'a,b,c', e",
        ": holds 219.5 s of music, so",
    ]


def test_frames_that_end_long_before_the_labels_do_are_told(
    empty_deam: Any, audited: Make, finding: Find
) -> None:
    starts = tuple(range(15_000, 45_000, 500))
    for target in TARGETS:
        empty_deam.write_table(target, {1: [0.1] * 60, 2: [0.2] * 60}, starts=starts)
    write_frames(empty_deam, 1, seconds=43)
    write_frames(empty_deam, 2, seconds=40)
    unusable = finding(audited(empty_deam.root), "features.unusable")
    assert unusable.songs == ("2",)
    assert "ends with a frame at 39.5 s, the labels with one at 44.5 s" in unusable.examples[0]


def test_frames_that_the_feature_refuses_are_told_with_its_reason(
    deam_folder: Any, audited: Make, finding: Find
) -> None:
    write_frames(deam_folder, 1, NAMES[:10])
    refused = finding(audited(deam_folder.root), "features.refused")
    assert "has 10 columns beside frameTime, expected 260" in refused.examples[0]


def test_songs_without_means_and_with_the_same_means_are_told(
    deam_folder: Any, audited: Make, finding: Find
) -> None:
    write_means(deam_folder, {1: 1, 2: 2, 3: 1, 5: 5, 6: 2})
    audit = audited(deam_folder.root)
    assert audit.usable
    assert finding(audit, "means.missing").songs == ("4",)
    same = finding(audit, "songs.same_descriptors")
    assert (same.severity, same.figures["as"]) == ("fact", {"3": "1", "6": "2"})


def test_means_that_cannot_be_read_are_told_with_the_reason(
    deam_folder: Any, audited: Make, finding: Find
) -> None:
    write_means(deam_folder, {1: 1})
    shutil.copytree(deam_folder.root / "features_song_level", deam_folder.root / "again")
    refused = finding(audited(deam_folder.root), "means.refused")
    assert "2 files opensmile_means.csv" in refused.examples[0]


def test_recordings_that_deam_holds_twice_are_known_of_deam_alone(
    deam_folder: Any, audited: Make, codes: Codes
) -> None:
    assert "songs.same_recording" not in codes(audited(deam_folder.root))
    assert np.isin("songs.same_descriptors", list(codes(audited(deam_folder.root)))).sum() == 0
