from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmark.audit.finding import EXAMPLES, Audit, span
from benchmark.audit.words import in_words, song_list

Make = Callable[..., Audit]


def shown(audit: Audit, width: int = 200) -> str:
    console = Console(width=width)
    with console.capture() as capture:
        console.print(in_words(audit))
    return capture.get()


@pytest.mark.parametrize(
    ("songs", "words"),
    [
        ([], ""),
        (["2"], "2"),
        (["2", "3"], "2 and 3"),
        (["2", "3", "4", "5"], "2, 3, 4 and 5"),
        (["2", "3", "4", "5", "6"], "2, 3, 4 and 2 more"),
        (list(map(str, range(2000))), "0, 1, 2 and 1,997 more"),
    ],
)
def test_a_list_of_songs_is_shortened(songs: list[str], words: str) -> None:
    assert song_list(songs) == words


def test_a_span_of_one_value_is_that_value() -> None:
    assert [span([]), span([3]), span([3, 3]), span([3, 4, 5])] == ["", "3", "3", "3 to 5"]


def test_of_many_examples_some_are_kept_and_a_few_shown(deam_folder: Any, audited: Make) -> None:
    audio = deam_folder.root / "MEMD_audio"
    for song in range(11, 41):
        (audio / f"{song}.wav").write_bytes(b"no music")
    audit = audited(deam_folder.root, decode=True)
    (broken,) = [of for of in audit.findings if of.code == "audio.undecodable"]
    assert (len(broken.songs), len(broken.examples)) == (30, EXAMPLES)
    assert shown(audit).count(".wav: cannot be decoded (") == 3


def test_the_verdict_comes_first_then_what_is_worst(deam_folder: Any, audited: Make) -> None:
    table = deam_folder.table("arousal")
    table.write_text(table.read_text().replace("\n1,", "\n1,9").replace("\n6,", "\n66,"))
    deam_folder.write_audio("cover.wav", [0.1])
    lines = shown(audited(deam_folder.root), 300).splitlines()
    assert lines[0].startswith(str(deam_folder.root))
    assert lines[0].rstrip().endswith(": not usable")
    titles = [line.split()[0] for line in lines if line[:1].isalpha()]
    assert titles == ["unusable", "left", "handled", "fact"]
    assert any("arousal.csv: 1 rating outside [-1, 1] (1)" in line for line in lines)
    assert any("arousal.csv, line 2: song 1, column 'sample_1000ms'" in line for line in lines)


def test_markup_in_names_is_text_and_odd_bytes_do_no_harm(deam_folder: Any, audited: Make) -> None:
    odd = deam_folder.root / "MEMD_audio" / "[red]\udcff.mp3"
    odd.write_bytes(b"?")
    assert "[red]?.mp3" in shown(audited(deam_folder.root))


def test_a_narrow_terminal_shows_all_of_it(deam_folder: Any, audited: Make) -> None:
    audit = audited(deam_folder.root)
    for width in (40, 80):
        lines = shown(audit, width).splitlines()
        assert max(map(len, lines)) <= width
    assert "usable" in lines[0] or "usable" in lines[1]


def test_parts_that_are_missing_come_with_a_command_for_deam_only(
    deam_folder: Any, audited: Make, tmp_path: Path
) -> None:
    text = shown(audited(deam_folder.root))
    assert "not found: their standard deviations, ratings per rater, static ratings" in text
    assert "to fetch" not in text
    (tmp_path / "a folder").mkdir()
    text = shown(audited(tmp_path / "a folder"), 300)
    assert f"data deam --root '{tmp_path / 'a folder'}' --parts annotations,metadata" in text


def test_zips_that_are_not_unpacked_are_told(audited: Make, tmp_path: Path) -> None:
    (tmp_path / "DEAM_Annotations.zip").write_bytes(b"?")
    text = shown(audited(tmp_path), 300)
    assert "1 zip that nothing is read from" in text
    assert "not needed any more" not in text
    assert f"python -m benchmark data deam --from {tmp_path}" in text
