from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmark.errors import DataError
from benchmark.evaluation.cache import FeatureCache
from benchmark.features.opensmile_means import TABLE, OpensmileMeans
from benchmark.records import Corpus, Song
from benchmark.runner.material import precomputed

FEATURE = OpensmileMeans()
HEADER = ",".join(["song_id", *(f"d{number}" for number in range(130))])


def line(song: object, *values: object) -> str:
    cells = [*values, *range(len(values), 130)]
    return ",".join(map(str, [song, *cells]))


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    """Return a writer of the table; of its folder, the path."""

    def write(*lines: str, header: str = HEADER, folder: str = "features_song_level") -> Path:
        path = tmp_path / "deam" / folder / TABLE
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        return tmp_path / "deam"

    return write


@pytest.fixture
def taken(tmp_path: Path, make_song: Callable[..., Song]) -> Callable[..., dict[str, str]]:
    """Return what takes songs 1 and 2 of a folder over into a cache."""

    def take(root: Path | None) -> dict[str, str]:
        songs = (make_song("1"), make_song("2"))
        corpus = Corpus("tiny", songs, synthetic=True, citation="", licence="", root=root)
        return precomputed(corpus, FEATURE, FeatureCache(tmp_path / "cache"))

    return take


def test_it_is_one_vector_a_song(table: Callable[..., Path]) -> None:
    frames = FEATURE.read(table(line(1, 0.25), line("2.0", -7)))
    assert frames.keys() == {"1", "2"}
    assert frames["1"].shape == (1, FEATURE.n_bins) == (1, 130)
    assert frames["1"].dtype == np.float32
    assert frames["1"][0, :3].tolist() == [0.25, 1, 2]
    assert FEATURE.hop == math.inf


def test_a_spreadsheet_may_have_saved_the_table(table: Callable[..., Path]) -> None:
    assert FEATURE.read(table(line(1), header="\ufeff" + HEADER.replace(",", ", "))).keys() == {"1"}


def test_songs_lie_in_the_cache_by_content(
    table: Callable[..., Path], taken: Callable[..., dict[str, str]], tmp_path: Path
) -> None:
    first = taken(table(line(1), line(2, 9), line(3)))
    cache = FeatureCache(tmp_path / "cache")
    assert first.keys() == {"1", "2"}
    for song, value in [("1", 0), ("2", 9)]:
        stored = np.load(cache.path(first[song], FEATURE))
        np.testing.assert_array_equal(stored, [[value, *range(1, 130)]])
    second = taken(table(line(1), line(2, 8)))
    assert (second["1"] == first["1"], second["2"] == first["2"]) == (True, False)


@pytest.mark.parametrize(
    ("lines", "header", "message"),
    [
        ([line(1)], HEADER, r"tiny: opensmile_means is missing for 1 of 2 songs \(first: song 2\)"),
        ([], HEADER, r"missing for 2 of 2 songs \(first: song 1\)"),
        (
            [line(1), line(2), line(2)],
            HEADER,
            r"opensmile_means\.csv, line 4: song 2 has a second row",
        ),
        ([line(1), line(2, "loud")], HEADER, r"csv, line 3: .*'loud'"),
        ([line(1), line("two")], HEADER, r"csv, line 3: .*'two'"),
        ([line(1), line("inf")], HEADER, r"csv, line 3: song_id .inf. is not a whole number"),
        ([line(1), line(2, "nan")], HEADER, "song 2: opensmile_means has NaN or infinite values"),
        ([line(1), line(2, "inf")], HEADER, "song 2: opensmile_means has NaN or infinite values"),
        (
            [line(1), line(2)[:-4]],
            HEADER,
            r"song 2: opensmile_means is an array \(1, 129\), expected \(1, 130\)",
        ),
        (
            [line(1), line(2)],
            HEADER[:-5],
            r"csv: 130 columns, the first \['song_id'\]; expected song_id and 130 descriptors",
        ),
        ([line(1)], HEADER.replace("song_id", "id"), r"csv: 131 columns, the first \['id'\]"),
        ([], "", r"csv: 0 columns, the first \[\]; expected song_id"),
    ],
    ids=lambda value: None,
)
def test_what_is_missing_or_malformed_is_one_clear_error(
    table: Callable[..., Path],
    taken: Callable[..., dict[str, str]],
    lines: list[str],
    header: str,
    message: str,
) -> None:
    with pytest.raises(DataError, match=message) as caught:
        taken(table(*lines, header=header))
    assert "\n" not in str(caught.value)


def test_the_table_must_be_there_once(
    table: Callable[..., Path], taken: Callable[..., dict[str, str]], tmp_path: Path
) -> None:
    (tmp_path / "deam").mkdir()
    with pytest.raises(DataError, match=r"deam: 0 files opensmile_means\.csv, expected one"):
        taken(tmp_path / "deam")
    table(line(1), line(2))
    with pytest.raises(DataError, match=r"deam: 2 files opensmile_means\.csv, expected one"):
        taken(table(line(1), line(2), folder="copy"))


def test_a_dataset_without_a_folder_has_none(taken: Callable[..., dict[str, str]]) -> None:
    with pytest.raises(
        DataError, match="tiny: has no folder in which opensmile_means could be found"
    ):
        taken(None)


def test_a_table_that_is_no_text_is_named(
    table: Callable[..., Path], taken: Callable[..., dict[str, str]]
) -> None:
    root = table(line(1), line(2))
    (path,) = root.rglob(TABLE)
    path.write_bytes(path.read_bytes() + b"3,\xff\n")
    with pytest.raises(DataError, match=r"opensmile_means\.csv"):
        taken(root)


def test_a_song_id_is_a_whole_number(table: Callable[..., Path]) -> None:
    with pytest.raises(DataError, match=r"line 2: .*1\.7"):
        FEATURE.read(table(line("1.7")))


def test_the_real_table_is_read(shared_datasets: Path) -> None:
    frames = FEATURE.read(shared_datasets / "deam")
    assert len(frames) == 1802
    values = np.concatenate(list(frames.values()))
    assert values.shape == (1802, 130)
    assert np.isfinite(values).all()


def write_frames(root: Path, song: int, rows: list[list[float]], names: list[str]) -> None:
    path = root / "features" / "features" / f"{song}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    body = [";".join([f"{0.5 * at}", *map(str, row)]) for at, row in enumerate(rows)]
    path.write_text("\n".join([";".join(["frameTime", *names]), *body]) + "\n")


DESCRIPTORS = [f"d{number}_sma_{of}" for number in range(130) for of in ("stddev", "amean")]


def test_without_the_table_it_is_the_mean_of_the_official_frames(tmp_path: Path) -> None:
    """Means of seconds are averaged, SDs are not; columns are joined on names."""
    rows = [[9.0, 1.0, *258 * [0.5]], [9.0, 4.0, *258 * [0.5]]]
    write_frames(tmp_path, 7, rows, DESCRIPTORS)
    write_frames(tmp_path, 8, [row[::-1] for row in rows], DESCRIPTORS[::-1])
    found = FEATURE.read(tmp_path)
    assert list(found) == ["7", "8"]
    for song in found:
        assert found[song].shape == (1, 130)
        assert found[song].dtype == np.float32
        assert found[song][0, :2].tolist() == [2.5, 0.5]


def test_frames_with_other_descriptors_are_refused(tmp_path: Path) -> None:
    write_frames(
        tmp_path, 7, [260 * [0.0]], [name.replace("amean", "mean") for name in DESCRIPTORS]
    )
    with pytest.raises(DataError, match=r"7\.csv: has 0 columns whose names end in '_amean', exp"):
        FEATURE.read(tmp_path)
