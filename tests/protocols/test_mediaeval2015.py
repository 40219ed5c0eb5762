from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from benchmark.datasets.deam import Deam
from benchmark.errors import DataError
from benchmark.protocols.mediaeval2015 import MediaEval2015, development_songs
from benchmark.records import Song

MakeSong = Callable[..., Song]
FULL = [str(number) for number in range(2001, 2059)]


@pytest.fixture
def make_deam(make_song: MakeSong) -> Callable[[Sequence[str]], list[Song]]:
    def make(ids: Sequence[str]) -> list[Song]:
        return [
            make_song(song, subset="1-1000" if int(song) <= 1000 else "1001-2000") for song in ids
        ]

    return make


def test_the_431_development_songs_come_along() -> None:
    text = files("benchmark.protocols").joinpath("mediaeval2015.yaml").read_text(encoding="utf-8")
    listed = yaml.safe_load(text)
    assert (len(listed["songs"]), len(listed["doubtful"])) == (427, 4)
    assert len(development_songs()) == 431
    assert all(1 <= int(song) <= 2000 for song in development_songs())


def test_the_list_is_the_one_that_was_reconstructed(shared_datasets: Path) -> None:
    path = shared_datasets / "deam" / "mediaeval2015_dev_song_ids.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert development_songs() == {row["song_id"] for row in rows}
    text = files("benchmark.protocols").joinpath("mediaeval2015.yaml").read_text(encoding="utf-8")
    doubtful = {row["song_id"] for row in rows if row["doubtful"] == "1"}
    assert {str(song) for song in yaml.safe_load(text)["doubtful"]} == doubtful


def test_real_deam_is_split_as_mediaeval_did(shared_datasets: Path) -> None:
    songs = Deam(root=shared_datasets / "deam").load().songs
    (dev,) = MediaEval2015().draw(songs)
    (every,) = MediaEval2015(train="all").draw(songs)
    assert set(dev.learned) == development_songs()
    assert (len(dev.learned), len(every.learned)) == (431, 1744)
    assert sorted(dev.test) == sorted(every.test) == FULL
    assert not dev.flaw and not every.flaw


def test_all_needs_no_list_and_tests_the_full_songs(
    make_deam: Callable[[Sequence[str]], list[Song]],
) -> None:
    songs = make_deam(["1", "2", "3", "2000", "2001", "9999"])
    (fold,) = MediaEval2015(train="all", validation=0.25).draw(songs)
    assert sorted(fold.learned) == ["1", "2", "2000", "3"]
    assert (len(fold.validation), fold.test) == (1, ("2001", "9999"))


def test_validation_songs_have_their_share_of_every_subset(
    make_deam: Callable[[Sequence[str]], list[Song]],
) -> None:
    ids = [str(n) for n in (*range(1, 41), *range(1001, 1061))]
    (fold,) = MediaEval2015(train="all", validation=0.2).draw(make_deam([*ids, "2001"]))
    assert Counter(int(song) > 1000 for song in fold.validation) == {False: 8, True: 12}


@pytest.mark.parametrize(("missing", "enough"), [(0, True), (5, True), (21, True), (22, False)])
def test_a_few_development_songs_may_be_missing(
    make_deam: Callable[[Sequence[str]], list[Song]], missing: int, enough: bool
) -> None:
    here = sorted(development_songs())[missing:]
    songs = make_deam([*here, *FULL])
    if enough:
        (fold,) = MediaEval2015().draw(songs)
        assert sorted(fold.learned) == here
    else:
        with pytest.raises(DataError, match="train = dev431: 409 of the 431 development songs"):
            MediaEval2015().draw(songs)


def test_other_data_is_no_deam(make_deam: Callable[[Sequence[str]], list[Song]]) -> None:
    listed = sum(str(n) in development_songs() for n in range(1, 161))
    songs = make_deam([str(n) for n in (*range(1, 161), 2001)])
    with pytest.raises(
        DataError,
        match=f"train = dev431: {listed} of the 431 .* is this DEAM, .* train = all works with any",
    ):
        MediaEval2015().draw(songs)


@pytest.mark.parametrize("train", ["dev431", "all"])
def test_other_ids_than_numbers_are_refused(make_song: MakeSong, train: str) -> None:
    with pytest.raises(DataError, match="song demo-1: its id is no number"):
        MediaEval2015(train=train).draw([make_song("1"), make_song("demo-1")])


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (["1", "2", "3"], "0 full songs .* to test and 3 excerpts to train; 1 and 2 or more work"),
        (["1", "2001"], "1 full songs .* to test and 1 excerpts to train"),
        ([], "0 full songs .* to test and 0 excerpts to train"),
    ],
)
def test_songs_of_both_kinds_are_needed(
    make_deam: Callable[[Sequence[str]], list[Song]], ids: list[str], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        MediaEval2015(train="all").draw(make_deam(ids))
