from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmark.models._sequences import Scaler
from benchmark.models.valence_lstm import ValenceLstm
from benchmark.records import SongFrames

MakeSongs = Callable[..., list[SongFrames]]
RAW = Scaler(np.float32(0), np.float32(1))


def batch_of(model: ValenceLstm, songs: list[SongFrames]) -> tuple[np.ndarray, ...]:
    examples = model._examples([model.view.rows(song) for song in songs], songs, RAW)
    (inputs, present), targets, weights = examples.batch(np.arange(examples.count))
    return inputs, present, targets, weights


@pytest.mark.parametrize(
    ("options", "parameters"),
    [
        # Four gates, each with input, recurrent and bias weights; then a dense output.
        ({"units": 5}, 4 * 5 * (12 + 5 + 1) + 5 + 1),
        ({"units": 5, "bidirectional": True}, 2 * 4 * 5 * (12 + 5 + 1) + 2 * 5 + 1),
        ({"units": 50, "many_to_one": True, "loss": "mae"}, 4 * 50 * (12 + 50 + 1) + 50 + 1),
    ],
)
def test_networks_are_those_of_the_seed(
    make_songs: MakeSongs, options: dict[str, object], parameters: int
) -> None:
    songs = make_songs(1, 4, n_bins=12)
    predictor = ValenceLstm(epochs=1, **options).fit(songs[:2], songs[2:3], seed=0)
    assert predictor.card.parameters == predictor.card.trainable_parameters == parameters
    (values,) = predictor.predict(songs[3:])
    assert values.shape == (8, 1)
    assert (np.ptp(values) == 0) == options.get("many_to_one", False)


def test_long_songs_are_cut_into_sequences(make_songs: MakeSongs) -> None:
    (song,) = make_songs(1, 1, n_labels=7)
    model = ValenceLstm(steps=3)
    inputs, present, targets, weights = batch_of(model, [song])
    assert inputs.shape == (3, 3, 6)
    np.testing.assert_array_equal(present, [[1, 1, 1], [1, 1, 1], [1, 0, 0]])
    np.testing.assert_array_equal(weights, present)
    np.testing.assert_allclose(targets[present], song.labels)
    np.testing.assert_array_equal(inputs[present], model.view.rows(song))


def test_nan_labels_weigh_nothing(make_songs: MakeSongs) -> None:
    (song,) = make_songs(1, 1, n_labels=4)
    labels = song.labels.copy()
    labels[1] = np.nan
    _, present, targets, weights = batch_of(ValenceLstm(), [replace(song, labels=labels)])
    np.testing.assert_array_equal(weights, [[1, 0, 1, 1]])
    assert present.all()
    assert np.isfinite(targets).all()


def test_many_to_one_learns_the_mean_of_the_known_labels(make_songs: MakeSongs) -> None:
    (song,) = make_songs(1, 1, n_labels=3)
    labels = np.array([[0.2], [np.nan], [0.6]])
    *_, targets, weights = batch_of(ValenceLstm(many_to_one=True), [replace(song, labels=labels)])
    np.testing.assert_allclose(targets, [[0.4]])
    np.testing.assert_array_equal(weights, [1])


def test_sequences_without_any_label_are_left_out(make_songs: MakeSongs) -> None:
    (song,) = make_songs(1, 1, n_labels=4)
    labels = np.concatenate([song.labels[:2], np.full((2, 1), np.nan)])
    inputs, *_ = batch_of(ValenceLstm(steps=2), [replace(song, labels=labels)])
    assert len(inputs) == 1


def test_it_learns_a_curve(make_songs: MakeSongs) -> None:
    train, validation, test = make_songs(1, 8), make_songs(9, 10), make_songs(11, 12)
    model = ValenceLstm(units=8, epochs=25, patience=25, batch_size=4, learning_rate=0.03)
    predictor = model.fit(train, validation, seed=0)
    error = np.concatenate(predictor.predict(test)) - np.concatenate([s.labels for s in test])
    constant = np.concatenate([s.labels for s in test]) - np.mean([s.labels for s in train])
    assert np.square(error).mean() < 0.5 * np.square(constant).mean()


def test_scale_and_directions_are_saved(make_songs: MakeSongs, tmp_path: Path) -> None:
    songs = make_songs(1, 4)
    model = ValenceLstm(units=2, epochs=1, bidirectional=True)
    predictor = model.fit(songs[:2], songs[2:3], seed=0)
    predictor.save(tmp_path)
    (values,) = model.load(tmp_path).predict(songs[3:])
    np.testing.assert_array_equal(values, predictor.predict(songs[3:])[0])
