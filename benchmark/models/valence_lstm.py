"""The valence LSTM of the starting project (track_emo_reco): each half second in, its value out."""

from __future__ import annotations

from collections.abc import Sequence as Songs
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from annotated_types import Ge, Gt

from benchmark.interfaces import Floats, Frames, Indices, Model, Predictor
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
from benchmark.models._saved import seal, unsealed
from benchmark.records import SongFrames, TrainingCard
from benchmark.views import Sequence

SCALER = "scaler.npz"


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
        network = load_network(folder)
        with unsealed(folder), np.load(folder / SCALER, allow_pickle=False) as arrays:
            scaler = Scaler(arrays["mean"], arrays["sd"])
        return SequencePredictor(network, self.view, scaler, TrainingCard())

    def _examples(
        self, inputs: Songs[Frames], songs: Songs[SongFrames], scaler: Scaler
    ) -> Examples:
        """Cut songs into sequences of at most `steps` labels; all are padded to one length."""
        sequences = [
            (scaler.scaled(rows[start : start + self.steps]), labels[start : start + self.steps])
            for rows, labels in zip(inputs, map(labels_of, songs), strict=True)
            for start in range(0, len(rows), self.steps)
        ]
        sequences = [(rows, labels) for rows, labels in sequences if _known(labels).any()]
        length = max(len(rows) for rows, _ in sequences)

        def batch(which: Indices) -> Batch:
            chosen = [sequences[number] for number in which]
            shape = (len(chosen), length)
            padded = np.zeros((*shape, chosen[0][0].shape[1]), dtype=np.float32)
            present = np.zeros(shape, dtype=bool)
            targets = np.zeros((*shape, chosen[0][1].shape[1]), dtype=np.float32)
            weights: Frames = np.zeros(shape, dtype=np.float32)
            for number, (rows, labels) in enumerate(chosen):
                known = _known(labels)
                padded[number, : len(rows)] = rows
                present[number, : len(rows)] = True
                targets[number, : len(rows)][known] = labels[known]
                weights[number, : len(rows)] = known
            if self.many_to_one:
                targets = (targets * weights[..., None]).sum(axis=1)
                targets /= weights.sum(axis=1, keepdims=True)
                weights = np.ones(len(chosen), dtype=np.float32)
            return (padded, present), targets, weights

        return Examples(len(sequences), batch)


def _known(labels: Floats) -> npt.NDArray[np.bool_]:
    return np.asarray(np.isfinite(labels).all(axis=1))


@dataclass(frozen=True)
class Scaler:
    """Per dimension: the mean that is taken off and the SD that is divided by."""

    mean: Frames | np.float32
    sd: Frames | np.float32

    @classmethod
    def fitted(cls, inputs: Songs[Frames]) -> Scaler:
        """Learn from training rows; a dimension that never changes is left at zero."""
        rows = np.concatenate(inputs)
        sd = rows.std(axis=0)
        return cls(rows.mean(axis=0), np.where(sd > 0, sd, np.float32(1)))

    def scaled(self, rows: Frames) -> Frames:
        return (rows - self.mean) / self.sd


class SequencePredictor(Predictor):
    """A trained network, run over each whole song."""

    def __init__(self, network: Any, view: Sequence, scaler: Scaler, card: TrainingCard) -> None:
        self.card = card
        self._network = network
        self._view = view
        self._scaler = scaler

    def predict(self, songs: Songs[SongFrames]) -> list[Floats]:
        predictions = []
        for song in songs:
            rows = self._scaler.scaled(self._view.rows(song))[None]
            output = np.asarray(self._network([rows, np.ones(rows.shape[:2], dtype=bool)]))[0]
            predictions.append(
                np.broadcast_to(output, (len(song.times), output.shape[-1])).astype(np.float64)
            )
        return predictions

    def save(self, folder: Path) -> None:
        save_network(self._network, folder)
        np.savez(folder / SCALER, mean=self._scaler.mean, sd=self._scaler.sd)
        seal(folder)
