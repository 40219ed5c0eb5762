"""What every protocol has to keep, whoever wrote it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark import registry
from benchmark.errors import DataError
from benchmark.interfaces import Protocol
from benchmark.layout.metadata import CATCH_ALLS
from benchmark.protocols.holdout import Holdout
from benchmark.protocols.leaky_frames import LeakyFrames
from benchmark.protocols.mediaeval2015 import MediaEval2015
from benchmark.protocols.seed_split import SeedSplit
from benchmark.protocols.song_kfold import SongKfold
from benchmark.records import Fold, Song
from benchmark.records.fold import PARTS

SUBSETS = ("1-1000", "1001-2000", "2001-")
ARTISTS = (
    "Ada",
    " ada",
    "Bo",
    "Cy",
    "Di",
    "Ed",
    "Flo",
    "Other",
    "various  Artists",
    "Unknown",
    "n/a",
    "",
)
ALBUMS = ("", "", "Blue", "Green", "Other")

WORKS = st.fixed_dictionaries(
    {
        "subset": st.sampled_from(SUBSETS),
        "artist": st.sampled_from(ARTISTS),
        "album": st.sampled_from(ALBUMS),
        "excerpts": st.sampled_from((1, 1, 1, 2, 5)),
        "others": st.lists(st.sampled_from(ARTISTS), max_size=1),
    }
)
"""Of which artist, album and subset a work is, and how many excerpts of it there are.

Its first excerpt may be under the name of another artist.
"""
many = st.lists(WORKS, min_size=10, max_size=30)
any_number = st.lists(WORKS, max_size=12)
Works = Sequence[Mapping[str, Any]]
MakeWorks = Callable[[Works], list[Song]]
shares = st.floats(0.02, 0.95)
few = st.integers(1, 3)
fair = st.one_of(
    st.builds(
        SongKfold,
        folds=st.integers(2, 6),
        group=st.sampled_from(("song", "artist")),
        repeats=few,
        validation=shares,
        seed=st.integers(0, 9),
    ),
    st.builds(
        Holdout,
        test=shares,
        group=st.sampled_from(("song", "artist")),
        repeats=few,
        validation=shares,
        seed=st.integers(0, 9),
    ),
)
flawed = st.one_of(
    st.builds(SeedSplit, test=shares, repeats=few, seed=st.integers(0, 9)),
    st.builds(LeakyFrames, test=shares, repeats=few, validation=shares, seed=st.integers(0, 9)),
)
enough = settings(max_examples=300, deadline=None)


@pytest.fixture(scope="session")
def make_works(make_song: Callable[..., Song]) -> MakeWorks:
    """Return a maker of songs: of each work one, or several excerpts."""

    def make(works: Works) -> list[Song]:
        songs = []
        for number, work in enumerate(works):
            rest = {key: work[key] for key in ("subset", "artist", "album")}
            if work["excerpts"] == 1:
                songs.append(make_song(f"{number}", **rest))
            for excerpt in range(work["excerpts"] if work["excerpts"] > 1 else 0):
                artist = (*work["others"], work["artist"])[0 if excerpt == 0 else -1]
                songs.append(
                    make_song(
                        f"{number}-{excerpt}", **{**rest, "artist": artist}, work=f"work {number}"
                    )
                )
        return songs

    return make


def draw(protocol: Protocol, songs: Sequence[Song]) -> tuple[Fold, ...]:
    """Draw the folds; none where the songs do not suffice, which must be a DataError."""
    try:
        return protocol.draw(songs)
    except DataError:
        return ()


def marks(song: Song, group: str) -> set[tuple[str, str]]:
    """Return by the rules, not by the code, what no two parts may both have of a song."""
    found = {("work", song.work)}
    artist, album = (" ".join(song.groups.get(k, "").lower().split()) for k in ("artist", "album"))
    if group == "artist" and artist not in CATCH_ALLS:
        found.add(("artist", artist))
    elif group == "artist" and album not in CATCH_ALLS:
        found.add(("album", album))
    return found


@enough
@given(works=many, protocol=fair)
def test_song_and_artist_never_cross_the_parts_of_a_fair_protocol(
    make_works: MakeWorks, works: Works, protocol: SongKfold | Holdout
) -> None:
    songs = make_works(works)
    known = {song.id: song for song in songs}
    for fold in draw(protocol, songs):
        assert sorted((*fold.train, *fold.validation, *fold.test)) == sorted(known)
        assert not fold.flaw
        parts = [
            {mark for song in getattr(fold, part) for mark in marks(known[song], protocol.group)}
            for part in PARTS
        ]
        assert sum(map(len, parts)) == len(set.union(*parts))


@enough
@given(works=many, protocol=fair)
def test_every_song_is_tested_once_a_repeat(
    make_works: MakeWorks, works: Works, protocol: SongKfold | Holdout
) -> None:
    songs = make_works(works)
    folds = draw(protocol, songs)
    tested = Counter(song for fold in folds for song in fold.test)
    if folds and isinstance(protocol, SongKfold):
        assert len(folds) == protocol.folds * protocol.repeats
        assert tested == {song.id: protocol.repeats for song in songs}
    elif folds:
        assert len(folds) == protocol.repeats
    assert [fold.index for fold in folds] == list(range(len(folds)))


@enough
@given(works=many, protocol=st.one_of(fair, flawed), data=st.data())
def test_folds_do_not_depend_on_the_order_of_the_songs(
    make_works: MakeWorks, works: Works, protocol: Protocol, data: st.DataObject
) -> None:
    songs = make_works(works)
    assert draw(protocol, data.draw(st.permutations(songs))) == draw(protocol, songs)


@enough
@given(works=any_number, protocol=st.one_of(fair, flawed))
def test_no_part_is_ever_empty_and_too_few_songs_are_a_data_error(
    make_works: MakeWorks, works: Works, protocol: Protocol
) -> None:
    for fold in draw(protocol, make_works(works)):
        assert fold.train and fold.validation and fold.test


@enough
@given(works=many, protocol=fair)
def test_held_songs_are_about_as_many_as_asked_for(
    make_works: MakeWorks, works: Works, protocol: SongKfold | Holdout
) -> None:
    """Never more than the share, but for the one group that has to be there."""
    songs = make_works(works)
    largest = max((work["excerpts"] for work in works), default=1)
    for fold in draw(protocol, songs):
        learned = len(fold.train) + len(fold.validation)
        if protocol.group == "song":
            assert len(fold.validation) <= max(largest, protocol.validation * learned + 0.5)
            if isinstance(protocol, Holdout):
                assert len(fold.test) <= max(largest, protocol.test * len(songs) + 0.5)


@given(
    structure=st.lists(st.sampled_from("abc"), min_size=6, max_size=40),
    protocol=fair,
)
def test_songs_that_stand_alone_are_held_to_the_song(
    make_subsets: Callable[[Sequence[str]], list[Song]],
    structure: list[str],
    protocol: SongKfold | Holdout,
) -> None:
    songs = make_subsets(structure)
    for fold in draw(protocol, songs):
        learned = len(fold.train) + len(fold.validation)
        asked = min(max(1, round(protocol.validation * learned)), learned - 1)
        assert len(fold.validation) == asked
        if isinstance(protocol, Holdout):
            assert len(fold.test) == min(max(1, round(protocol.test * len(songs))), len(songs) - 1)


@enough
@given(works=many, protocol=flawed)
def test_what_is_wrong_with_a_protocol_is_written_on_its_folds(
    make_works: MakeWorks, works: Works, protocol: Protocol
) -> None:
    assert protocol.flaw in ("optimistic", "leaky")
    assert {fold.flaw for fold in draw(protocol, make_works(works))} <= {protocol.flaw}


@pytest.mark.parametrize("name", registry.names("protocols"))
def test_a_protocol_says_in_words_who_trains_and_who_tests(name: str) -> None:
    protocol = registry.component("protocols", name)()
    assert "test" in protocol.in_words or "cross-validation" in protocol.in_words
    assert str(protocol.seed) in protocol.in_words
    assert replace(protocol, seed=41).in_words != protocol.in_words


@pytest.mark.parametrize(
    "protocol",
    [
        SongKfold(),
        SongKfold(group="artist"),
        Holdout(),
        Holdout(group="artist"),
        MediaEval2015(train="all"),
    ],
    ids=lambda protocol: protocol.label,
)
def test_another_seed_or_repeat_is_another_draw(
    make_song: Callable[..., Song], protocol: Any
) -> None:
    songs = [make_song(str(1990 + n), artist=f"artist {n // 2}") for n in range(40)]
    again, other = protocol.draw(songs), replace(protocol, seed=1).draw(songs)
    assert again == protocol.draw(songs) != other
    if "repeats" in protocol.defaults():
        twice = replace(protocol, repeats=2).draw(songs)
        assert twice[: len(again)] == again
        second = [(fold.train, fold.test) for fold in twice[len(again) :]]
        assert second != [(fold.train, fold.test) for fold in again]


@pytest.mark.parametrize("protocol", [SongKfold(folds=2, group="artist"), Holdout(group="artist")])
def test_a_work_of_two_artists_is_not_parted(
    make_song: Callable[..., Song], protocol: Protocol
) -> None:
    """One excerpt names the artist, the other "Other": they are the same work all the same."""
    songs = [make_song(str(n), artist=f"artist {n}") for n in range(6)]
    songs += [make_song("7", work="Sonata", artist="A"), make_song("8", work="Sonata")]
    for seed in range(10):
        for fold in replace(protocol, seed=seed).draw(songs):
            for part in PARTS:
                assert len({"7", "8"} & set(getattr(fold, part))) != 1
