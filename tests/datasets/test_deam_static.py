"""One rating a song: DEAM's static ratings as labels."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.datasets.deam import Deam
from benchmark.errors import DataError

HEAD = "song_id, valence_mean, valence_std, arousal_mean, arousal_std\n"


def static(folder: Any, rows: str) -> Deam:
    folder.write(folder.root / "static_annotations_averaged_songs_1_2000.csv", HEAD + rows)
    return Deam(root=folder.root, ratings="static")


def test_a_song_has_one_label_of_all_of_it_on_the_unit_scale(empty_deam: Any) -> None:
    dataset = static(empty_deam, "9,3,1,9,1\n10,5,1,1,1\n")
    corpus = dataset.load()
    nine, ten = corpus.songs
    assert math.isinf(dataset.period)
    np.testing.assert_array_equal(nine.times, [0.0])
    assert (nine.labels["valence"].tolist(), nine.labels["arousal"].tolist()) == ([-0.5], [1.0])
    assert (ten.labels["valence"].tolist(), ten.labels["arousal"].tolist()) == ([0.0], [-1.0])
    assert corpus.scale == (1, 9)
    assert corpus.title == f"{empty_deam.root.name}, static ratings"
    assert (corpus.known_as, corpus.citation) == ("", "")


def test_dynamic_tables_are_not_needed_and_not_mixed_in(deam_folder: Any) -> None:
    dynamic = Deam(root=deam_folder.root)
    corpus = static(deam_folder, "3,3,1,9,1\n").load()
    assert [song.id for song in corpus.songs] == ["3"]
    assert (dynamic.period, dynamic.load().scale) == (0.5, (-1, 1))
    assert corpus.fingerprint != dynamic.load().fingerprint


def test_a_song_without_a_static_rating_is_left_out_and_named(empty_deam: Any) -> None:
    corpus = static(empty_deam, "9,3,1,9,1\n10,,1,nan,1\n").load()
    assert [song.id for song in corpus.songs] == ["9"]
    assert "song 10: no ratings; left out" in corpus.notes


def test_a_folder_without_static_ratings_says_so(deam_folder: Any) -> None:
    with pytest.raises(DataError, match=r"has no static ratings \(--set dataset.ratings=dynamic\)"):
        Deam(root=deam_folder.root, ratings="static").load()


def test_a_static_rating_that_cannot_be_ends_the_load(empty_deam: Any) -> None:
    with pytest.raises(DataError, match=r"line 2: song 9, column .arousal_mean. is .9\.5., exp"):
        static(empty_deam, "9,3,1,9.5,1\n").load()


@pytest.mark.parametrize(("songs", "n_songs"), [("all", 1802), ("excerpts", 1744), ("full", 58)])
def test_deam_as_released_is_recognised_by_its_static_ratings(
    shared_datasets: Path, songs: Any, n_songs: int
) -> None:
    corpus = Deam(root=shared_datasets / "deam", ratings="static", songs=songs).load()
    assert (corpus.title, corpus.known_as) == ("DEAM, static ratings", "deam")
    assert len(corpus.songs) == n_songs
    assert all(np.isfinite(song.labels["arousal"]).all() for song in corpus.songs)
