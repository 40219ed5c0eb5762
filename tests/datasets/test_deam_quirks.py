"""The quirks of DEAM on disk, each with the test that pins how it is taken.

| quirk of the release | taken as | test |
| --- | --- | --- |
| header names have leading spaces | stripped | layout/test_tables: ratings are joined on names |
| a static header is broken: `valence_ max_mean` | not read | layout/test_static: joined on names |
| columns of the two tables end at 626.5 and 626.0 s | joined on names | below, on the release |
| empty cells after the end of a song | the song ends there | test_deam: ends with its last rating |
| a rating missing in the middle | masked (NaN) | test_deam: missing in the middle stays |
| valence of songs 3 and 22 has a lone 0 after the end | no label, noted | below, on the release |
| metadata rows have some 100 tags, tabs, no-break spaces | columns joined on names | below |
| file names under `album`, 'n/a' | no album | layout/test_metadata: names no album |
| the last label of a file of 44.643 s ends at 45.0 s | last frame repeated, noted | below |
| 16, 22.05, 44.1, 48 kHz, mono and stereo | one mono rate a feature | below |
| tables per rater with and without `WorkerId` | who rated is no rating | layout/test_ratings |
| ids with gaps: 1,802 songs up to id 2058 | ids are names, not places | below |
| sorted file names are not in the order of ids | paired by id | below |
| zips nest: `annotations/annotations/` | searched | below; test_deam: nested zips |
| the nesting of Kaggle's mirror | searched | below |
| `__MACOSX/`, `._272.mp3` beside the files | no songs, no tables | below |
| SDs, static means, tables per rater beside the means | not taken for them | below; test_deam |
| four recordings stand there twice | one work | test_deam: equal features |
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr

from benchmark.audio import decode
from benchmark.datasets.deam import Deam
from benchmark.evaluation.cache import FeatureCache
from benchmark.evaluation.preparation import Preparation, length_note, prepare
from benchmark.features.mel import Mel
from benchmark.records import TARGETS, Corpus, Song, SongFrames
from benchmark.views import Sequence as HalfSeconds
from benchmark.views import Windows

STARTS = (15_000, 15_500)
DYNAMIC = "dynamic (per second annotations)"


def load(folder: Any) -> Corpus:
    return Deam(root=folder.root).load()


def write_both(folder: Any, rows: dict[Any, Sequence[object]]) -> None:
    for target in TARGETS:
        folder.write_table(target, rows, starts=STARTS)


@pytest.fixture(scope="module")
def released(shared_datasets: Path) -> Path:
    return shared_datasets / "deam"


@pytest.fixture(scope="module")
def songs(released: Path) -> dict[str, Song]:
    return {song.id: song for song in Deam(root=released).load().songs}


@pytest.mark.parametrize(("target", "ends_at"), [("arousal", 626_500), ("valence", 626_000)])
def test_every_label_of_the_release_stands_at_its_time_and_nothing_else_does(
    released: Path, songs: dict[str, Song], target: str, ends_at: int
) -> None:
    """Tables end at different columns; labels are found in them again one by one."""
    (table,) = released.rglob(f"{target}.csv")
    with table.open(newline="") as file:
        rows = {row["song_id"]: row for row in csv.DictReader(file)}
    assert list(rows["2"])[-1] == f"sample_{ends_at}ms"
    assert rows.keys() == songs.keys()
    left_out = []
    for name, row in rows.items():
        label = dict(zip(songs[name].times, songs[name].labels[target], strict=True))
        for column, cell in row.items():
            if column != "song_id":
                value = label.pop(int(column[len("sample_") : -len("ms")]) / 1000, math.nan)
                if cell and math.isnan(value):
                    left_out.append((name, column, cell))
                else:
                    assert value == float(cell or "nan") or (math.isnan(value) and not cell)
        assert all(map(math.isnan, label.values()))
    stray = [("3", "sample_45500ms", "0"), ("22", "sample_622500ms", "0")]
    assert left_out == (stray if target == "valence" else [])


def test_lone_zeros_after_the_end_of_two_excerpts_are_no_labels(released: Path) -> None:
    """With them, song 22 would last ten minutes, and its audio would be too short for it."""
    corpus = Deam(root=released).load()
    excerpts = [song for song in corpus.songs if int(song.id) <= 2000]
    assert {(song.times[0], song.times[-1], len(song.times)) for song in excerpts} == {
        (15.0, 44.5, 60)
    }
    assert not any(np.isnan(song.values(TARGETS)).any() for song in excerpts)
    assert [note for note in corpus.notes if "valence 0 at" in note] == [
        f"song {song}: valence 0 at {at} s, after the end of the excerpt and of all its other "
        f"ratings; left out"
        for song, at in (("3", "45.5"), ("22", "622.5"))
    ]


def test_every_grid_of_the_release_is_even(songs: dict[str, Song]) -> None:
    for song in songs.values():
        np.testing.assert_array_equal(song.times, 15 + 0.5 * np.arange(len(song.times)))
    full = [len(song.times) for name, song in songs.items() if int(name) > 2000]
    assert (len(full), min(full), max(full)) == (58, 68, 1224)


def test_metadata_with_a_hundred_tags_tabs_and_no_break_spaces_names_its_artists(
    empty_deam: Any,
) -> None:
    write_both(empty_deam, {7: [0, 0], 1001: [0, 0], 2001: [0, 0]})
    metadata = empty_deam.root / "metadata"
    tags = ",".join(f"tag {number}" for number in range(100))
    empty_deam.write(
        metadata / "metadata_2013.csv",
        'song_id,album,artist,title\n7,"\t7.mp3","The\u00a0Troubadours\t","\tLonely, Century"\n',
    )
    empty_deam.write(
        metadata / "metadata_2014.csv",
        f"song_id,artist,album,title,Genre{104 * ','}\n1001,Rope River,Full Bush.,Weather,{tags}\n",
    )
    empty_deam.write(
        metadata / "metadata_2015.csv", f"song_id,title,artist,album\n2001,Tree,A\u00a0B,n/a,{tags}"
    )
    corpus = load(empty_deam)
    assert {song.id: (song.groups["artist"], song.groups["album"]) for song in corpus.songs} == {
        "7": ("The Troubadours", ""),
        "1001": ("Rope River", "Full Bush."),
        "2001": ("A B", ""),
    }
    assert corpus.notes == ()


def test_every_artist_of_the_release_is_known(songs: dict[str, Song]) -> None:
    assert all(song.groups["artist"] for song in songs.values())


def prepared(song: Song, cache: FeatureCache) -> tuple[str, SongFrames]:
    assert prepare(Preparation(song, (Mel(),), cache)).unusable == ""
    facts = cache.facts(song.audio_hash)
    assert facts
    keep, note = length_note(song, facts)
    assert keep
    frames = np.load(cache.path(song.audio_hash, Mel()))
    return note, SongFrames(song.id, frames, Mel().hop, song.times)


def test_a_file_that_ends_before_its_last_label_is_padded_with_its_last_frame(
    shared_datasets: Path, tmp_path: Path
) -> None:
    """Song 40 of VGMIDI ends as song 272 of DEAM does."""
    corpus = Deam(root=shared_datasets / "vgmidi").load()
    song = next(song for song in corpus.songs if song.id == "40")
    note, frames = prepared(song, FeatureCache(tmp_path))
    assert note == (
        "song 40: lasts 44.64 s, last label needs audio to 45.0 s; padded with its last frame"
    )
    there = frames.frames[math.ceil(44.5 / frames.hop) :]
    assert 0 < len(there) < 0.5 / frames.hop - 10
    half_seconds = HalfSeconds().rows(frames)
    assert len(half_seconds) == len(song.times)
    np.testing.assert_allclose(half_seconds[-1], there.mean(axis=0), atol=1e-3)
    window = Windows(1.5, standardize="none").rows(frames)[-1]
    repeated = np.flatnonzero((window != window[-1]).any(axis=1))[-1] + 1
    assert (45.5 - 44.64) / frames.hop == pytest.approx(len(window) - repeated, abs=2)
    np.testing.assert_array_equal(window[-1], frames.frames[-1])


@pytest.mark.parametrize("channels", [1, 2], ids=["mono", "stereo"])
@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100, 48_000])
def test_a_song_gives_nearly_the_same_frames_at_any_rate_and_in_mono_or_stereo(
    tmp_path: Path, tone: Callable[..., np.ndarray], rate: int, channels: int
) -> None:
    samples = tone(4.0)
    path = tmp_path / "1.wav"
    resampled = soxr.resample(samples, 12_000, rate, quality="VHQ")
    side = 0.2 * np.sin(np.arange(len(resampled)))
    stereo = np.stack([resampled + side, resampled - side], axis=1)
    soundfile.write(path, stereo if channels == 2 else resampled, rate, subtype="FLOAT")
    frames = Mel().extract(decode(path).resampled(12_000))
    expected = Mel().extract(samples)
    assert frames.shape == expected.shape
    # Bands near half of 12 kHz lie where resampling filters; frames at the ends see the edge.
    inside = (slice(2, -2), slice(0, 88))
    np.testing.assert_allclose(frames[inside], expected[inside], atol=1.0)
    assert np.abs(frames[inside] - expected[inside]).mean() < 0.05


def test_ids_with_gaps_are_names_and_a_listing_is_never_paired_with_rows(
    empty_deam: Any, tone: Callable[..., np.ndarray]
) -> None:
    """As names sort, 10 and 1001 stand before 2; and one file is missing in the middle."""
    ids = (2, 10, 99, 100, 1001, 2058)
    write_both(empty_deam, {song: [song / 4000, -song / 4000] for song in reversed(ids)})
    for song in ids:
        if song != 99:
            empty_deam.write_audio(f"{song}.wav", tone(0.1 + song / 10_000))
    corpus = load(empty_deam)
    assert [song.id for song in corpus.songs] == ["2", "10", "100", "1001", "2058"]
    for song in corpus.songs:
        number = int(song.id)
        np.testing.assert_array_equal(song.labels["valence"], [number / 4000, -number / 4000])
        assert song.audio is not None
        assert decode(song.audio).seconds == pytest.approx(0.1 + number / 10_000, abs=1e-3)
    assert corpus.notes == ("song 99: no audio file; left out",)


@pytest.mark.parametrize(
    ("annotations", "audio", "metadata"),
    [
        ("annotations/annotations", "MEMD_audio", "metadata/metadata"),
        ("annotations", "MEMD_audio", "metadata"),
        ("DEAM_Annotations/annotations", "DEAM_audio/MEMD_audio", "metadata"),
        ("deam/x/DEAM_Annotations/annotations", "deam/y/MEMD_audio", "deam/z"),
    ],
    ids=["official zips", "flat", "Kaggle", "deep"],
)
def test_files_are_found_whatever_the_nesting(
    empty_deam: Any, tone: Callable[..., np.ndarray], annotations: str, audio: str, metadata: str
) -> None:
    root = empty_deam.root
    averaged = root / annotations / "annotations averaged per song"
    raters = root / annotations / "annotations per each rater" / DYNAMIC
    for target in TARGETS:
        empty_deam.write(averaged / DYNAMIC / f"{target}.csv", "song_id,sample_15000ms\n7,0.5\n")
        empty_deam.write(averaged / DYNAMIC / f"{target}_std.csv", "song_id,sample_15000ms\n7,0.1")
        empty_deam.write(raters / target / "7.csv", "WorkerId,sample_15000ms\nA,0.25\n")
    empty_deam.write(
        averaged / "song_level" / "static_annotations_averaged_songs_1_2000.csv",
        "song_id, valence_mean, valence_std, arousal_mean, arousal_std\n7,5,1,5,1\n",
    )
    empty_deam.write(
        root / metadata / "metadata_2013.csv", "song_id,album,artist\n7,Nest,Jahzzar\n"
    )
    (root / audio).mkdir(parents=True)
    soundfile.write(root / audio / "7.wav", tone(0.1), 12_000)
    corpus = load(empty_deam)
    (song,) = corpus.songs
    assert [song.labels[target].tolist() for target in TARGETS] == [[0.5], [0.5]]
    assert [song.ratings[target].tolist() for target in TARGETS] == [[[0.25]], [[0.25]]]
    assert (song.audio, song.groups["artist"]) == (root / audio / "7.wav", "Jahzzar")
    assert (corpus.floors.keys(), corpus.notes) == (set(TARGETS), ())


def test_what_a_mac_leaves_beside_files_is_neither_song_nor_table(deam_folder: Any) -> None:
    before = load(deam_folder)
    paths = [path for path in deam_folder.root.rglob("*") if path.is_file()]
    for path in paths:
        inside = path.relative_to(deam_folder.root)
        for place in (path, deam_folder.root / "__MACOSX" / inside):
            deam_folder.write(place.with_name(f"._{path.name}"), "\0\5\26\7 Mac OS X")
    after = load(deam_folder)
    assert (after.fingerprint, after.notes) == (before.fingerprint, before.notes)


def test_deviations_beside_means_are_not_taken_for_them(deam_folder: Any) -> None:
    before = load(deam_folder).fingerprint
    for target in TARGETS:
        table = deam_folder.table(target)
        std = table.with_name(f"{target}_std.csv")
        deam_folder.write(std, table.read_text().replace("0.", "0.9"))
    assert load(deam_folder).fingerprint == before


def test_tables_per_rater_without_a_column_for_who_rated_load_beside_those_with_one(
    empty_deam: Any,
) -> None:
    """As in the release: songs of 2013 without, later ones with it."""
    write_both(empty_deam, {7: [0.1, 0.2], 1001: [0.3, 0.4]})
    header = "sample_15000ms,sample_15500ms"
    raters = empty_deam.root / "annotations" / "annotations per each rater" / DYNAMIC
    for target in TARGETS:
        empty_deam.write(raters / target / "7.csv", f"{header}\n0.1,0.2\n0.3,0.4\n")
        empty_deam.write(raters / target / "1001.csv", f"WorkerId,{header}\nA,0.1,0.2\nB,0.3,0.4\n")
    for song in load(empty_deam).songs:
        for target in TARGETS:
            np.testing.assert_array_equal(song.ratings[target], [[0.1, 0.2], [0.3, 0.4]])
