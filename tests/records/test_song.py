from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmark.records import Corpus, Song


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


def test_ratings_must_match_the_times(song: Song) -> None:
    assert replace(song, ratings={"arousal": np.zeros((2, 5))}).ratings["arousal"].shape == (2, 5)
    with pytest.raises(ValueError, match=r"song 1: arousal ratings \(2, 4\) for 5 times"):
        replace(song, ratings={"arousal": np.zeros((2, 4))})


def test_a_song_is_its_own_work_unless_its_dataset_says_more(song: Song) -> None:
    assert song.work == "1"
    assert replace(song, groups={"song": "Sonata"}).work == "Sonata"


def test_a_work_nobody_named_is_the_song_itself(song: Song) -> None:
    """As an empty artist is no artist: else all such songs are one work, and stay together."""
    assert replace(song, groups={"song": ""}).work == "1"


def test_what_raters_said_is_not_what_a_model_reads(song: Song) -> None:
    """Anchors may change without a job being computed again."""
    assert replace(song, ratings={"arousal": np.zeros((2, 5))}).digest() == song.digest()
