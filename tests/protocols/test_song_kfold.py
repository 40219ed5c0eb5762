from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.errors import DataError
from benchmark.protocols.song_kfold import SongKfold
from benchmark.records import Fold, Song
from benchmark.records.song import content_hash

subsets = st.lists(st.sampled_from(["1-1000", "1001-2000", "2001-"]), min_size=4, max_size=60)
MakeSong = Callable[..., Song]


def songs_of(make_song: MakeSong, structure: list[str]) -> list[Song]:
    return [make_song(str(number), subset=name) for number, name in enumerate(structure)]


def drawn(make_song: MakeSong, structure: list[str], k: int, *, seed: int = 0) -> tuple[Fold, ...]:
    return SongKfold(folds=k, seed=seed).draw(songs_of(make_song, structure))


@given(structure=subsets, k=st.integers(2, 4), seed=st.integers(0, 5))
def test_song_never_crosses_folds(
    make_song: MakeSong, structure: list[str], k: int, seed: int
) -> None:
    for fold in drawn(make_song, structure, k, seed=seed):
        parts = [*fold.train, *fold.validation, *fold.test]
        assert sorted(parts, key=int) == [str(number) for number in range(len(structure))]
        assert fold.train and fold.validation and fold.test


@given(structure=subsets, k=st.integers(2, 4), seed=st.integers(0, 5))
def test_every_song_is_tested_exactly_once(
    make_song: MakeSong, structure: list[str], k: int, seed: int
) -> None:
    tested = [song for fold in drawn(make_song, structure, k, seed=seed) for song in fold.test]
    assert sorted(tested, key=int) == [str(number) for number in range(len(structure))]


@given(structure=subsets, k=st.integers(2, 4), data=st.data())
def test_folds_do_not_depend_on_song_order(
    make_song: MakeSong, structure: list[str], k: int, data: st.DataObject
) -> None:
    songs = songs_of(make_song, structure)
    shuffled = data.draw(st.permutations(songs))
    assert SongKfold(folds=k).draw(songs) == SongKfold(folds=k).draw(shuffled)


@given(structure=subsets, k=st.integers(2, 4))
def test_subsets_are_spread_evenly(make_song: MakeSong, structure: list[str], k: int) -> None:
    folds = drawn(make_song, structure, k)
    for name, size in Counter(structure).items():
        for fold in folds:
            share = sum(structure[int(song)] == name for song in fold.test)
            assert size // k <= share <= -(-size // k)
    sizes = [len(fold.test) for fold in folds]
    assert max(sizes) - min(sizes) <= 1


@given(structure=subsets, k=st.integers(2, 4), share=st.floats(0.05, 0.6))
def test_validation_songs_come_from_training_songs_only(
    make_song: MakeSong, structure: list[str], k: int, share: float
) -> None:
    for fold in SongKfold(folds=k, validation=share).draw(songs_of(make_song, structure)):
        rest = len(fold.train) + len(fold.validation)
        assert not set(fold.validation) & {*fold.train, *fold.test}
        assert abs(len(fold.validation) - share * rest) <= 1


def test_validation_songs_have_their_share_of_every_subset(make_song: MakeSong) -> None:
    structure = 40 * ["1-1000"] + 60 * ["1001-2000"]
    for fold in SongKfold(folds=5, validation=0.25).draw(songs_of(make_song, structure)):
        count = Counter(structure[int(song)] for song in fold.validation)
        assert count == {"1-1000": 8, "1001-2000": 12}


def test_songs_that_stand_alone_are_dealt_as_ever(make_song: MakeSong) -> None:
    """By the implementation before groups (commit 7775211): who tested then tests now."""
    songs = songs_of(make_song, 5 * ["1-1000"] + 7 * ["1001-2000"])
    folds = SongKfold(folds=3, seed=7, validation=0.25).draw(songs)
    assert [(fold.train, fold.validation, fold.test) for fold in folds] == [
        (("11", "3", "4", "5", "7", "8"), ("0", "9"), ("1", "10", "2", "6")),
        (("1", "10", "11", "4", "5", "8"), ("2", "6"), ("0", "3", "7", "9")),
        (("0", "2", "3", "6", "7", "9"), ("1", "10"), ("11", "4", "5", "8")),
    ]


@pytest.mark.parametrize(
    ("structure", "options", "expected"),
    [
        (160 * ["all"], {}, "fd45b05ba147d374"),
        (20 * ["a", "b", "c"] + ["a"], {"folds": 4, "seed": 1}, "e73f2857bebef51b"),
        (
            74 * ["1-1000"] + 100 * ["1001-2000"] + 6 * ["2001-"],
            {"folds": 10, "seed": 3},
            "09eeaa0883a27794",
        ),
    ],
)
def test_larger_sets_are_dealt_as_ever(
    make_song: MakeSong, structure: list[str], options: dict[str, int], expected: str
) -> None:
    folds = SongKfold(**options).draw(songs_of(make_song, structure))
    parts = [repr((fold.index, fold.train, fold.validation, fold.test)) for fold in folds]
    assert content_hash(parts)[:16] == expected


def test_another_seed_is_another_draw(make_song: MakeSong) -> None:
    structure = 30 * ["all"]
    assert drawn(make_song, structure, 5, seed=1) != drawn(make_song, structure, 5, seed=2)
    assert drawn(make_song, structure, 5, seed=1) == drawn(make_song, structure, 5, seed=1)


@pytest.mark.parametrize(("n_songs", "k"), [(3, 3), (4, 2), (4, 4), (5, 2)])
def test_the_smallest_sets_that_can_be_split(make_song: MakeSong, n_songs: int, k: int) -> None:
    for fold in drawn(make_song, n_songs * ["all"], k):
        assert fold.train and fold.validation and fold.test


def test_only_picks_folds_and_changes_none(make_song: MakeSong) -> None:
    songs = songs_of(make_song, 20 * ["all"])
    every = SongKfold(folds=5).draw(songs)
    assert SongKfold(folds=5, only=(3, 1)).draw(songs) == (every[3], every[1])


def test_only_counts_through_the_repeats(make_song: MakeSong) -> None:
    songs = songs_of(make_song, 20 * ["all"])
    every = SongKfold(folds=5, repeats=2).draw(songs)
    assert len(every) == 10
    assert SongKfold(folds=5, repeats=2, only=(7,)).draw(songs) == (every[7],)


def test_the_first_repeat_is_the_draw_without_repeats(make_song: MakeSong) -> None:
    songs = songs_of(make_song, 20 * ["all"])
    assert SongKfold(repeats=3).draw(songs)[:5] == SongKfold().draw(songs)


def test_each_repeat_is_a_draw_of_its_own(make_song: MakeSong) -> None:
    songs = songs_of(make_song, 20 * ["all"])
    folds = SongKfold(repeats=3).draw(songs)
    assert len({fold.test for fold in folds}) == 15


def test_artists_are_too_few_where_songs_are_not(make_song: MakeSong) -> None:
    songs = [make_song(str(n), artist=f"artist {n % 3}") for n in range(12)]
    assert len(SongKfold(folds=5).draw(songs)) == 5
    with pytest.raises(DataError, match="folds = 5 is more than the 3 artists there are"):
        SongKfold(folds=5, group="artist").draw(songs)
    with pytest.raises(DataError, match=r"leaves 1 of 3 artists .*; 4 artists or more work"):
        SongKfold(folds=2, group="artist").draw(songs)
    uneven = [make_song(str(n), artist=f"artist {max(0, n - 14)}") for n in range(20)]
    with pytest.raises(DataError, match=r"leaves \d of 6 artists .*; more folds work"):
        SongKfold(folds=2, group="artist").draw([make_song("x", artist="artist 0"), *uneven])


@pytest.mark.parametrize(
    ("only", "message"),
    [
        ((5,), r"only = \[5\]: there is no fold 5; 0 to 4 work"),
        ((-1,), r"only = \[-1\]: there is no fold -1"),
        ((1, 1), r"only = \[1, 1\]: fold 1 stands there twice"),
    ],
)
def test_only_folds_that_exist_and_each_once(only: tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SongKfold(folds=5, only=only)


@pytest.mark.parametrize(
    ("n_songs", "k", "message"),
    [
        (4, 5, "folds = 5 is more than the 4 songs there are; 4 or fewer works"),
        (0, 2, "folds = 2 is more than the 0 songs there are"),
        (2, 2, "folds = 2 leaves 1 of 2 songs for training and validation, which need one each"),
        (3, 2, "folds = 2 leaves 1 of 3 songs for .* validation, .*; 4 songs or more work"),
    ],
)
def test_too_few_songs_are_refused(make_song: MakeSong, n_songs: int, k: int, message: str) -> None:
    with pytest.raises(DataError, match=message):
        drawn(make_song, n_songs * ["all"], k)
