"""The valence LSTM of the starting project (track_emo_reco): each half second in, its value out."""

from __future__ import annotations

from collections.abc import Sequence as Songs
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Gt

from benchmark.interfaces import Frames, Indices, Model, Predictor
from benchmark.models._keras import Batch, Examples, Schedule, fit_network, fresh_keras, load_keras
from benchmark.models._rows import labels_of
from benchmark.models._sequences import Scaler, SequencePredictor, cut, load_sequences, padded
from benchmark.records import SongFrames
from benchmark.views import Sequence


@dataclass(frozen=True, kw_only=True)
class ValenceLstm(Model):
    """LSTM over half-second means of the frames; 5 or 10 units, one- or bidirectional.

    Many-to-many: an output per label. `many_to_one` learns the mean of a sequence's labels and
    predicts one value for the song (the seed: `units: 50, loss: mae`). Training sequences hold at
    most `steps` labels (60, an excerpt of DEAM), longer songs are cut after the split; predictions
    run over whole songs. Inputs are standardised per dimension on the training songs, which chroma
    would not need but decibels do; `scale: false` feeds them raw. Adam; unlike the seed's, the
    early stopping never sees a test song, and the weights of the best epoch are kept.
    """

    name: ClassVar[str] = "valence_lstm"
    source: ClassVar[str] = "track_emo_reco, the starting project of this suite"
    libraries: ClassVar[tuple[str, ...]] = ("tensorflow", "keras")
    trains_in_epochs: ClassVar[bool] = True

    units: Annotated[int, Ge(1)] = 10
    bidirectional: bool = False
    many_to_one: bool = False
    steps: Annotated[int, Ge(1)] = 60
    scale: bool = True
    loss: Literal["mse", "mae"] = "mse"
    learning_rate: Annotated[float, Gt(0)] = 1e-3
    batch_size: Annotated[int, Ge(1)] = 128
    epochs: Annotated[int, Ge(1)] = 100
    patience: Annotated[int, Ge(1)] = 5

    @property
    def view(self) -> Sequence:
        return Sequence()

    def warm_up(self) -> None:
        load_keras()

    def fit(
        self, train: Songs[SongFrames], validation: Songs[SongFrames], *, seed: int
    ) -> Predictor:
        keras = fresh_keras(seed)
        inputs = [self.view.rows(song) for song in train]
        scaler = Scaler.fitted(inputs) if self.scale else Scaler(np.float32(0), np.float32(1))
        examples = self._examples(inputs, train, scaler)
        held_inputs = [self.view.rows(song) for song in validation]
        held = self._examples(held_inputs, validation, scaler)

        n_targets = labels_of(train[0]).shape[1]
        layer = keras.layers.LSTM(self.units, return_sequences=not self.many_to_one)
        if self.bidirectional:
            layer = keras.layers.Bidirectional(layer)
        sequence = keras.Input((None, inputs[0].shape[1]))
        present = keras.Input((None,), dtype="bool")
        output = keras.layers.Dense(n_targets)(layer(sequence, mask=present))
        network = keras.Model([sequence, present], output)
        schedule = Schedule(
            loss=self.loss,
            learning_rate=self.learning_rate,
            batch_size=self.batch_size,
            epochs=self.epochs,
            patience=self.patience,
        )
        card = fit_network(network, schedule, examples, held, seed=seed)
        return SequencePredictor(network, self.view, scaler, card)

    def load(self, folder: Path) -> Predictor:
        return load_sequences(folder, self.view)

    def _examples(
        self, inputs: Songs[Frames], songs: Songs[SongFrames], scaler: Scaler
    ) -> Examples:
        """Cut songs into sequences of at most `steps` labels; all are padded to one length."""
        sequences = [
            stretch
            for rows, song in zip(inputs, songs, strict=True)
            for stretch in cut(scaler.scaled(rows), labels_of(song), self.steps)
            if np.isfinite(stretch.labels).all(axis=1).any()
        ]
        length = max(len(sequence.rows) for sequence in sequences)

        def batch(which: Indices) -> Batch:
            chosen = padded([sequences[number] for number in which], length)
            targets = chosen.labels
            weights = np.asarray(chosen.known.all(axis=2), dtype=np.float32)
            if self.many_to_one:
                targets = (targets * weights[..., None]).sum(axis=1)
                targets /= weights.sum(axis=1, keepdims=True)
                weights = np.ones(len(which), dtype=np.float32)
            return (chosen.rows, chosen.present), targets, weights

        return Examples(len(sequences), batch)
