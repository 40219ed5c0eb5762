"""DEAM's frame-level features: rows and labels meet by time, in the music that was rated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmark.errors import DataError
from benchmark.evaluation.cache import FeatureCache
from benchmark.features.opensmile import Opensmile
from benchmark.records import Corpus, Song, SongFrames
from benchmark.runner.material import precomputed
from benchmark.views import Sequence as HalfSeconds

FEATURE = Opensmile()
NAMES = [f"d{number}_{moment}" for number in range(130) for moment in ("stddev", "amean")]
METADATA = "song_id,Artist,start of the segment (min.sec),end of the segment (min.sec)"
Write = Callable[..., Path]


def table(times: Sequence[float], *, names: Sequence[str] = NAMES, offset: float = 0.0) -> str:
    """Return a file whose first column says the time, and the others their number beside it."""
    lines = [";".join(["frameTime", *names])]
    for at in times:
        values = [f"{at + offset:.6e}", *(f"{NAMES.index(n)}.25" for n in names[1:])]
        lines.append(";".join([f"{at:.6f}", *values]))
    return "\n".join(lines) + "\n"


def half_seconds(seconds: float, *, first: float = 0.0) -> np.ndarray:
    """Return the times of the rows of so much music: openSMILE leaves out half windows."""
    return np.arange(first, seconds - 1.06, 0.5)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a writer of a file of a song; of the dataset, the folder."""

    def file(song: object, text: str, *, folder: str = "features/features") -> Path:
        path = tmp_path / "deam" / folder / f"{song}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return tmp_path / "deam"

    return file


def say_starts(root: Path, *rows: str) -> None:
    (root / "metadata").mkdir()
    (root / "metadata" / "metadata_2013.csv").write_text("\n".join([METADATA, *rows]))


@pytest.fixture
def taken(tmp_path: Path, make_song: Callable[..., Song]) -> Callable[[Path], np.ndarray]:
    """Return what takes song 272, rated as DEAM's excerpts are, into a cache: its frames there."""

    def take(root: Path) -> np.ndarray:
        song = replace(make_song("272"), times=np.arange(15, 45, 0.5), labels={})
        corpus = Corpus("one", (song,), synthetic=True, citation="", licence="", root=root)
        cache = FeatureCache(tmp_path / "cache")
        (digest,) = precomputed(corpus, FEATURE, cache).values()
        return np.load(cache.path(digest, FEATURE))

    return take


def test_an_excerpt_has_a_frame_for_each_half_second(write: Write) -> None:
    root = write(1001, table(half_seconds(45)))
    songs = FEATURE.read(root)
    frames = songs["1001"]
    assert list(songs) == ["1001"]
    assert (frames.shape, frames.dtype) == ((88, FEATURE.n_bins), np.float32)
    np.testing.assert_array_equal(frames[:, 0], 0.5 * np.arange(88))
    np.testing.assert_array_equal(frames[7, 1:], np.arange(1, 260) + np.float32(0.25))


def test_a_label_gets_the_row_of_its_time(write: Write) -> None:
    """As MediaEval paired them; what is beyond the last row gets the last."""
    frames = FEATURE.read(write(1001, table(half_seconds(45))))["1001"]
    labels = np.arange(15.0, 45.0, 0.5)
    seen = HalfSeconds().rows(SongFrames("1001", frames, FEATURE.hop, labels))
    np.testing.assert_array_equal(seen[:, 0], np.minimum(labels, 43.5))


def test_a_whole_song_is_cut_to_the_excerpt_that_was_rated(write: Write) -> None:
    """The songs of 2013: a label at t of the excerpt is at start + t of the file."""
    root = write(2, table(half_seconds(220)))
    say_starts(root, "2,A,1.3,2.15", "3,B,0.1,0.55")
    frames = FEATURE.read(root)["2"]
    assert len(frames) == 90
    labels = np.arange(15.0, 45.0, 0.5)
    seen = HalfSeconds().rows(SongFrames("2", frames, FEATURE.hop, labels))
    np.testing.assert_array_equal(seen[:, 0], 90 + labels)


@pytest.mark.parametrize(("seconds", "last"), [(100.65, 43.5), (100.1, 43.0), (100.0, 42.5)])
def test_an_excerpt_at_the_end_of_its_song_may_be_a_second_short(
    write: Write, taken: Callable[[Path], np.ndarray], seconds: float, last: float
) -> None:
    """DEAM's song 272 lasts 44.643 s: as much may be missing as of audio, which ends at 44 s."""
    root = write(272, table(half_seconds(seconds)))
    say_starts(root, "272,A,0.56,1.41")
    np.testing.assert_array_equal(taken(root)[:, 0], np.arange(56, 56 + last + 0.1, 0.5))


def test_an_excerpt_that_is_shorter_is_refused(
    write: Write, taken: Callable[[Path], np.ndarray]
) -> None:
    root = write(272, table(half_seconds(99.5)))
    say_starts(root, "272,A,0.56,1.41")
    message = r"song 272: opensmile ends with a frame at 42 s, the labels .* 44\.5 s; 2 s at most"
    with pytest.raises(DataError, match=message):
        taken(root)


def test_a_file_of_the_excerpt_itself_is_not_cut_again(write: Write) -> None:
    root = write(2, table(half_seconds(45.05)))
    say_starts(root, "2,A,1.3,2.15")
    np.testing.assert_array_equal(FEATURE.read(root)["2"][:, 0], 0.5 * np.arange(88))


def test_a_full_song_is_taken_whole(write: Write) -> None:
    frames = FEATURE.read(write(2001, table(half_seconds(300))))["2001"]
    np.testing.assert_array_equal(frames[:, 0], half_seconds(300))


def test_where_an_excerpt_begins_is_not_guessed(write: Write) -> None:
    root = write(2, table(half_seconds(220)))
    say_starts(root, "3,B,0.1,0.55")
    message = (
        r"2\.csv: holds 218\.5 s of music, song 2 is an excerpt of 45 s; where it begins, no "
        r"metadata_\*\.csv says"
    )
    with pytest.raises(DataError, match=message):
        FEATURE.read(root)["2"]


def rate(root: Path, song: int, ends: float, *, target: str = "arousal") -> None:
    """Write a table of ratings of a song, from 15 s on."""
    starts = range(15_000, int(1000 * ends), 500)
    header = ",".join(["song_id", *(f"sample_{start}ms" for start in starts)])
    path = root / "labels" / f"{target}.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{header}\n{song}{',0.1' * len(starts)}\n")


def test_a_song_rated_for_longer_than_an_excerpt_is_none_whatever_its_id(write: Write) -> None:
    """Datasets of others count their songs from 1, too."""
    root = write(2, table(half_seconds(220)))
    for target in ("arousal", "valence"):
        rate(root, 2, 200.0, target=target)
    np.testing.assert_array_equal(FEATURE.read(root)["2"][:, 0], half_seconds(220))
    say_starts(root, "2,A,0.1,0.55")
    np.testing.assert_array_equal(FEATURE.read(root)["2"][:, 0], np.arange(10, 210, 0.5))


def test_a_lone_rating_after_an_excerpt_does_not_make_it_a_song(write: Write) -> None:
    """DEAM's song 22 has a valence at 622.5 s."""
    root = write(22, table(half_seconds(220)))
    rate(root, 22, 45.0)
    rate(root, 22, 623.0, target="valence")
    with pytest.raises(DataError, match=r"22\.csv: holds 218\.5 s of music, song 22 is an excerpt"):
        FEATURE.read(root)["22"]


def test_a_start_of_zero_says_that_a_file_begins_with_its_ratings(write: Write) -> None:
    root = write(2, table(half_seconds(220)))
    say_starts(root, "2,A,0.0,0.45")
    np.testing.assert_array_equal(FEATURE.read(root)["2"][:, 0], 0.5 * np.arange(90))


def test_an_excerpt_beyond_the_file_is_refused(write: Write) -> None:
    root = write(2, table(half_seconds(100)))
    say_starts(root, "2,A,1.4,2.25")
    message = r"2\.csv: ends at 98\.5 s; the metadata say that the excerpt of song 2 begins at 100 "
    with pytest.raises(DataError, match=message):
        FEATURE.read(root)["2"]


def test_a_file_may_begin_with_the_ratings(write: Write) -> None:
    """Rows from 15 s on are at their time; what is before them repeats the first."""
    frames = FEATURE.read(write(1001, table(half_seconds(45, first=15.0))))["1001"]
    np.testing.assert_array_equal(frames[:, 0], np.maximum(0.5 * np.arange(88), 15))


def test_a_file_that_begins_later_is_refused(write: Write) -> None:
    root = write(1001, table(half_seconds(45, first=15.5)))
    message = r"1001\.csv: begins at 15\.5 s, 15\.5 s after song 1001 does; 15 s at most"
    with pytest.raises(DataError, match=message):
        FEATURE.read(root)["1001"]


def test_columns_of_all_songs_are_joined_on_names(write: Write) -> None:
    write(1001, table(half_seconds(45)))
    turned = ["d0_stddev", *NAMES[:0:-1]]
    root = write(1002, table(half_seconds(45), names=turned))
    songs = FEATURE.read(root)
    np.testing.assert_array_equal(songs["1002"], songs["1001"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            table([0, 0.5]).replace("d7_amean", "d7_mean"),
            r"1002\.csv: has other columns than the other songs: 'd7_amean' is missing",
        ),
        (table([0, 0.5, 1.5]), r"1002\.csv, line 4: frameTime is 1\.5, expected 1:"),
        (table([0, 0.5]).replace("9.25", "nan"), r"line 2: column 'd4_amean' is 'nan', expected"),
        (table([0]) + "0.5;1;2\n", r"1002\.csv, line 3: has 3 cells under 261 columns"),
    ],
    ids=lambda value: None,
)
def test_a_song_that_is_malformed_is_named_and_the_others_are_read(
    write: Write, text: str, message: str
) -> None:
    write(1001, table(half_seconds(45)))
    songs = FEATURE.read(write(1002, text))
    assert len(songs["1001"]) == 88
    with pytest.raises(DataError, match=message):
        songs["1002"]


def test_no_files_and_other_columns_say_what_is_expected(write: Write, tmp_path: Path) -> None:
    (tmp_path / "deam" / "features").mkdir(parents=True)
    with pytest.raises(DataError, match=r"deam: no features/<song_id>\.csv in any folder below; D"):
        FEATURE.read(tmp_path / "deam")
    with pytest.raises(DataError, match=r"7\.csv: has 258 columns beside frameTime, expected 260"):
        FEATURE.read(write(7, table([0], names=NAMES[:-2])))


def test_only_files_named_after_songs_in_that_folder_count(write: Write) -> None:
    write("readme", "no table")
    write(3, "no table", folder="annotations/annotations per each rater/arousal")
    root = write("0007", table(half_seconds(45)))
    songs = FEATURE.read(root)
    assert list(songs) == ["7"] and len(songs) == 1
    assert "7" in songs and "3" not in songs
    with pytest.raises(KeyError):
        songs["3"]


def test_equal_copies_are_one_file_and_others_a_mistake(write: Write) -> None:
    write(7, table(half_seconds(45)))
    root = write(7, table(half_seconds(45)), folder="features")
    assert list(FEATURE.read(root)) == ["7"]
    write(7, table(half_seconds(44)), folder="features")
    with pytest.raises(DataError, match=r"2 different files features/7\.csv"):
        FEATURE.read(root)
