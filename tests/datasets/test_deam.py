from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.datasets.deam import Deam
from benchmark.errors import DataError
from benchmark.records import Corpus

STARTS = (15_000, 15_500, 16_000)


def load(folder: Any) -> Corpus:
    return Deam(root=folder.root).load()


def write_both(folder: Any, rows: dict[int, list[object]]) -> None:
    for target in ("arousal", "valence"):
        folder.write_table(target, rows, starts=STARTS)


def test_songs_come_in_order_with_audio_labels_and_groups(deam_folder: Any) -> None:
    corpus = load(deam_folder)
    assert [song.id for song in corpus.songs] == ["1", "2", "3", "4", "5", "6"]
    song = corpus.songs[2]
    assert song.audio == deam_folder.root / "MEMD_audio" / "3.wav"
    np.testing.assert_array_equal(song.times, [1.0, 1.5, 2.0, 2.5, 3.0])
    assert song.groups == {"artist": "Artist 1", "subset": "1-1000"}
    assert (corpus.title, corpus.known_as, corpus.synthetic, corpus.notes) == (
        "tiny",
        "",
        False,
        (),
    )


def test_a_label_belongs_to_its_song_and_column(empty_deam: Any) -> None:
    empty_deam.write_table("arousal", {9: [0.1, 0.2, 0.3], 10: [0.4, 0.5, 0.6]}, starts=STARTS)
    empty_deam.write_table(
        "valence", {10: [-0.4, -0.5, -0.6], 9: [-0.1, -0.2, -0.3]}, starts=STARTS
    )
    nine, ten = load(empty_deam).songs
    np.testing.assert_array_equal(nine.labels["arousal"], [0.1, 0.2, 0.3])
    np.testing.assert_array_equal(nine.labels["valence"], [-0.1, -0.2, -0.3])
    np.testing.assert_array_equal(ten.labels["valence"], [-0.4, -0.5, -0.6])


@pytest.mark.parametrize(
    ("song", "subset"),
    [(2, "1-1000"), (1000, "1-1000"), (1001, "1001-2000"), (2000, "1001-2000"), (2058, "2001-")],
)
def test_the_subset_follows_from_the_id(empty_deam: Any, song: int, subset: str) -> None:
    write_both(empty_deam, {song: [0, 0, 0]})
    assert load(empty_deam).songs[0].groups["subset"] == subset


def test_tables_that_end_at_different_columns_are_joined_on_names(empty_deam: Any) -> None:
    empty_deam.write_table("arousal", {1: [0.1, 0.2]}, starts=[15_000, 15_500])
    empty_deam.write_table("valence", {1: [0.3, 0.4]}, starts=[15_500, 16_000])
    (song,) = load(empty_deam).songs
    np.testing.assert_array_equal(song.times, [15.0, 15.5, 16.0])
    np.testing.assert_array_equal(song.labels["arousal"], [0.1, 0.2, np.nan])
    np.testing.assert_array_equal(song.labels["valence"], [np.nan, 0.3, 0.4])


def test_a_song_ends_with_its_last_rating(empty_deam: Any) -> None:
    write_both(empty_deam, {1: [0.1, 0.2, ""], 2: [0.1, 0.2, 0.3]})
    one, two = load(empty_deam).songs
    assert (len(one.times), len(two.times)) == (2, 3)


def test_a_rating_missing_in_the_middle_stays_missing(empty_deam: Any) -> None:
    write_both(empty_deam, {1: [0.1, "nan", 0.3]})
    np.testing.assert_array_equal(load(empty_deam).songs[0].labels["valence"], [0.1, np.nan, 0.3])


def test_a_column_missing_in_the_middle_leaves_the_grid_even(empty_deam: Any) -> None:
    for target in ("arousal", "valence"):
        empty_deam.write_table(target, {1: [0.1, 0.3]}, starts=[15_000, 16_000])
    (song,) = load(empty_deam).songs
    np.testing.assert_array_equal(song.times, [15.0, 15.5, 16.0])
    np.testing.assert_array_equal(song.labels["arousal"], [0.1, np.nan, 0.3])


@pytest.mark.parametrize(("rated", "unrated"), [("arousal", "valence"), ("valence", "arousal")])
def test_a_song_rated_on_one_target_only_is_kept(empty_deam: Any, rated: str, unrated: str) -> None:
    empty_deam.write_table(rated, {1: [0.1, 0.2, 0.3]}, starts=STARTS)
    empty_deam.write_table(unrated, {1: ["", "", ""]}, starts=STARTS)
    (song,) = load(empty_deam).songs
    np.testing.assert_array_equal(song.labels[rated], [0.1, 0.2, 0.3])
    assert np.isnan(song.labels[unrated]).all()


def test_songs_that_cannot_be_used_are_left_out_with_a_note(
    deam_folder: Any, tone: Callable[..., np.ndarray]
) -> None:
    table = deam_folder.table("arousal").read_text() + "\n7,,,,,\n8,0.1,0.2,0.3,0.4,0.5\n"
    for target in ("arousal", "valence"):
        deam_folder.table(target).write_text(table)
    deam_folder.write_audio("99.wav", tone(0.1))
    corpus = load(deam_folder)
    assert len(corpus.songs) == 6
    assert corpus.notes == (
        "song 7: no ratings; left out",
        "song 8: no audio file; left out",
        "song 99: audio without ratings; left out",
    )


def test_without_any_audio_songs_are_kept_for_models_that_need_none(deam_folder: Any) -> None:
    shutil.rmtree(deam_folder.root / "MEMD_audio")
    songs = load(deam_folder).songs
    assert [song.audio for song in songs] == 6 * [None]


def test_nested_zips_and_other_audio_names_are_found(deam_folder: Any) -> None:
    annotations = deam_folder.root / "annotations"
    annotations.rename(deam_folder.root / "inner")
    annotations.mkdir()
    (deam_folder.root / "inner").rename(annotations / "annotations")
    audio = deam_folder.root / "MEMD_audio"
    (audio / "3.wav").rename(deam_folder.root / "0003.WAV")
    (audio / "cover.wav").write_bytes(b"not a song")
    corpus = load(deam_folder)
    assert [song.id for song in corpus.songs] == ["1", "2", "3", "4", "5", "6"]
    assert corpus.songs[2].audio.name == "0003.WAV"


def test_tables_per_rater_are_not_mistaken_for_averages(deam_folder: Any) -> None:
    expected = load(deam_folder).fingerprint
    rater = deam_folder.root / "annotations" / "annotations per each rater"
    folder = rater / "dynamic (per second annotations)" / "arousal"
    deam_folder.write(folder / "arousal.csv", "song_id,sample_15000ms\n1,0.9\n")
    assert load(deam_folder).fingerprint == expected


def test_copies_are_noted_and_used_once(deam_folder: Any) -> None:
    original = load(deam_folder)
    shutil.copytree(deam_folder.root / "annotations", deam_folder.root / "copy" / "annotations")
    shutil.copy(deam_folder.root / "MEMD_audio" / "3.wav", deam_folder.root / "3.wav")
    corpus = load(deam_folder)
    assert corpus.fingerprint == original.fingerprint
    assert corpus.notes == ("song 3: 3.wav lies there twice; the copies are equal",)


def test_two_different_tables_are_refused(deam_folder: Any) -> None:
    other = deam_folder.root / "annotations averaged (old)" / "arousal.csv"
    deam_folder.write(other, "song_id,sample_15000ms\n1,0.9\n")
    with pytest.raises(DataError, match=r"2 different arousal tables \(.*arousal.csv.*keep one"):
        load(deam_folder)


def test_two_different_audio_files_are_refused(
    deam_folder: Any, tone: Callable[..., np.ndarray]
) -> None:
    deam_folder.write_audio("03.wav", tone(seed=99))
    with pytest.raises(
        DataError, match=r"song 3 has two different audio files: .*03.wav and .*3.wav"
    ):
        load(deam_folder)


def test_a_missing_folder_says_what_would_work(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"dataset.root = .*nowhere: no such folder; .*--set dataset"
    ):
        Deam(root=tmp_path / "nowhere").load()


def test_a_folder_without_tables_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no arousal.csv in a folder 'dynamic .*right folder\?"):
        Deam(root=tmp_path).load()


def test_a_folder_without_a_usable_song_is_refused(
    empty_deam: Any, tone: Callable[..., np.ndarray]
) -> None:
    write_both(empty_deam, {1: [0.1, 0.2, 0.3]})
    empty_deam.write_audio("2.wav", tone(0.1))
    with pytest.raises(DataError, match="no song has both ratings and audio"):
        load(empty_deam)


def test_the_fingerprint_follows_content_not_place(deam_folder: Any, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(deam_folder.root, moved)
    assert Deam(root=moved).load().fingerprint == load(deam_folder).fingerprint
    audio = moved / "MEMD_audio" / "1.wav"
    audio.write_bytes(audio.read_bytes()[:-2] + b"\x01\x02")
    assert Deam(root=moved).load().fingerprint != load(deam_folder).fingerprint


def test_a_title_can_be_given(deam_folder: Any) -> None:
    assert Deam(root=deam_folder.root, title="mine").load().title == "mine"


def test_deam_as_released_is_recognised(shared_datasets: Path) -> None:
    corpus = Deam(root=shared_datasets / "deam").load()
    assert (corpus.title, corpus.known_as, len(corpus.songs)) == ("DEAM", "deam", 1802)
    assert "Aljanaki" in corpus.citation
    excerpts = [song for song in corpus.songs if song.groups["subset"] != "2001-"]
    assert len(excerpts) == 1744
    assert {song.times[0] for song in corpus.songs} == {15.0}


def test_data_in_deams_layout_is_not_deam(shared_datasets: Path) -> None:
    corpus = Deam(root=shared_datasets / "vgmidi").load()
    assert (corpus.title, corpus.known_as, corpus.citation) == ("vgmidi", "", "")
    assert len(corpus.songs) == 160
    for target in ("arousal", "valence"):
        assert sum(np.isfinite(song.labels[target]).sum() for song in corpus.songs) == 12_545
    assert all(song.groups["artist"] for song in corpus.songs)


def test_audio_behind_a_link_is_found(deam_folder: Any, tmp_path: Path) -> None:
    audio = deam_folder.root / "MEMD_audio"
    audio.rename(tmp_path / "other_disk")
    audio.symlink_to(tmp_path / "other_disk", target_is_directory=True)
    assert len(Deam(root=deam_folder.root).load().songs) == 6


def test_a_file_that_cannot_be_read_is_left_out_with_a_note(deam_folder: Any) -> None:
    broken = deam_folder.root / "MEMD_audio" / "3.wav"
    broken.unlink()
    broken.symlink_to("nowhere.wav")
    corpus = Deam(root=deam_folder.root).load()
    assert [song.id for song in corpus.songs] == ["1", "2", "4", "5", "6"]
    assert corpus.notes[0] == "song 3: 3.wav cannot be read (No such file or directory)"
