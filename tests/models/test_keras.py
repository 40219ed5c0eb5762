from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmark.errors import BenchmarkError
from benchmark.interfaces import Model
from benchmark.models._keras import _loss, load_keras, save_network
from benchmark.models._saved import seal
from benchmark.models.arousal_cnn import ArousalCnn
from benchmark.models.stacked_crnn import StackedCrnn
from benchmark.models.valence_lstm import ValenceLstm
from benchmark.records import SongFrames
from benchmark.watch import watched

MakeSongs = Callable[..., list[SongFrames]]
NETWORKS = [
    ArousalCnn(seconds=0.5, epochs=30, patience=1, batch_size=4, target="label"),
    ValenceLstm(units=2, epochs=30, patience=1, batch_size=2, learning_rate=0.1),
    StackedCrnn(filters=2, units=2, epochs=30, patience=1, batch_size=2, learning_rate=0.1),
]
every_network = pytest.mark.parametrize("model", NETWORKS, ids=lambda model: model.name)


def test_the_loss_of_concordance_is_lins_over_the_labels_that_have_weight() -> None:
    load_keras()
    random = np.random.default_rng(0)
    truth, said = random.normal(size=(2, 3, 5, 2, 1)).astype(np.float32)
    said[..., 1, :] += truth[..., 1, :]
    weight = (random.uniform(size=(3, 5, 2)) > 0.3).astype(np.float32)
    expected = []
    for target in range(2):
        kept = weight[..., target] == 1
        x, y = truth[kept, target, 0], said[kept, target, 0]
        apart = x.var() + y.var() + (x.mean() - y.mean()) ** 2
        expected.append(1 - 2 * np.mean((x - x.mean()) * (y - y.mean())) / apart)
    assert float(_loss("ccc")(truth, said, weight)) == pytest.approx(np.mean(expected), rel=1e-4)


class EnoughError(Exception):
    """What a watcher raises to end a fit."""


@every_network
def test_whoever_watches_hears_every_epoch_with_its_validation_loss(
    model: Model, make_songs: MakeSongs
) -> None:
    songs = make_songs(1, 3)
    lied_to = [replace(song, labels=-song.labels) for song in songs[2:]]
    heard: list[tuple[int, float]] = []
    with watched(lambda epoch, loss: heard.append((epoch, loss))):
        card = model.fit(songs[:2], lied_to, seed=0).card
    assert 1 < len(heard) < 30, "training stopped early, after a few epochs"
    assert heard == list(enumerate(card.curves["validation_loss"], 1))


@every_network
def test_what_a_watcher_raises_ends_the_fit(model: Model, make_songs: MakeSongs) -> None:
    songs = make_songs(1, 3)
    heard: list[int] = []

    def impatient(epoch: int, loss: float) -> None:
        heard.append(epoch)
        if epoch == 2:
            raise EnoughError

    with watched(impatient), pytest.raises(EnoughError):
        model.fit(songs[:2], songs[2:], seed=0)
    assert heard == [1, 2]


def test_networks_with_code_are_refused(tmp_path: Path) -> None:
    keras = load_keras()
    inputs = keras.Input((1,))
    save_network(keras.Model(inputs, keras.layers.Lambda(lambda x: x + 1)(inputs)), tmp_path)
    seal(tmp_path)
    with pytest.raises(BenchmarkError, match=r"lambda.*train .* again"):
        ArousalCnn().load(tmp_path)


def test_what_only_training_needs_is_not_saved(make_songs: MakeSongs, tmp_path: Path) -> None:
    """Adam keeps two numbers a weight."""
    songs = make_songs(1, 3)
    predictor = replace(NETWORKS[0], epochs=1).fit(songs[:2], songs[2:], seed=0)
    predictor.save(tmp_path)
    size = (tmp_path / "network.keras").stat().st_size
    assert size < 4 * predictor.card.parameters + 40_000
