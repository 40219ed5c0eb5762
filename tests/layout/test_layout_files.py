from __future__ import annotations

from pathlib import Path

from benchmark.layout.files import audio_files, files_below, rater_tables


def names(root: Path, files: list[Path]) -> list[str]:
    return [str(path.relative_to(root)) for path in files]


def test_a_link_that_leads_back_is_looked_into_once(tmp_path: Path) -> None:
    (tmp_path / "audio").mkdir()
    (tmp_path / "audio" / "7.mp3").write_bytes(b"7")
    (tmp_path / "audio" / "up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "same").symlink_to(tmp_path / "audio", target_is_directory=True)
    assert names(tmp_path, files_below(tmp_path)) == ["audio/7.mp3"]


def test_a_file_is_a_song_only_by_plain_digits(tmp_path: Path) -> None:
    for name in ("7.mp3", "\u0668.mp3", "\u00b2.mp3", "._7.mp3", "-7.mp3", "7.5.mp3", ".mp3", "7"):
        (tmp_path / name).write_bytes(name.encode())
    audio, notes = audio_files(files_below(tmp_path), lambda song: True)
    assert {song: path.name for song, (path, _) in audio.items()} == {"7": "7.mp3"}
    assert notes == []


def test_a_table_per_rater_is_one_only_by_plain_digits(tmp_path: Path) -> None:
    folder = tmp_path / "annotations per each rater" / "dynamic" / "arousal"
    folder.mkdir(parents=True)
    for name in ("007.csv", "\u0668.csv", "._7.csv"):
        (folder / name).touch()
    found = rater_tables(files_below(tmp_path), tmp_path)
    assert found == {"7": {"arousal": [folder / "007.csv"]}}
