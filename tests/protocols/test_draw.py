from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from benchmark.protocols._draw import Unit, artist_of, dealt, held, shuffled, units
from benchmark.records import Song

MakeSong = Callable[..., Song]


def names(some: list[Unit]) -> set[tuple[str, ...]]:
    return {unit.songs for unit in some}


def sizes_to_units(*sizes: int, subset: str = "all") -> list[Unit]:
    return [
        Unit(f"{number}", subset, tuple(f"{number}-{song}" for song in range(size)))
        for number, size in enumerate(sizes)
    ]


def test_excerpts_of_one_work_are_one_group(make_song: MakeSong) -> None:
    songs = [
        make_song("1", work="Sonata", artist="A"),
        make_song("2", work="Sonata", artist="A"),
        make_song("3", artist="A"),
    ]
    assert names(units(songs, "song")) == {("1", "2"), ("3",)}
    assert names(units(songs, "artist")) == {("1", "2", "3")}


@pytest.mark.parametrize(
    ("artist", "album", "expected"),
    [
        ("Ada", "Blue", "artist ada"),
        ("  ADA\t b ", "", "artist ada b"),
        ("Other", "Blue", "album blue"),
        ("Various  Artists", "blue ", "album blue"),
        ("", "Blue", "album blue"),
        ("Other", "", "song 1"),
        ("unknown", "n/a", "song 1"),
        ("", "Various Artists", "song 1"),
    ],
)
def test_a_catch_all_is_no_artist(
    make_song: MakeSong, artist: str, album: str, expected: str
) -> None:
    assert artist_of(make_song("1", artist=artist, album=album)) == expected


def test_an_artist_an_album_and_a_song_of_one_name_are_three_groups(make_song: MakeSong) -> None:
    songs = [make_song("x"), make_song("2", artist="x"), make_song("3", artist="Other", album="x")]
    assert len(units(songs, "artist")) == 3


def test_a_group_is_of_the_subset_most_of_it_is_in(make_song: MakeSong) -> None:
    songs = [make_song(str(n), artist="A", subset=s) for n, s in enumerate("abb")]
    (group,) = units(songs, "artist")
    assert group.subset == "b"


def test_large_groups_are_dealt_first_so_that_hands_are_alike() -> None:
    hands = dealt(sizes_to_units(1, 2, 6, 1, 2), 2)
    assert sorted(len(hand) for hand in hands) == [6, 6]


def test_groups_are_dealt_so_that_hands_have_their_share_of_each_subset() -> None:
    some = [
        Unit(f"{subset}{number}", subset, tuple(f"{subset}{number}{song}" for song in range(size)))
        for subset in "ab"
        for number, size in enumerate((3, 1, 1, 1))
    ]
    for hand in dealt(some, 2):
        assert sorted(song[0] for song in hand) == ["a", "a", "a", "b", "b", "b"]


def test_what_is_held_is_spread_over_the_subsets() -> None:
    some = [
        Unit(f"{subset}{number}", subset, (f"{subset}{number}",))
        for subset, size in [("a", 20), ("b", 40), ("c", 60)]
        for number in range(size)
    ]
    taken = held(shuffled(some, np.random.default_rng(0)), 0.1)
    assert {subset: sum(song[0] == subset for song in taken) for subset in "abc"} == {
        "a": 2,
        "b": 4,
        "c": 6,
    }


@pytest.mark.parametrize(
    ("sizes", "share", "count"),
    [
        ((1, 1), 0.01, 1),
        ((1, 1), 0.99, 1),
        ((1, 1, 1, 1), 0.5, 2),
        ((5, 5), 0.1, 5),  # no group is that small: the smallest is taken
        ((9, 2, 7), 0.1, 2),
        ((3, 3, 3, 1), 0.4, 4),
        ((8, 1, 1), 0.2, 2),
    ],
)
def test_whole_groups_are_held_up_to_the_share(
    sizes: tuple[int, ...], share: float, count: int
) -> None:
    some = sizes_to_units(*sizes)
    taken = held(some, share)
    assert len(taken) == count
    assert all(taken.issuperset(unit.songs) or taken.isdisjoint(unit.songs) for unit in some)


def test_a_share_is_one_of_every_subset_also_in_groups() -> None:
    some = [
        Unit(f"{subset}{number}", subset, (f"{subset}{number}x", f"{subset}{number}y"))
        for subset in "AB"
        for number in range(50)
    ]
    taken = held(shuffled(some, np.random.default_rng(0)), 0.3)
    assert sorted(song[0] for song in taken) == 30 * ["A"] + 30 * ["B"]
