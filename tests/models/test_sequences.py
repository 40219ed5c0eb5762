from __future__ import annotations

import numpy as np

from benchmark.models._sequences import Scaler, Stretch, cut, padded


def test_scaling_is_learned_from_training_songs_and_survives_constants() -> None:
    scaler = Scaler.fitted([np.array([[1, 5]], "f4"), np.array([[3, 5]], "f4")])
    np.testing.assert_allclose(scaler.scaled(np.array([[1, 5], [4, 6]], "f4")), [[-1, 0], [2, 1]])


def test_stretches_follow_each_other_and_hold_every_label_once() -> None:
    rows, labels = np.arange(14, dtype="f4").reshape(7, 2), np.arange(7.0)[:, None]
    stretches = cut(rows, labels, 3)
    assert [len(stretch.rows) for stretch in stretches] == [3, 3, 1]
    np.testing.assert_array_equal(np.concatenate([s.rows for s in stretches]), rows)
    np.testing.assert_array_equal(np.concatenate([s.labels for s in stretches]), labels)


def test_padding_is_absent_and_unknown() -> None:
    long = Stretch(np.ones((3, 2), "f4"), np.array([[0.1, np.nan], [0.2, 0.3], [0.4, 0.5]]))
    short = Stretch(np.ones((1, 2), "f4"), np.array([[np.nan, 0.6]]))
    both = padded([long, short], 3)
    np.testing.assert_array_equal(both.present, [[1, 1, 1], [1, 0, 0]])
    np.testing.assert_array_equal(both.rows[..., 0], both.present)
    np.testing.assert_array_equal(both.known, [[[1, 0], [1, 1], [1, 1]], [[0, 1], [0, 0], [0, 0]]])
    np.testing.assert_allclose(
        both.labels, [[[0.1, 0], [0.2, 0.3], [0.4, 0.5]], [[0, 0.6], [0, 0], [0, 0]]]
    )
