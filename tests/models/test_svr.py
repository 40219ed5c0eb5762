from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from sklearn.svm import SVR

from benchmark.models._rows import averaged_rows
from benchmark.models.svr import Svr
from benchmark.records import SongFrames
from benchmark.views import Scales, Summary

MakeSongs = Callable[..., list[SongFrames]]


def vector(name: str, labels: list[float]) -> SongFrames:
    frames = np.random.default_rng(list(name.encode())).normal(size=(1, 3)).astype(np.float32)
    times = 15 + 0.5 * np.arange(len(labels))
    return SongFrames(name, frames, math.inf, times, np.array(labels)[:, None])


def test_it_learns_what_can_be_seen_in_statistics(make_songs: MakeSongs) -> None:
    train, test = make_songs(1, 12), make_songs(13, 15)
    predictor = Svr(seconds=1.0, every=0.5).fit(train, [], seed=0)
    error = np.concatenate(predictor.predict(test)) - np.concatenate([s.labels for s in test])
    constant = np.concatenate([s.labels for s in test]) - np.mean([s.labels for s in train])
    assert np.square(error).mean() < 0.5 * np.square(constant).mean()
    assert predictor.card.examples == 12 * 8


def test_its_kernel_is_of_mean_squares_of_standardised_statistics(make_songs: MakeSongs) -> None:
    """The same by the kernel's definition, handed to a machine that has none of its own."""
    songs = make_songs(1, 5, n_targets=2)
    model = Svr(C=2.0, gamma=0.7, epsilon=0.02, every=1.0)
    rows = averaged_rows(model.view, songs[:4], 1.0)
    sd = rows.inputs.std(axis=0)

    def kernel(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        apart = (one[:, None] - other[None]) / sd
        similar: np.ndarray = np.exp(-model.gamma * np.square(apart).mean(axis=2))
        return similar

    rows_of_test = model.view.rows(songs[4])
    expected = [
        SVR(kernel="precomputed", C=2.0, epsilon=0.02)
        .fit(kernel(rows.inputs, rows.inputs), labels)
        .predict(kernel(rows_of_test, rows.inputs))
        for labels in rows.labels.T
    ]
    (values,) = model.fit(songs[:4], [], seed=0).predict(songs[4:])
    np.testing.assert_allclose(values, np.transpose(expected), atol=2e-3)


def test_songs_twice_as_long_do_not_make_an_error_cost_twice() -> None:
    """Labels of one vector a song are one row, which weighs as many."""
    levels = {"a": -0.5, "b": 0.1, "c": 0.6, "d": 0.3}
    short, long = (
        [vector(name, count * [level]) for name, level in levels.items()] for count in (4, 8)
    )
    asked = [vector("e", [0.0])]
    model = Svr(C=0.1, epsilon=0.0)
    one, two, other = (
        machine.fit(songs, [], seed=0).predict(asked)[0]
        for machine, songs in [(model, short), (model, long), (replace(model, C=0.2), short)]
    )
    np.testing.assert_allclose(one, two, atol=1e-9)
    assert not np.allclose(one, other, atol=1e-3)


def test_a_song_counts_by_its_labels() -> None:
    """Two songs that sound alike, one of them rated nine times as long."""
    short, long = vector("a", [0.0]), replace(vector("a", 9 * [1.0]), id="b")
    predictor = Svr(C=1.0, epsilon=0.0).fit([short, long, vector("c", [0.5])], [], seed=0)
    assert predictor.predict([short])[0][0, 0] > 0.8


@pytest.mark.parametrize(("every", "examples"), [(0.5, 16), (1.0, 8), (3.0, 4), (60.0, 2)])
def test_labels_are_averaged_before_they_are_learned(
    make_songs: MakeSongs, every: float, examples: int
) -> None:
    assert Svr(every=every).fit(make_songs(1, 2), [], seed=0).card.examples == examples


def test_it_sees_a_summary_of_one_length_and_scales_of_several() -> None:
    assert Svr(seconds=6.0).view == Summary(6.0)
    assert Svr(seconds=(3.0, "song")).view == Scales((3.0, "song"))
