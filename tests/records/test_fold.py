from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from benchmark.records import Fold, LabelSplit
from benchmark.records.fold import PARTS, Flaw

APART = {"train": ("1",), "validation": ("2",), "test": ("3",)}
SPLIT = LabelSplit(seed=3, test=0.3, validation=0.2)
ALLOWED: dict[Flaw, set[frozenset[str]]] = {
    "": set(),
    "optimistic": {frozenset(("validation", "test"))},
    "leaky": {frozenset(pair) for pair in permutations(PARTS, 2)},
}
Change = Callable[[Fold], Fold]


@pytest.mark.parametrize("flaw", ALLOWED)
@pytest.mark.parametrize(
    ("first", "second"), [("train", "validation"), ("train", "test"), ("validation", "test")]
)
def test_a_song_is_on_two_sides_only_where_the_flaw_says_so(
    flaw: Flaw, first: str, second: str
) -> None:
    parts = {**APART, first: (*APART[first], "9"), second: ("9", *APART[second])}
    if frozenset((first, second)) in ALLOWED[flaw]:
        assert Fold(7, **parts, flaw=flaw).flaw == flaw
    else:
        with pytest.raises(ValueError, match=f"fold 7: song 9 is in {first} and in {second}"):
            Fold(7, **parts, flaw=flaw)


@pytest.mark.parametrize("flaw", ALLOWED)
@pytest.mark.parametrize("part", PARTS)
def test_a_song_is_never_twice_in_a_part(flaw: Flaw, part: str) -> None:
    with pytest.raises(ValueError, match=f"fold 7: song 9 is in {part} twice"):
        Fold(7, **{**APART, part: ("9", "8", "9")}, flaw=flaw)


@pytest.mark.parametrize("flaw", ["", "optimistic"])
def test_labels_of_a_song_are_split_in_a_leaky_fold_only(flaw: Flaw) -> None:
    with pytest.raises(ValueError, match="fold 7: a split between labels of a song is leaky"):
        Fold(7, **APART, flaw=flaw, labels=SPLIT)


def test_validation_songs_are_learned_from_unless_they_are_test_songs() -> None:
    assert Fold(0, **APART).learned == ("1", "2")
    assert Fold(0, ("1",), ("3",), ("3",), flaw="optimistic").learned == ("1",)
    assert Fold(0, ("1",), ("1",), ("1",), flaw="leaky", labels=SPLIT).learned == ("1", "1")


def test_every_label_is_in_exactly_one_part() -> None:
    every = ("a", "b")
    fold = Fold(0, every, every, every, flaw="leaky", labels=SPLIT)
    for song in every:
        masks = np.array([fold.known(part, song, 500) for part in PARTS])
        np.testing.assert_array_equal(masks.sum(axis=0), 1)
        # 0.3 test; of the other 0.7, a share of 0.2 validates.
        np.testing.assert_allclose(masks.mean(axis=1), [0.56, 0.14, 0.3], atol=0.06)
    assert not np.array_equal(fold.known("test", "a", 500), fold.known("test", "b", 500))


def test_another_seed_deals_other_labels() -> None:
    parts = [LabelSplit(seed, 0.3, 0.2).part("a", 100).tolist() for seed in (0, 1, 1)]
    assert parts[0] != parts[1] == parts[2]


def test_without_a_split_every_part_has_all_labels() -> None:
    for part in PARTS:
        assert Fold(0, **APART).known(part, "1", 4).tolist() == 4 * [True]


@pytest.mark.parametrize(
    "change",
    [
        lambda fold: replace(fold, index=1),
        lambda fold: replace(fold, train=("4",)),
        lambda fold: replace(fold, validation=("4",)),
        lambda fold: replace(fold, test=("4",)),
        lambda fold: replace(fold, flaw="leaky"),
        lambda fold: replace(fold, flaw="optimistic"),
        lambda fold: replace(fold, flaw="leaky", labels=SPLIT),
        lambda fold: replace(fold, flaw="leaky", labels=replace(SPLIT, seed=4)),
        lambda fold: replace(fold, flaw="leaky", labels=replace(SPLIT, test=0.4)),
        lambda fold: replace(fold, flaw="leaky", labels=replace(SPLIT, validation=0.4)),
    ],
)
def test_the_description_says_everything_that_decides_who_tests(change: Change) -> None:
    fold = Fold(0, **APART)
    described = json.dumps(change(fold).describe(), sort_keys=True)
    assert described != json.dumps(fold.describe(), sort_keys=True)
    if change(fold).labels not in (None, SPLIT):
        split = replace(fold, flaw="leaky", labels=SPLIT)
        assert described != json.dumps(split.describe(), sort_keys=True)
