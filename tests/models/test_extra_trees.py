from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from benchmark.models.extra_trees import ExtraTrees
from benchmark.records import SongFrames

MakeSongs = Callable[..., list[SongFrames]]


def test_it_learns_what_can_be_seen_in_statistics(make_songs: MakeSongs) -> None:
    train, test = make_songs(1, 12), make_songs(13, 15)
    predictor = ExtraTrees(n_estimators=40, seconds=1.0).fit(train, [], seed=0)
    error = np.concatenate(predictor.predict(test)) - np.concatenate([s.labels for s in test])
    constant = np.concatenate([s.labels for s in test]) - np.mean([s.labels for s in train])
    assert np.square(error).mean() < 0.5 * np.square(constant).mean()
    assert predictor.card.examples == 12 * 8


def test_another_seed_draws_other_trees(make_songs: MakeSongs) -> None:
    songs, model = make_songs(1, 5), ExtraTrees(n_estimators=5)
    one, two, again = (model.fit(songs[:4], [], seed=s).predict(songs[4:]) for s in (1, 2, 1))
    assert not np.array_equal(one, two)
    np.testing.assert_array_equal(one, again)


@pytest.mark.parametrize("n_targets", [1, 2])
def test_trees_that_see_everything_grow_to_their_leaves(
    make_songs: MakeSongs, n_targets: int
) -> None:
    """Without averaging in the leaves the training labels themselves come back."""
    songs = make_songs(1, 4, n_targets=n_targets)
    model = ExtraTrees(n_estimators=3, max_features=1.0, min_samples_leaf=1)
    for song, values in zip(songs, model.fit(songs, [], seed=0).predict(songs), strict=True):
        np.testing.assert_allclose(values, song.labels)
