from __future__ import annotations

import numpy as np

from benchmark.models.mean import Mean
from benchmark.records import SongFrames

NO_FRAMES = np.empty((0, 0), dtype=np.float32)


def song(name: str, labels: list[list[float]] | None, *, n_labels: int = 0) -> SongFrames:
    times = 15 + 0.5 * np.arange(len(labels) if labels else n_labels)
    return SongFrames(name, NO_FRAMES, 1.0, times, np.array(labels) if labels else None)


def test_it_is_the_mean_of_all_training_labels() -> None:
    """Each label counts, not each song; validation songs come as training songs, or not at all."""
    train = [song("1", [[0.1], [0.2], [np.nan]]), song("2", [[0.6]])]
    predictor = Mean().fit(train, [], seed=0)
    (values,) = predictor.predict([song("4", None, n_labels=3)])
    np.testing.assert_allclose(values, np.full((3, 1), 0.3))
    assert predictor.card.examples == 3


def test_each_target_has_its_own() -> None:
    train = [song("1", [[0.0, np.nan], [0.4, 0.9]]), song("2", [[0.2, 0.7]])]
    predictor = Mean().fit(train, [], seed=0)
    np.testing.assert_allclose(predictor.predict([song("3", None, n_labels=1)])[0], [[0.2, 0.8]])


def test_it_needs_no_feature() -> None:
    assert Mean().view is None
