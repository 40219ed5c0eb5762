from __future__ import annotations

from pathlib import Path

import pytest
from vgmidi_clones import curve, entry, midi, write_clone, write_ratings

from benchmark.acquisition.vgmidi.clone import read_clone
from benchmark.errors import DataError


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return write_clone(tmp_path / "clone")


@pytest.mark.parametrize("inside", [".", "labelled", "a/b/labelled"])
def test_ratings_and_music_are_found_wherever_they_lie(tmp_path: Path, inside: str) -> None:
    material = read_clone(write_clone(tmp_path, inside=inside))
    assert list(material.excerpts) == ["1", "2"] and not material.missing


def test_of_two_files_of_a_name_the_one_beside_the_ratings_is_rendered(clone: Path) -> None:
    name = entry("One")["midi"]
    other = clone / "vgmidi" / "unlabelled" / name
    other.parent.mkdir()
    other.write_bytes(midi(19.0))
    assert read_clone(clone).excerpts["1"].midi == clone / "vgmidi/labelled/midi" / name
    beside = clone / "vgmidi/labelled/more" / name
    beside.parent.mkdir()
    beside.write_bytes(midi(19.0))
    assert "differ; keep one of them" in read_clone(clone).missing[0]


def test_a_piece_without_usable_music_is_named_and_the_others_are_there(tmp_path: Path) -> None:
    clone = write_clone(tmp_path / "clone", ["Good", "Gone", "Bad", "Long"], inside=".")
    music = {title: clone / "midi" / entry(title)["midi"] for title in ("Gone", "Bad", "Long")}
    music["Gone"].unlink()
    music["Bad"].write_bytes(b"no music")
    music["Long"].write_bytes(midi(25.0))
    material = read_clone(clone)
    assert list(material.excerpts) == ["1"]
    assert [line.split(": ", 1)[0].split(" (")[0] for line in material.missing] == [
        "Gone",
        "Bad",
        "Long",
    ]
    reasons = ["no such MIDI file", "no MIDI file", "lasts 25.0 s, what was rated 18.0 s"]
    for line, reason in zip(material.missing, reasons, strict=True):
        assert line.endswith(reason) and "of vgmidi_raw_1.json" in line


def test_a_folder_without_ratings_or_music_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no such folder; git clone https://github.com/lucasnfe"):
        read_clone(tmp_path / "nothing")
    with pytest.raises(DataError, match=r"no ratings \(vgmidi_raw_1.json\) below it; git clone"):
        read_clone(tmp_path)
    write_ratings(tmp_path, 1, pieces={"piece1": entry("One")}, annotations={})
    with pytest.raises(DataError, match=r"no piece can be used: One .*no such MIDI file"):
        read_clone(tmp_path)


def test_what_is_left_out_of_the_ratings_is_noted(tmp_path: Path) -> None:
    clone = write_clone(tmp_path)
    write_ratings(
        clone / "vgmidi/labelled/annotations",
        1,
        pieces={"piece0": entry("One")},
        annotations={
            "piece0_1": curve([0.1] * 9),
            "piece0_2": curve([0.1] * 9),
            "piece0_3": curve([0.1] * 10),
            "piece7_1": curve([0.1]),
        },
    )
    (clone / "vgmidi/labelled/annotations/vgmidi_raw_2.json").unlink()
    notes = read_clone(clone).notes
    assert [note.split(": ")[0] for note in notes] == [
        "vgmidi_raw_1.json",
        "vgmidi_raw_2.json",
        "1 raters with more or fewer values than their piece has parts; left out",
    ]
    assert "piece7: rated, but no entry" in notes[0]
