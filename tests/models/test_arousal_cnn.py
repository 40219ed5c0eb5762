from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from benchmark.features.mel import Mel
from benchmark.models._keras import DivergedError
from benchmark.models.arousal_cnn import ArousalCnn
from benchmark.records import SongFrames
from benchmark.views import window_mean

MakeSongs = Callable[..., list[SongFrames]]


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
        np.testing.assert_allclose(targets[:, 0], learned[rows], atol=1e-7)
        np.testing.assert_array_equal(inputs[..., 0], model.view.rows(song, np.array(rows)))
        np.testing.assert_array_equal(weights, 1)


def test_long_songs_give_no_more_windows_than_allowed(make_songs: MakeSongs) -> None:
    songs = make_songs(1, 2, n_labels=20)
    assert ArousalCnn(max_windows=5)._examples(songs).count == 10
    assert ArousalCnn(max_windows=None)._examples(songs).count == 40


def test_a_passage_learns_known_labels_alone(make_songs: MakeSongs) -> None:
    (song,) = make_songs(1, 1, n_labels=11)
    labels = song.labels.copy()
    labels[[0, 5]] = np.nan
    labels[7:10] = np.nan
    model = ArousalCnn(passage=3, standardize="none", target="label")
    examples = model._examples([replace(song, labels=labels)])
    _, targets, weights = examples.batch(np.arange(examples.count))
    # Known are 1 2 3 4 6 10; passages begin at 1, 4, 7 and 10, and that at 7 has none of them.
    assert weights.tolist() == [[1, 1, 1], [1, 0, 1], [1, 0, 0]]
    np.testing.assert_allclose(targets[weights == 1], labels[[1, 2, 3, 4, 6, 10]], atol=1e-7)
    assert (examples.count, examples.each, examples.learned) == (3, 3, 6)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_passages_learn_and_predict_every_label(make_songs: MakeSongs, precision: str) -> None:
    songs = make_songs(1, 12, n_labels=11, hop=0.125)
    model = ArousalCnn(
        passage=4, standardize="song", precision=precision, epochs=15, patience=15, target="label"
    )
    predictor = model.fit(songs[:8], songs[8:10], seed=0)
    values = predictor.predict(songs[10:])
    assert [value.shape for value in values] == [(11, 1), (11, 1)]
    one_by_one = replace(model, passage=1)
    predictor._view = one_by_one.view  # type: ignore[attr-defined]
    for value, expected in zip(values, predictor.predict(songs[10:]), strict=True):
        np.testing.assert_allclose(value, expected, atol=1e-5 if precision == "float32" else 0.02)


def test_windows_standardised_one_by_one_have_no_passages() -> None:
    with pytest.raises(ValueError, match=r"passage = 8 .* standardize: song or none works"):
        ArousalCnn(passage=8)


@pytest.mark.parametrize("network", [1, 2, 3])
def test_passages_want_a_hop_on_the_grid_of_labels(network: int) -> None:
    view = ArousalCnn(network=network, passage=8, standardize="song").view
    assert view.refusal(Mel(hop_length=250)) == ""
    assert "half seconds of a multiple of" in view.refusal(Mel())
    assert (view.refusal(Mel(hop_length=1_000)) == "") == (network != 2)  # 6 frames, pooled by 4
    assert ArousalCnn(standardize="song").view.refusal(Mel()) == ""


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
