from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from benchmark.models import arousal_cnn
from benchmark.models._keras import DivergedError
from benchmark.models.arousal_cnn import ArousalCnn
from benchmark.records import SongFrames
from benchmark.views import window_mean

MakeSongs = Callable[..., list[SongFrames]]


@pytest.fixture(scope="module")
def keras() -> object:
    from benchmark.models._keras import fresh_keras

    return fresh_keras(0)


@pytest.mark.parametrize(
    ("number", "parameters"),
    [
        # Convolutions k*k*in*out + out; dense in*128 + 128 and 128 + 1, worked out from (71, 96).
        (1, 160 + 51_232 + (30 * 42 * 32 * 128 + 128) + 129),
        (2, 160 + 25_616 + (12 * 19 * 16 * 128 + 128) + 129),
        (3, 160 + 51_232 + 204_864 + (21 * 33 * 64 * 128 + 128) + 129),
    ],
)
def test_networks_are_those_of_the_seed(keras: object, number: int, parameters: int) -> None:
    network, notes = arousal_cnn._network(keras, number, (71, 96), 1)
    assert network.count_params() == parameters
    assert notes == ()


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("shape", [(71, 12), (71, 1), (2, 96), (1, 1)])
def test_clipped_kernels_are_recorded(keras: object, number: int, shape: tuple[int, int]) -> None:
    network, notes = arousal_cnn._network(keras, number, shape, 1)
    assert network.output_shape == (None, 1)
    assert notes
    assert all(re.fullmatch(r"(kernel|pool) \d+x\d+ clipped to \d+x\d+", note) for note in notes)


def test_clipping_is_on_the_training_card(make_songs: MakeSongs) -> None:
    songs = make_songs(1, 3, n_bins=12)
    card = ArousalCnn(epochs=1).fit(songs[:2], songs[2:], seed=0).card
    # 16 frames of 12 bins: conv 3 leaves 14x10, pool 2 leaves 7x5; the 10x10 kernel is clipped to
    # that and leaves 1x1, which no pool of 2 fits.
    assert card.notes == ("kernel 10x10 clipped to 7x5", "pool 2x2 clipped to 1x1")


def test_windows_learn_the_mean_of_their_labels(make_songs: MakeSongs) -> None:
    (song,) = make_songs(1, 1)
    labels = song.labels.copy()
    labels[3] = np.nan
    song = replace(song, labels=labels)
    rows = [0, 1, 2, 4, 5, 6, 7]
    for model, learned in [
        (ArousalCnn(target="label"), labels),
        (ArousalCnn(target="window_mean"), window_mean(labels, 1.5)),
    ]:
        examples = model._examples([song])
        inputs, targets, weights = examples.batch(np.arange(examples.count))
        np.testing.assert_allclose(targets, learned[rows], atol=1e-7)
        np.testing.assert_array_equal(inputs[..., 0], model.view.rows(song, np.array(rows)))
        np.testing.assert_array_equal(weights, 1)


def test_long_songs_give_no_more_windows_than_allowed(make_songs: MakeSongs) -> None:
    songs = make_songs(1, 2, n_labels=20)
    assert ArousalCnn(max_windows=5)._examples(songs).count == 10
    assert ArousalCnn(max_windows=None)._examples(songs).count == 40


def test_it_learns_what_can_be_seen_in_a_window(make_songs: MakeSongs) -> None:
    train, validation, test = make_songs(1, 10), make_songs(11, 12), make_songs(13, 14)
    model = ArousalCnn(epochs=15, patience=15, batch_size=8, standardize="none", target="label")
    predictor = model.fit(train, validation, seed=0)
    error = np.concatenate(predictor.predict(test)) - np.concatenate([s.labels for s in test])
    constant = np.concatenate([s.labels for s in test]) - np.mean([s.labels for s in train])
    assert np.square(error).mean() < 0.5 * np.square(constant).mean()


def test_early_stopping_keeps_the_best_epoch(make_songs: MakeSongs) -> None:
    songs = make_songs(1, 4)
    lied_to = [replace(song, labels=-song.labels) for song in songs[2:]]
    model = ArousalCnn(epochs=30, patience=2, batch_size=4, target="label")
    predictor = model.fit(songs[:2], lied_to, seed=0)
    losses = predictor.card.curves["validation_loss"]
    assert predictor.card.epochs == len(losses) < 30
    assert losses.index(min(losses)) == len(losses) - 1 - 2
    error = np.concatenate(predictor.predict(lied_to)) - np.concatenate([s.labels for s in lied_to])
    assert np.square(error).mean() == pytest.approx(min(losses), rel=1e-4)


def test_diverging_says_what_would_work(make_songs: MakeSongs) -> None:
    songs = make_songs(1, 3)
    model = ArousalCnn(learning_rate=1e30, epochs=5, batch_size=4)
    with pytest.raises(DivergedError, match=r"diverged in epoch \d .*learning_rate below 1e\+30"):
        model.fit(songs[:2], songs[2:], seed=0)
