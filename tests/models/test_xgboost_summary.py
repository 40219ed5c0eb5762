from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmark.models.xgboost_summary import XgboostSummary
from benchmark.records import SongFrames


def test_it_learns_what_can_be_seen_in_statistics(
    make_songs: Callable[..., list[SongFrames]],
) -> None:
    train, test = make_songs(1, 12), make_songs(13, 15)
    model = XgboostSummary(n_estimators=60, min_child_weight=1.0, seconds=1.0)
    predictor = model.fit(train, [], seed=0)
    error = np.concatenate(predictor.predict(test)) - np.concatenate([s.labels for s in test])
    constant = np.concatenate([s.labels for s in test]) - np.mean([s.labels for s in train])
    assert np.square(error).mean() < 0.5 * np.square(constant).mean()
    assert predictor.card.examples == 12 * 8


def test_another_seed_draws_other_samples(make_songs: Callable[..., list[SongFrames]]) -> None:
    songs = make_songs(1, 5)
    model = XgboostSummary(n_estimators=10, min_child_weight=1.0)
    one, two = (model.fit(songs[:4], [], seed=seed).predict(songs[4:]) for seed in (1, 2))
    assert not np.array_equal(one, two)
