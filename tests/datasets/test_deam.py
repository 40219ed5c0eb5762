from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.datasets.deam import Deam
from benchmark.errors import DataError
from benchmark.features.opensmile_means import OpensmileMeans
from benchmark.records import TARGETS, Corpus, Song

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
    assert song.groups == {"artist": "Artist 1", "album": "", "subset": "1-1000"}
    assert song.ratings == {}
    assert (corpus.root, corpus.floors) == (deam_folder.root, {})
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


def test_a_table_that_may_have_been_cut_in_its_last_number_is_noted(empty_deam: Any) -> None:
    """What is left of 0.35 may be 0.3: no count of cells shows it."""
    write_both(empty_deam, {1: [0.1, 0.2, 0.25], 2: [0.1, 0.2, 0.35]})
    assert load(empty_deam).notes == ()
    table = empty_deam.table("valence")
    table.write_text(table.read_text()[: -len("5\n")])
    corpus = load(empty_deam)
    assert corpus.songs[1].labels["valence"][-1] == 0.3
    assert corpus.notes == (
        "valence.csv: the last line has no line end; if the file was cut short, its last label is "
        "wrong and songs are missing",
    )


def test_a_song_ends_with_its_last_rating(empty_deam: Any) -> None:
    write_both(empty_deam, {1: [0.1, 0.2, ""], 2: [0.1, 0.2, 0.3]})
    one, two = load(empty_deam).songs
    assert (len(one.times), len(two.times)) == (2, 3)


def test_a_rating_missing_in_the_middle_stays_missing(empty_deam: Any) -> None:
    write_both(empty_deam, {1: [0.1, "nan", 0.3]})
    np.testing.assert_array_equal(load(empty_deam).songs[0].labels["valence"], [0.1, np.nan, 0.3])


def test_a_column_missing_in_the_middle_is_refused(empty_deam: Any) -> None:
    """Its name may have been spoilt, and its labels then stand elsewhere."""
    for target in ("arousal", "valence"):
        empty_deam.write_table(target, {1: [0.1, 0.3]}, starts=[15_000, 16_000])
    with pytest.raises(DataError, match=r"arousal.csv: no column 'sample_15500ms', but one of"):
        load(empty_deam)


@pytest.mark.parametrize(("rated", "unrated"), [("arousal", "valence"), ("valence", "arousal")])
def test_a_song_rated_on_one_target_only_is_kept(empty_deam: Any, rated: str, unrated: str) -> None:
    empty_deam.write_table(rated, {1: [0.1, 0.2, 0.3], 2: [0, 0, 0]}, starts=STARTS)
    empty_deam.write_table(unrated, {1: ["", "", ""], 2: [0, 0, 0]}, starts=STARTS)
    song, _ = load(empty_deam).songs
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
    with pytest.raises(DataError, match=r"no arousal.csv with averaged rat.*right folder\?"):
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


def mixed(folder: Any) -> Any:
    """Two excerpts and a full song, without audio."""
    write_both(folder, {7: [0.1, 0.2, 0.3], 2000: [0.1, 0.2, 0.3], 2001: [0.1, 0.2, 0.3]})
    return folder


@pytest.mark.parametrize(
    ("songs", "expected"),
    [("all", ["7", "2000", "2001"]), ("excerpts", ["7", "2000"]), ("full", ["2001"])],
)
def test_excerpts_or_full_songs_can_be_chosen(
    empty_deam: Any, songs: Any, expected: list[str]
) -> None:
    corpus = Deam(root=mixed(empty_deam).root, songs=songs).load()
    assert [song.id for song in corpus.songs] == expected
    assert corpus.notes == ()


def test_songs_that_were_not_chosen_are_no_defect(
    empty_deam: Any, tone: Callable[..., np.ndarray]
) -> None:
    mixed(empty_deam)
    for name in ("7.wav", "2000.wav", "2001.wav", "2002.wav", "2003.wav"):
        empty_deam.write_audio(name, tone(0.1))
    empty_deam.write_audio("02003.wav", tone(0.2))
    corpus = Deam(root=empty_deam.root, songs="excerpts").load()
    assert (len(corpus.songs), corpus.notes) == (2, ())


def test_a_choice_that_leaves_nothing_is_refused(deam_folder: Any) -> None:
    with pytest.raises(
        DataError,
        match=r"dataset.songs = full: .*tiny has no song with an id above 2000 \(ids 1 to 6\); "
        r"choose another part \(--set dataset.songs=all\)",
    ):
        Deam(root=deam_folder.root, songs="full").load()


def test_artist_and_album_are_joined_whatever_the_order_of_columns(empty_deam: Any) -> None:
    mixed(empty_deam)
    metadata = empty_deam.root / "metadata"
    empty_deam.write(metadata / "metadata_2013.csv", "song_id,artist,album\n7,Jahzzar,\tNest \n")
    empty_deam.write(metadata / "metadata_2015.csv", "album,song_id,artist\nBAD,2001,NYU\n")
    groups = {song.id: song.groups for song in load(empty_deam).songs}
    assert groups == {
        "7": {"artist": "Jahzzar", "album": "Nest", "subset": "1-1000"},
        "2000": {"artist": "", "album": "", "subset": "1001-2000"},
        "2001": {"artist": "NYU", "album": "BAD", "subset": "2001-"},
    }


def write_raters(folder: Any, target: str, song: object, text: str, *, inside: str = "") -> Path:
    return folder.write(
        folder.root
        / inside
        / "annotations"
        / "Annotations per each rater"
        / "dynamic (per second annotations)"
        / target
        / f"{song}.csv",
        text,
    )


def test_what_each_rater_said_comes_on_the_grid_of_the_song(empty_deam: Any) -> None:
    """The grid runs over both targets; nothing a rater said moves a label or the fingerprint."""
    empty_deam.write_table("arousal", {7: [0.1, 0.2]}, starts=[15_000, 15_500])
    empty_deam.write_table("valence", {7: [0.3, 0.4]}, starts=[15_500, 16_000])
    before = load(empty_deam).fingerprint
    write_raters(empty_deam, "arousal", 7, "WorkerId,sample_15000ms,sample_15500ms\nA,0,1\nB,-1,")
    write_raters(empty_deam, "valence", "007", "sample_16000ms,sample_15500ms\n0.6,0.5\n")
    corpus = load(empty_deam)
    (song,) = corpus.songs
    nan = np.nan
    np.testing.assert_array_equal(song.ratings["arousal"], [[0, 1, nan], [-1, nan, nan]])
    np.testing.assert_array_equal(song.ratings["valence"], [[nan, 0.5, 0.6]])
    assert (corpus.fingerprint, corpus.floors, corpus.notes) == (before, {}, ())


def test_a_target_nobody_rated_alone_has_no_ratings(empty_deam: Any) -> None:
    write_both(empty_deam, {7: [0.1, 0.2, 0.3]})
    write_raters(empty_deam, "arousal", 7, "WorkerId,sample_15000ms\nA,0.5\n")
    write_raters(empty_deam, "valence", 7, "WorkerId,sample_15000ms\nA,\n")
    assert load(empty_deam).songs[0].ratings.keys() == {"arousal"}


def test_other_tables_are_not_mistaken_for_those_per_rater(empty_deam: Any) -> None:
    write_both(empty_deam, {7: [0.1, 0.2, 0.3]})
    text = "WorkerId,sample_15000ms\nA,0.5\n"
    write_raters(empty_deam, "liking", 7, text)
    write_raters(empty_deam, "arousal", "song7", text)
    empty_deam.write(empty_deam.root / "smoothed" / "arousal" / "7.csv", text)
    assert load(empty_deam).songs[0].ratings == {}


def test_ratings_that_cannot_be_read_are_noted_and_left_out(empty_deam: Any) -> None:
    mixed(empty_deam)
    for song in (7, 2000):
        for target in TARGETS:
            write_raters(empty_deam, target, song, "WorkerId,sample_15000ms\nA,0.5\n")
    write_raters(empty_deam, "valence", 7, "WorkerId,sample_15000ms\nA,2\n")
    corpus = load(empty_deam)
    assert [set(song.ratings) for song in corpus.songs] == [set(), set(TARGETS), set()]
    (note,) = corpus.notes
    assert note.startswith("song 7: ratings per rater cannot be read (")
    assert note.endswith(
        "7.csv, line 2: column 'sample_15000ms' is '2', expected a rating in [-1, 1]); "
        "anchors do without it"
    )


def test_equal_copies_of_what_raters_said_are_one_and_others_none(empty_deam: Any) -> None:
    write_both(empty_deam, {7: [0.1, 0.2, 0.3]})
    text = "WorkerId,sample_15000ms\nA,0.5\n"
    write_raters(empty_deam, "arousal", 7, text)
    copy = write_raters(empty_deam, "arousal", 7, text, inside="copy")
    corpus = load(empty_deam)
    assert (corpus.songs[0].ratings["arousal"].shape, corpus.notes) == ((1, 3), ())
    copy.write_text("WorkerId,sample_15000ms\nA,0.4\n")
    corpus = load(empty_deam)
    assert corpus.songs[0].ratings == {}
    assert "2 different tables of arousal" in corpus.notes[0] and "keep one" in corpus.notes[0]
    copy.unlink()
    copy.symlink_to("nowhere.csv")
    corpus = load(empty_deam)
    assert corpus.songs[0].ratings == {}
    assert "7.csv: cannot be read (No such file or directory)" in corpus.notes[0]


def test_the_floor_follows_the_songs_that_are_there(empty_deam: Any) -> None:
    folder = mixed(empty_deam).table("arousal").parents[1] / "song_level"
    head = "song_id, valence_mean, valence_std, arousal_mean, arousal_std\n"
    tables = {"1_2000": "7,5,0.4,5,0.8\n8,5,3,5,3\n", "2000_2058": "2001,5,0.8,5,1.6\n"}
    for name, rows in tables.items():
        empty_deam.write(folder / f"static_annotations_averaged_songs_{name}.csv", head + rows)
    floors = {
        songs: Deam(root=empty_deam.root, songs=songs).load().floors
        for songs in ("excerpts", "full")
    }
    assert floors["excerpts"] == pytest.approx({"arousal": 0.2 / 10**0.5, "valence": 0.1 / 10**0.5})
    assert floors["full"] == pytest.approx({"arousal": 0.4 / 10**0.5, "valence": 0.2 / 10**0.5})


def test_static_ratings_that_cannot_be_read_cost_the_floor_only(empty_deam: Any) -> None:
    name = "static_annotations_averaged_songs_1_2000.csv"
    empty_deam.write(mixed(empty_deam).root / name, "song_id, arousal_std\n7,wide\n")
    corpus = load(empty_deam)
    assert (len(corpus.songs), corpus.floors) == (3, {})
    assert corpus.notes[0].startswith("static ratings cannot be read (")
    assert corpus.notes[0].endswith("); the leakage alarm does without their floor")


def test_deam_as_released_is_recognised(shared_datasets: Path) -> None:
    corpus = Deam(root=shared_datasets / "deam").load()
    assert (corpus.title, corpus.known_as, len(corpus.songs)) == ("DEAM", "deam", 1802)
    assert "Aljanaki" in corpus.citation
    excerpts = [song for song in corpus.songs if song.groups["subset"] != "2001-"]
    assert len(excerpts) == 1744
    assert {song.times[0] for song in corpus.songs} == {15.0}
    assert corpus.floors == pytest.approx({"arousal": 0.11929, "valence": 0.12291}, abs=1e-5)
    assert not any(song.ratings for song in corpus.songs)


@pytest.mark.parametrize(("songs", "n_songs"), [("excerpts", 1744), ("full", 58)])
def test_a_part_of_deam_is_still_deam(shared_datasets: Path, songs: Any, n_songs: int) -> None:
    corpus = Deam(root=shared_datasets / "deam", songs=songs).load()
    assert (corpus.title, corpus.known_as, len(corpus.songs)) == ("DEAM", "deam", n_songs)
    assert len(corpus.notes) == (0 if songs == "full" else 6)


def test_songs_of_deam_with_equal_features_are_one_work(shared_datasets: Path) -> None:
    root = shared_datasets / "deam"
    works: dict[bytes, set[str]] = {}
    frames = OpensmileMeans().read(root)
    corpus = Deam(root=root).load()
    for song in corpus.songs:
        works.setdefault(frames[song.id].tobytes(), set()).add(song.work)
    assert max(map(len, works.values())) == 1
    assert len({song.work for song in corpus.songs}) == len(works) == 1798
    assert "song 536: the same recording as song 175" in "\n".join(corpus.notes)


def test_albums_of_deam_are_albums(shared_datasets: Path) -> None:
    albums = [song.groups["album"] for song in Deam(root=shared_datasets / "deam").load().songs]
    assert not any(album.endswith(".mp3") or album == "n/a" for album in albums)
    assert sum(map(bool, albums)) == 1027


def test_data_in_deams_layout_is_not_deam(shared_datasets: Path) -> None:
    corpus = Deam(root=shared_datasets / "vgmidi").load()
    assert (corpus.title, corpus.known_as, corpus.citation) == ("vgmidi", "", "")
    assert len(corpus.songs) == 160
    for target in ("arousal", "valence"):
        assert sum(np.isfinite(song.labels[target]).sum() for song in corpus.songs) == 12_545
    assert all(song.groups["artist"] and song.groups["album"] for song in corpus.songs)


@pytest.fixture(scope="module")
def vgmidi(shared_datasets: Path) -> tuple[Song, ...]:
    return Deam(root=shared_datasets / "vgmidi").load().songs


@pytest.mark.parametrize("target", TARGETS)
def test_real_labels_are_the_means_of_what_raters_said(
    vgmidi: tuple[Song, ...], target: str
) -> None:
    """Tables hold six decimals."""
    for song in vgmidi:
        assert 28 <= len(song.ratings[target]) <= 32
        means = np.nanmean(song.ratings[target], axis=0)
        np.testing.assert_allclose(means, song.labels[target], rtol=0, atol=1e-6)


@pytest.mark.parametrize(("target", "expected"), [("arousal", 0.0749), ("valence", 0.0717)])
def test_the_standard_error_of_real_mean_ratings_is_known(
    vgmidi: tuple[Song, ...], target: str, expected: float
) -> None:
    variances = []
    for song in vgmidi:
        ratings = song.ratings[target]
        counts = np.isfinite(ratings).sum(axis=0)
        variances.append(np.nanvar(ratings, axis=0, ddof=1) / counts)
    assert np.concatenate(variances).mean() ** 0.5 == pytest.approx(expected, abs=5e-5)


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
