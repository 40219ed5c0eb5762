from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from benchmark.errors import DataError
from benchmark.protocols.holdout import Holdout
from benchmark.records import Song

MakeSubsets = Callable[[Sequence[str]], list[Song]]


def test_shares_are_of_all_songs_and_of_the_others(make_subsets: MakeSubsets) -> None:
    (fold,) = Holdout(test=0.3, validation=0.2).draw(make_subsets(100 * ["all"]))
    assert (len(fold.test), len(fold.validation), len(fold.train)) == (30, 14, 56)


def test_every_part_has_its_share_of_every_subset(make_subsets: MakeSubsets) -> None:
    structure = 40 * ["a"] + 60 * ["b"]
    (fold,) = Holdout(test=0.25, validation=0.2).draw(make_subsets(structure))
    assert Counter(structure[int(song)] for song in fold.test) == {"a": 10, "b": 15}
    assert Counter(structure[int(song)] for song in fold.validation) == {"a": 6, "b": 9}


def test_who_validates_does_not_decide_who_tests(make_subsets: MakeSubsets) -> None:
    songs = make_subsets(50 * ["all"])
    one, other = (Holdout(validation=share, repeats=2).draw(songs) for share in (0.1, 0.4))
    assert [fold.test for fold in one] == [fold.test for fold in other]


def test_each_repeat_is_drawn_anew(make_subsets: MakeSubsets) -> None:
    folds = Holdout(repeats=4).draw(make_subsets(50 * ["all"]))
    assert [fold.index for fold in folds] == [0, 1, 2, 3]
    assert len({fold.test for fold in folds}) == 4


@pytest.mark.parametrize("n_songs", [0, 1, 2])
def test_too_few_songs_are_refused(make_subsets: MakeSubsets, n_songs: int) -> None:
    with pytest.raises(DataError, match=f"{n_songs} songs are too few; 3 or more work"):
        Holdout().draw(make_subsets(n_songs * ["all"]))


def test_too_few_artists_are_refused(make_song: Callable[..., Song]) -> None:
    songs = [make_song(str(n), artist=f"artist {n % 2}") for n in range(12)]
    with pytest.raises(DataError, match="2 artists are too few; 3 or more work"):
        Holdout(group="artist").draw(songs)


def test_a_share_that_leaves_one_song_is_refused(make_subsets: MakeSubsets) -> None:
    with pytest.raises(
        DataError, match=r"test = 0\.9 leaves 1 of 4 songs for .*; a smaller share works"
    ):
        Holdout(test=0.9).draw(make_subsets(4 * ["all"]))
