"""The arousal CNN of the starting project (track_emo_reco): networks 1 to 3 on 1.5 s windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Gt

from benchmark.interfaces import Floats, Indices, Model, Predictor, View
from benchmark.models._keras import (
    Batch,
    Examples,
    Schedule,
    fit_network,
    fresh_keras,
    load_keras,
    load_network,
    save_network,
)
from benchmark.models._rows import labels_of
from benchmark.models._saved import seal
from benchmark.records import SongFrames, TrainingCard
from benchmark.views import Windows, window_mean

POOL = "pool"
NETWORKS: dict[int, tuple[tuple[tuple[int, int] | str, ...], float]] = {
    1: (((3, 16), (10, 32), POOL), 0.5),
    2: (((3, 16), POOL, (10, 16), POOL), 0.0),
    3: (((3, 16), (10, 32), POOL, (10, 64)), 0.3),
}
"""Convolutions (kernel, filters) and 2x2 pools, and the dropout after the dense layer.

All are followed by dropout 0.25 and dense 128 (network 2: dense 128, then dropout 0.25), dense 1.
"""


@dataclass(frozen=True, kw_only=True)
class ArousalCnn(Model):
    """Convolutional network on windows of frames; networks 1, 2, 3 of track_emo_reco.

    ReLU, unpadded convolutions, Adam, MSE. Each window is standardised by its own mean and SD
    (`standardize: none` leaves it as it is). It learns the mean of the labels inside its window
    (`target: window_mean`, the seed's way) or the label itself. At most the first `max_windows`
    windows of a training or validation song are used, so that long songs do not outweigh the
    others; predictions are made for every label. Kernels and pools larger than what reaches them
    are clipped to it, and the training card says so. Unlike the seed's, its early stopping never
    sees a test song, and the weights of the best epoch are kept.
    """

    name: ClassVar[str] = "arousal_cnn"
    libraries: ClassVar[tuple[str, ...]] = ("tensorflow", "keras")
    trains_in_epochs: ClassVar[bool] = True

    network: Literal[1, 2, 3] = 2
    seconds: Annotated[float, Gt(0)] = 1.5
    standardize: Literal["window", "none"] = "window"
    target: Literal["window_mean", "label"] = "window_mean"
    max_windows: Annotated[int, Ge(1)] | None = 100
    learning_rate: Annotated[float, Gt(0)] = 1e-3
    batch_size: Annotated[int, Ge(1)] = 128
    epochs: Annotated[int, Ge(1)] = 100
    patience: Annotated[int, Ge(1)] = 3

    @property
    def view(self) -> Windows:
        return Windows(self.seconds, standardize=self.standardize == "window")

    def warm_up(self) -> None:
        load_keras()

    def fit(
        self, train: Sequence[SongFrames], validation: Sequence[SongFrames], *, seed: int
    ) -> Predictor:
        keras = fresh_keras(seed)
        examples, held = self._examples(train), self._examples(validation)
        inputs, labels, _ = examples.batch(np.arange(1))
        network, notes = _network(keras, self.network, inputs.shape[1:3], labels.shape[1])
        schedule = Schedule(
            loss="mse",
            learning_rate=self.learning_rate,
            batch_size=self.batch_size,
            epochs=self.epochs,
            patience=self.patience,
        )
        card = fit_network(network, schedule, examples, held, seed=seed)
        return WindowPredictor(network, self.view, replace(card, notes=notes))

    def load(self, folder: Path) -> Predictor:
        return WindowPredictor(load_network(folder), self.view, TrainingCard())

    def _examples(self, songs: Sequence[SongFrames]) -> Examples:
        """Cut windows after the split: pairs of song and label, gathered batch by batch."""
        learned = [labels_of(song) for song in songs]
        if self.target == "window_mean":
            learned = [
                np.where(np.isfinite(labels), window_mean(labels, self.seconds), np.nan)
                for labels in learned
            ]
        pairs = np.array(
            [
                (number, row)
                for number, labels in enumerate(learned)
                for row in np.flatnonzero(np.isfinite(labels).all(axis=1))[: self.max_windows]
            ]
        )

        def batch(which: Indices) -> Batch:
            chosen = pairs[which]
            windows = [self.view.rows(songs[number], np.array([row])) for number, row in chosen]
            labels = np.array([learned[number][row] for number, row in chosen], dtype=np.float32)
            inputs = np.concatenate(windows)[..., None]
            return inputs, labels, np.ones(len(chosen), dtype=np.float32)

        return Examples(len(pairs), batch)


class WindowPredictor(Predictor):
    """A trained network, applied to the windows of each song."""

    def __init__(self, network: Any, view: View, card: TrainingCard) -> None:
        self.card = card
        self._network = network
        self._view = view

    def predict(self, songs: Sequence[SongFrames]) -> list[Floats]:
        return [
            self._network.predict(
                self._view.rows(song)[..., None], batch_size=128, verbose=0
            ).astype(np.float64)
            for song in songs
        ]

    def save(self, folder: Path) -> None:
        save_network(self._network, folder)
        seal(folder)


def _network(
    keras: Any, number: int, shape: tuple[int, int], n_targets: int
) -> tuple[Any, tuple[str, ...]]:
    """Build one of `NETWORKS` for windows of `shape`; also say which kernels had to be clipped."""
    layers, last_dropout = NETWORKS[number]
    notes: list[str] = []
    size = shape

    def clipped(wanted: int, what: str) -> tuple[int, int]:
        fitting = min(wanted, size[0]), min(wanted, size[1])
        if fitting != (wanted, wanted):
            notes.append(f"{what} {wanted}x{wanted} clipped to {fitting[0]}x{fitting[1]}")
        return fitting

    value = inputs = keras.Input((*shape, 1))
    for layer in layers:
        if isinstance(layer, str):
            pool = clipped(2, "pool")
            value = keras.layers.MaxPooling2D(pool)(value)
            size = size[0] // pool[0], size[1] // pool[1]
        else:
            kernel = clipped(layer[0], "kernel")
            value = keras.layers.Conv2D(layer[1], kernel, activation="relu")(value)
            size = size[0] - kernel[0] + 1, size[1] - kernel[1] + 1
    value = keras.layers.Flatten()(value)
    if number != 2:
        value = keras.layers.Dropout(0.25)(value)
    value = keras.layers.Dense(128, activation="relu")(value)
    value = keras.layers.Dropout(0.25 if number == 2 else last_dropout)(value)
    return keras.Model(inputs, keras.layers.Dense(n_targets)(value)), tuple(notes)
