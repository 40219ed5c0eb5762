from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmark.prediction.files import song_files

NOWHERE = Path("/nowhere")


def fill(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def names(*places: Path, out: Path = NOWHERE) -> list[str]:
    songs, problems = song_files(places, out=out)
    assert not problems
    return [song.name for song in songs]


def test_songs_of_a_folder_go_by_their_place_below_it(tmp_path: Path) -> None:
    fill(tmp_path, "b.mp3", "a.FLAC", "sub/deeper/c.m4a", "cover.jpg", "notes.txt", ".hidden.mp3")
    (tmp_path / "folder.mp3").mkdir()
    assert names(tmp_path) == ["a.FLAC", "b.mp3", "sub/deeper/c.m4a"]
    assert all(song.path.is_file() for song in song_files([tmp_path], out=NOWHERE)[0])


def test_a_file_that_is_named_is_taken_whatever_its_ending(tmp_path: Path) -> None:
    fill(tmp_path, "notes.txt", ".hidden")
    assert names(tmp_path / "notes.txt", tmp_path / ".hidden") == ["notes.txt", ".hidden"]


def test_each_song_is_taken_once_in_the_order_of_what_was_named(tmp_path: Path) -> None:
    fill(tmp_path, "b.mp3", "sub/a.mp3")
    (tmp_path / "link.mp3").symlink_to(tmp_path / "b.mp3")
    found = names(tmp_path / "sub", tmp_path / "b.mp3", tmp_path, tmp_path / "sub" / "a.mp3")
    assert found == ["a.mp3", "b.mp3"]


def test_songs_whose_names_are_alike_go_by_the_folders_that_differ(tmp_path: Path) -> None:
    fill(tmp_path, "one/a.mp3", "two/a.mp3", "two/b.mp3")
    assert names(tmp_path / "one", tmp_path / "two") == ["one/a.mp3", "two/a.mp3", "b.mp3"]


def test_a_longer_name_is_like_no_other_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, "one/a.mp3", "two/a.mp3", "three/one/a.mp3")
    monkeypatch.chdir(tmp_path)
    found = names(Path("one"), Path("two"), Path("three"))
    assert found == [f"{tmp_path.name}/one/a.mp3", "two/a.mp3", "three/one/a.mp3"]


def test_copies_made_before_are_no_songs(tmp_path: Path) -> None:
    fill(tmp_path, "a.mp3", "curves/audio/a.mp3")
    assert names(tmp_path, out=tmp_path / "curves") == ["a.mp3"]
    assert names(tmp_path, out=tmp_path / "other") == ["a.mp3", "curves/audio/a.mp3"]


def test_a_name_with_a_line_break_is_one_line(tmp_path: Path) -> None:
    fill(tmp_path, "bad\nname\t.wav")
    assert names(tmp_path) == ["bad\\nname\\t.wav"]


def test_a_name_that_is_no_text_is_written_as_text(tmp_path: Path) -> None:
    """Old collections have names in Latin-1."""
    path = tmp_path / os.fsdecode(b"caf\xe9.mp3")
    path.touch()
    for place in (tmp_path, path):
        (song,), _ = song_files([place], out=NOWHERE)
        assert song.name == "caf\\xe9.mp3"
        assert song.path.exists()


def test_what_is_wrong_with_a_place_does_not_lose_the_others(tmp_path: Path) -> None:
    fill(tmp_path, "a.mp3", "silent/notes.txt")
    long = tmp_path / ("x" * 300)
    places = [tmp_path / "b.mp3", tmp_path / "silent", tmp_path / "a.mp3", long]
    songs, problems = song_files(places, out=NOWHERE)
    assert [song.name for song in songs] == ["a.mp3"]
    missing, empty, too_long = map(str, problems)
    assert too_long == f"{long}: cannot be read (File name too long)"
    assert missing == f"{tmp_path}/b.mp3: there is no such file or folder"
    assert empty.startswith(f"{tmp_path}/silent: holds no file that ends as audio does (")
