from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmark.records import Corpus, Fold, Song


@pytest.fixture
def song(make_song: Callable[..., Song]) -> Song:
    return make_song("1")


def corpus(*songs: Song) -> Corpus:
    return Corpus(title="test", songs=songs, synthetic=True, citation="", licence="")


def test_labels_are_laid_out_by_target(song: Song) -> None:
    values = song.values(("valence", "arousal"))
    np.testing.assert_array_equal(values[:, 0], song.labels["valence"])
    np.testing.assert_array_equal(values[:, 1], song.labels["arousal"])


def test_labels_must_match_the_times(song: Song) -> None:
    with pytest.raises(ValueError, match="song 1: 2 arousal labels for 5 times"):
        replace(song, labels={"arousal": np.zeros(2)})


@pytest.mark.parametrize(
    "change",
    [
        lambda song: {"id": "2"},
        lambda song: {"audio_hash": "ab"},
        lambda song: {"times": song.times + 0.5},
        lambda song: {"labels": {**song.labels, "arousal": song.labels["arousal"] + 1e-12}},
        lambda song: {"labels": {**song.labels, "valence": song.labels["valence"] + 1e-12}},
        lambda song: {
            "labels": {"arousal": song.labels["valence"], "valence": song.labels["arousal"]}
        },
    ],
    ids=["id", "audio", "times", "arousal", "valence", "swapped targets"],
)
def test_the_digest_changes_with_the_content(
    song: Song, change: Callable[[Song], dict[str, object]]
) -> None:
    assert replace(song, **change(song)).digest() != song.digest()


def test_the_digest_does_not_depend_on_paths_or_groups(song: Song) -> None:
    moved = replace(song, audio=Path("elsewhere.mp3"), groups={"artist": "Nobody"})
    assert moved.digest() == song.digest()


def test_a_digest_is_of_what_is_asked_for(song: Song) -> None:
    other = replace(song, labels={**song.labels, "valence": -song.labels["valence"]})
    louder = replace(song, audio_hash="other")
    assert other.digest(["arousal"]) == song.digest(["arousal"])
    assert other.digest(["valence"]) != song.digest(["valence"])
    assert louder.digest(source="") == song.digest(source="")


def test_the_fingerprint_does_not_depend_on_order(make_song: Callable[..., Song]) -> None:
    songs = [make_song(name) for name in "abc"]
    assert corpus(*songs).fingerprint == corpus(*reversed(songs)).fingerprint
    assert corpus(*songs).fingerprint != corpus(*songs[:2]).fingerprint


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"train": ("1", "2"), "validation": ("3",), "test": ("2",)}, "2 is in train and in test"),
        (
            {"train": ("1",), "validation": ("1",), "test": ("2",)},
            "1 is in train and in validation",
        ),
        ({"train": ("1", "1"), "validation": (), "test": ("2",)}, "1 is in train and in train"),
    ],
)
def test_a_fold_with_a_song_on_two_sides_cannot_exist(
    parts: dict[str, tuple[str, ...]], message: str
) -> None:
    with pytest.raises(ValueError, match=f"fold 7: song {message}"):
        Fold(index=7, **parts)
