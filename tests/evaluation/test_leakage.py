from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.datasets.deam import Deam
from benchmark.evaluation.leakage import shared
from benchmark.features.opensmile_means import OpensmileMeans
from benchmark.interfaces import Protocol
from benchmark.protocols.holdout import Holdout
from benchmark.protocols.leaky_frames import LeakyFrames
from benchmark.protocols.mediaeval2015 import MediaEval2015
from benchmark.protocols.seed_split import SeedSplit
from benchmark.protocols.song_kfold import SongKfold
from benchmark.records import Fold, LabelSplit, Shared, Song

MakeSong = Callable[..., Song]
AROUSAL = ("arousal",)
N_LABELS = 5


def contents(songs: Sequence[Song], **changes: str) -> dict[str, str]:
    """Return what each song's features are made of: something of its own, but for `changes`."""
    return {song.id: changes.get(f"_{song.id}", f"content of {song.id}") for song in songs}


@pytest.fixture
def four(make_song: MakeSong) -> list[Song]:
    return [make_song(name) for name in "1234"]


FAIR = [
    SongKfold(folds=3),
    SongKfold(folds=3, group="artist", repeats=2),
    Holdout(repeats=2),
    Holdout(group="artist"),
    MediaEval2015(train="all"),
]


@pytest.mark.parametrize("protocol", FAIR, ids=lambda protocol: protocol.label)
@pytest.mark.parametrize("reach", [0.0, 3.0, math.inf])
@settings(max_examples=20)
@given(works=st.lists(st.integers(0, 9), min_size=16, max_size=24))
def test_a_fair_protocol_shares_nothing(
    make_song: MakeSong, protocol: Protocol, reach: float, works: list[int]
) -> None:
    """Validation songs of a fair fold are learned from, and not test songs: not counted."""
    works = [*range(12), *works]
    if isinstance(protocol, MediaEval2015):
        works = list(range(len(works)))  # it does not look at works
    songs = [
        make_song(str(1990 + number), artist=f"artist {work // 2}", work=f"work {work}")
        for number, work in enumerate(works)
    ]
    folds = protocol.draw(songs)
    tested = [song for fold in folds for song in fold.test]
    sources = {song.id: song.work for song in songs}
    found = shared(folds, songs, AROUSAL, sources, reach=reach)
    assert found == Shared(test_songs=len(set(tested)), test_labels=N_LABELS * len(tested))


def test_a_test_song_that_is_trained_on_is_found_by_its_id(four: list[Song]) -> None:
    fold = Fold(0, ("1", "3"), ("4",), ("2", "3"), flaw="leaky")
    assert shared([fold], four, AROUSAL, contents(four), reach=1.0) == Shared(
        test_songs=2,
        trained_on=1,
        test_labels=2 * N_LABELS,
        overlapping=N_LABELS,
        example="song 3",
    )


def test_another_excerpt_of_a_work_is_the_same_recording(make_song: MakeSong) -> None:
    songs = [make_song("1", work="Sonata"), make_song("2"), make_song("3", work="Sonata")]
    fold = Fold(0, ("1",), (), ("2", "3"))
    for sources in (contents(songs), dict.fromkeys("123", "")):
        found = shared([fold], songs, AROUSAL, sources, reach=1.0)
        assert (found.trained_on, found.example) == (1, "song 3, the same recording as song 1")


def test_the_same_content_under_two_ids_is_the_same_recording(four: list[Song]) -> None:
    fold = Fold(0, ("1",), ("2",), ("3", "4"))
    found = shared([fold], four, AROUSAL, contents(four), reach=1.0)
    assert (found.trained_on, found.example) == (0, "")
    as_trained = contents(four, _3="content of 1")
    found = shared([fold], four, AROUSAL, as_trained, reach=1.0)
    assert (found.trained_on, found.example) == (1, "song 3, the same recording as song 1")
    as_validated = contents(four, _3="content of 2")
    found = shared([fold], four, AROUSAL, as_validated, reach=1.0)
    assert (found.trained_on, found.chosen_on) == (1, 1)


def test_songs_without_content_are_not_the_same(four: list[Song]) -> None:
    """A model that looks at labels only has no features to be made of anything."""
    fold = Fold(0, ("1",), ("2",), ("3", "4"))
    found = shared([fold], four, AROUSAL, dict.fromkeys("1234", ""), reach=0.0)
    assert found == Shared(test_songs=2, test_labels=2 * N_LABELS)


def test_songs_that_decide_when_to_stop_are_chosen_on_and_not_trained_on(
    make_song: MakeSong,
) -> None:
    songs = [make_song(str(number)) for number in range(20)]
    folds = SeedSplit(test=0.25, repeats=2).draw(songs)
    tested = len({song for fold in folds for song in fold.test})
    assert 5 < tested < 10, "some songs are tested by both folds"
    found = shared(folds, songs, AROUSAL, contents(songs), reach=3.0)
    assert found == Shared(test_songs=tested, chosen_on=tested, test_labels=10 * N_LABELS)


class Dealt(LabelSplit):
    """Labels dealt by hand: 0 trains, 1 validates, 2 tests."""

    hand = (0, 2, 2, 2, 1)

    def part(self, song: str, n_labels: int) -> Any:
        return np.array(["train", "validation", "test"])[list(self.hand)]


@pytest.mark.parametrize(
    ("reach", "overlapping"),
    [
        # Labels tested are 1, 2, 3; seen are 0 and 4, at 0.5, 1.0 and 0.5 s from them.
        (0.0, 0),
        (0.25, 0),  # 0.5 s apart: one ends where the other begins
        (0.26, 2),
        (0.5, 2),
        (0.51, 3),
        (math.inf, 3),
    ],
)
def test_a_label_overlaps_where_the_same_audio_is_seen_around_another(
    make_song: MakeSong, reach: float, overlapping: int
) -> None:
    fold = Fold(0, ("1",), ("1",), ("1",), flaw="leaky", labels=Dealt(0, 0.5, 0.5))
    assert shared([fold], [make_song("1")], AROUSAL, {"1": "a"}, reach=reach) == Shared(
        test_songs=1,
        trained_on=1,
        chosen_on=1,
        test_labels=3,
        overlapping=overlapping,
        example="song 1",
    )


def test_a_song_all_of_whose_labels_test_overlaps_nothing(make_song: MakeSong) -> None:
    class Tested(Dealt):
        hand = (2, 2, 2, 2, 2)

    fold = Fold(0, ("1",), ("1",), ("1",), flaw="leaky", labels=Tested(0, 0.5, 0.5))
    found = shared([fold], [make_song("1")], AROUSAL, {"1": "a"}, reach=math.inf)
    assert (found.test_labels, found.overlapping) == (5, 0)


@pytest.mark.parametrize("reach", [0.5, 1000.0, math.inf])
def test_what_is_seen_of_another_song_is_not_near(make_song: MakeSong, reach: float) -> None:
    class Apart(Dealt):
        def part(self, song: str, n_labels: int) -> Any:
            return np.full(n_labels, "test" if song == "2" else "train")

    songs = [make_song(name) for name in "123"]
    ids = tuple(song.id for song in songs)
    fold = Fold(0, ids, (), ids, flaw="leaky", labels=Apart(0, 0.5, 0.5))
    found = shared([fold], songs, AROUSAL, contents(songs), reach=reach)
    assert (found.trained_on, found.test_labels, found.overlapping) == (3, N_LABELS, 0)


def test_leaky_frames_agrees_with_the_definition(make_song: MakeSong) -> None:
    """Label by label: another one of the song, learned from, less than twice the reach away."""
    songs = [
        replace(
            make_song(name),
            times=15 + 0.5 * np.arange(40),
            labels={"arousal": np.zeros(40)},
        )
        for name in "abc"
    ]
    folds = LeakyFrames(test=0.9, repeats=2).draw(songs)
    for reach in (0.0, 0.25, 0.75, 2.0, math.inf):
        expected = 0
        for fold in folds:
            for song in songs:
                tested = fold.known("test", song.id, 40)
                learned = song.times[~tested]
                expected += sum(
                    bool((abs(learned - time) < 2 * reach).any()) for time in song.times[tested]
                )
        found = shared(folds, songs, AROUSAL, contents(songs), reach=reach)
        assert found.overlapping == expected
        assert found.test_songs == found.trained_on == found.chosen_on == 3
        assert found.test_labels == sum(
            fold.known("test", song.id, 40).sum() for fold in folds for song in songs
        )


def test_labels_are_summed_over_folds_and_songs_counted_once(four: list[Song]) -> None:
    """Song 3 is tested twice and trained on in one of the folds."""
    one = Fold(0, ("1",), ("2",), ("2", "3"), flaw="optimistic")
    other = Fold(1, ("1", "4"), ("3",), ("4", "3"), flaw="leaky")
    for folds in ([one, other], [other, one]):
        assert shared(folds, four, AROUSAL, contents(four), reach=1.0) == Shared(
            test_songs=3,
            trained_on=2,
            chosen_on=2,
            test_labels=4 * N_LABELS,
            overlapping=2 * N_LABELS,
            example="song 3",
        )


def test_repeats_count_the_same_songs_again_and_again(four: list[Song]) -> None:
    fold = Fold(0, ("1", "3"), ("4",), ("2", "3"), flaw="leaky")
    once, thrice = (
        shared(count * [fold], four, AROUSAL, contents(four), reach=1.0) for count in (1, 3)
    )
    assert thrice == replace(once, test_labels=3 * once.test_labels, overlapping=3 * N_LABELS)


def test_a_song_trained_on_in_another_fold_only_is_not_trained_on(four: list[Song]) -> None:
    folds = [Fold(0, ("1",), ("2",), ("3",)), Fold(1, ("3",), ("2",), ("1",))]
    found = shared(folds, four, AROUSAL, contents(four), reach=math.inf)
    assert found == Shared(test_songs=2, test_labels=2 * N_LABELS)


def test_only_rated_labels_count(four: list[Song]) -> None:
    """Rated on any of the targets of the cell; what a model hears where none is, it hears."""
    arousal, valence = (np.array(labels, dtype=float) for labels in (5 * [1], 5 * [1]))
    arousal[[0, 1, 2]] = valence[[0, 4]] = np.nan
    some = replace(four[2], labels={"arousal": arousal, "valence": valence})
    songs = [*four[:2], some, four[3]]
    fold = Fold(0, ("1", "3"), ("4",), ("2", "3"), flaw="leaky")
    for targets, rated in ((AROUSAL, 2), (("valence",), 3), (("arousal", "valence"), 4)):
        found = shared([fold], songs, targets, contents(songs), reach=1.0)
        assert (found.test_labels, found.overlapping) == (N_LABELS + rated, rated)


def test_songs_on_which_parameters_were_chosen_are_chosen_on(four: list[Song]) -> None:
    """In whatever fold, and be they trained on: the parameters are those of every fold."""
    folds = [Fold(0, ("1", "2"), (), ("3", "4")), Fold(1, ("3", "4"), (), ("1", "2"))]
    for decided, chosen_on in [((), 0), (("1",), 1), (("1", "3"), 2), ("1234", 4)]:
        found = shared(folds, four, AROUSAL, contents(four), reach=1.0, decided=decided)
        assert found == Shared(test_songs=4, chosen_on=chosen_on, test_labels=4 * N_LABELS)


def test_choosing_parameters_on_songs_that_never_test_is_fair(four: list[Song]) -> None:
    fold = Fold(0, ("1",), ("2",), ("3",))
    found = shared([fold], four, AROUSAL, contents(four), reach=1.0, decided=("1", "2", "4"))
    assert found.chosen_on == 0


def test_a_twin_of_a_song_on_which_parameters_were_chosen_is_chosen_on(
    make_song: MakeSong,
) -> None:
    songs = [
        make_song("1", work="Sonata"),
        make_song("2", work="Sonata"),
        make_song("3"),
        make_song("4"),
    ]
    fold = Fold(0, (), (), ("2", "3"))
    sources = contents(songs, _4="content of 3")
    for decided, chosen_on in [(("1",), 1), (("4",), 1), (("1", "4"), 2)]:
        found = shared([fold], songs, AROUSAL, sources, reach=1.0, decided=decided)
        assert (found.chosen_on, found.trained_on, found.overlapping) == (chosen_on, 0, 0)


def test_parameters_may_have_been_chosen_on_songs_that_are_not_here(four: list[Song]) -> None:
    fold = Fold(0, ("1",), (), ("2", "3"))
    found = shared([fold], four, AROUSAL, contents(four), reach=1.0, decided=("99", "3", ""))
    assert found.chosen_on == 1


def test_a_song_is_chosen_on_once_whatever_chose_on_it(four: list[Song]) -> None:
    fold = Fold(0, ("1",), ("2", "3"), ("2", "3"), flaw="optimistic")
    found = shared([fold, fold], four, AROUSAL, contents(four), reach=1.0, decided=("3", "3"))
    assert found.chosen_on == 2


def test_the_example_names_a_song_and_its_twin_if_that_is_what_is_trained_on(
    four: list[Song],
) -> None:
    fold = Fold(0, ("1", "2"), (), ("2", "3", "4"), flaw="leaky")
    twin = contents(four, _4="content of 1", _2="content of 1")
    found = shared([fold], four, AROUSAL, twin, reach=1.0)
    assert (found.trained_on, found.example) == (2, "song 2")
    found = shared([replace(fold, test=("3", "4"))], four, AROUSAL, twin, reach=1.0)
    assert found.trained_on == 1
    assert found.example in {f"song 4, the same recording as song {name}" for name in "12"}


@pytest.mark.parametrize(
    "protocol",
    [SongKfold(), SongKfold(group="artist"), Holdout(), MediaEval2015()],
    ids=lambda protocol: protocol.label,
)
def test_no_recording_of_deam_is_on_two_sides(shared_datasets: Path, protocol: Protocol) -> None:
    """Also those that are there under two ids, as their equal features show."""
    songs = Deam(root=shared_datasets / "deam").load().songs
    frames = OpensmileMeans().read(shared_datasets / "deam")
    sources = {
        song: hashlib.sha256(values.tobytes()).hexdigest() for song, values in frames.items()
    }
    assert len(set(sources.values())) == len(sources) - 4
    found = shared(protocol.draw(songs), songs, AROUSAL, sources, reach=math.inf)
    assert found == Shared(test_songs=found.test_songs, test_labels=found.test_labels)
