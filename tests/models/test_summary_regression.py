from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from benchmark.models import SummaryRegression
from benchmark.records import SongFrames

MakeSongs = Callable[..., list[SongFrames]]


@dataclass(frozen=True, kw_only=True)
class Tree(SummaryRegression):
    """One tree, which takes weights."""

    name: ClassVar[str] = "tree"
    depth: int | None = None

    def regressor(self, seed: int) -> Any:
        from sklearn.tree import DecisionTreeRegressor

        return DecisionTreeRegressor(max_depth=self.depth, random_state=seed)


@dataclass(frozen=True, kw_only=True)
class Neighbour(SummaryRegression):
    """The nearest row, which takes none."""

    name: ClassVar[str] = "neighbour"

    def regressor(self, seed: int) -> Any:
        from sklearn.neighbors import KNeighborsRegressor

        return KNeighborsRegressor(1)


@pytest.mark.parametrize("model", [Tree(), Neighbour()])
@pytest.mark.parametrize("n_targets", [1, 2])
def test_what_learns_by_heart_gives_the_labels_back(
    make_songs: MakeSongs, model: SummaryRegression, n_targets: int
) -> None:
    songs = make_songs(1, 3, n_targets=n_targets)
    predictor = model.fit(songs, [], seed=0)
    for song, values in zip(songs, predictor.predict(songs), strict=True):
        np.testing.assert_allclose(values, song.labels)
    assert predictor.card.examples == 3 * 8


@pytest.mark.parametrize("model", [Tree(), Neighbour()])
def test_a_row_counts_for_the_labels_it_stands_for_where_it_can(model: SummaryRegression) -> None:
    """Two songs of one and the same vector, three labels and one: the mean of four, or a row's."""
    vector = np.ones((1, 3), dtype=np.float32)
    songs = [
        SongFrames(name, vector, np.inf, 15 + 0.5 * np.arange(len(labels)), np.array(labels))
        for name, labels in (("a", [[0.1], [0.2], [0.3]]), ("b", [[0.6]]))
    ]
    (values, _) = model.fit(songs, [], seed=0).predict(songs)
    weighted = np.full((3, 1), 0.3)
    assert np.allclose(values, weighted) == (model.name == "tree")


def test_it_is_loaded_as_it_was_saved(make_songs: MakeSongs, tmp_path: Path) -> None:
    songs = make_songs(1, 3)
    predictor = Tree().fit(songs, [], seed=0)
    predictor.save(tmp_path)
    for one, other in zip(
        predictor.predict(songs), Tree().load(tmp_path).predict(songs), strict=True
    ):
        np.testing.assert_array_equal(one, other)


def test_it_sees_as_much_as_it_is_told(make_songs: MakeSongs) -> None:
    assert Tree(seconds=3.0).view.reach == 1.5
