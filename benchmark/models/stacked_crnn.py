"""Stacked CNN and RNN (Malik et al. 2017, arXiv:1706.02292): one convolution, a branch a target."""

from __future__ import annotations

from collections.abc import Sequence as Songs
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Gt, Lt

from benchmark.interfaces import Frames, Indices, Model, Predictor
from benchmark.models._keras import Batch, Examples, Schedule, fit_network, fresh_keras, load_keras
from benchmark.models._rows import labels_of
from benchmark.models._sequences import (
    Scaler,
    SequencePredictor,
    Stretch,
    cut,
    load_sequences,
    padded,
)
from benchmark.records import SongFrames
from benchmark.views import Sequence

KERNEL = 3


@dataclass(frozen=True, kw_only=True)
class StackedCrnn(Model):
    """A convolution over half seconds and bins, then a bidirectional GRU and a maxout per target.

    The paper has one convolutional layer and a branch of recurrent layers each for arousal and
    valence (its abstract), on log-mel, with bidirectional GRUs, a maxout output and few parameters.
    Its full text was not at hand: sizes, activation, dropout and training are choices made here,
    the latter on validation songs of VGMIDI, and no number of the paper's is claimed to be
    reproduced. The chosen: `filters` of 3x3 with ReLU, padded, neither pooled nor normalised by
    batch; a GRU of `units` each way; dropout behind either; the largest of `pieces` linear outputs;
    Adam, MSE, no penalty on weights. Half-second means of the frames go in, standardised per bin on
    the training songs; kernels larger than the input are clipped, and the training card says so.

    Songs are cut into stretches of `sequence_length` labels that do not overlap, to learn from and,
    in the same way, to be predicted: run over whole songs, networks trained on 20 labels were off
    by 0.231 RMSE where they were off by 0.183 in stretches and a constant by 0.234 (arousal,
    validation songs of two folds of VGMIDI). A label that is missing for one target still teaches
    the other; in training, no song is heard past its last label. Two targets are trained together,
    and the epoch kept is the best of both.

    While it learns, each stretch is varied anew in every epoch (with `batch_size: 1`, alike in all
    of them): `mask` hides that share of the bins (after SpecAugment, Park et al. 2019), `gain` adds
    one normal number with this SD to all of them (of mel, in dB: louder or softer), `shift` moves
    them by up to that many bins, the outermost repeated (of mel: higher or lower). `loss: ccc` is 1
    less Lin's concordance of a batch's labels (Weninger, Ringeval, Marchi & Schuller 2016) instead
    of the squared error.
    """

    name: ClassVar[str] = "stacked_crnn"
    source: ClassVar[str] = "after Malik et al. 2017, https://arxiv.org/abs/1706.02292"
    libraries: ClassVar[tuple[str, ...]] = ("tensorflow", "keras")
    trains_in_epochs: ClassVar[bool] = True

    sequence_length: Annotated[int, Ge(1)] = 20
    filters: Annotated[int, Ge(1)] = 8
    units: Annotated[int, Ge(1)] = 8
    pieces: Annotated[int, Ge(1)] = 2
    dropout: Annotated[float, Ge(0), Lt(1)] = 0.25
    mask: Annotated[float, Ge(0), Lt(1)] = 0.0
    gain: Annotated[float, Ge(0)] = 0.0
    shift: Annotated[int, Ge(0)] = 0
    loss: Literal["mse", "ccc"] = "mse"
    learning_rate: Annotated[float, Gt(0)] = 1e-3
    batch_size: Annotated[int, Ge(1)] = 16
    epochs: Annotated[int, Ge(1)] = 100
    patience: Annotated[int, Ge(1)] = 10

    @property
    def view(self) -> Sequence:
        return Sequence()

    def warm_up(self) -> None:
        load_keras()

    def fit(
        self, train: Songs[SongFrames], validation: Songs[SongFrames], *, seed: int
    ) -> Predictor:
        keras = fresh_keras(seed)
        songs, held = self._rated(train), self._rated(validation)
        scaler = Scaler.fitted([song.rows for song in songs])
        n_bins, n_targets = songs[0].rows.shape[1], songs[0].labels.shape[1]
        network, notes = self._network(keras, n_bins, n_targets)
        # A last axis of one: Keras weighs what is left when the last one is averaged.
        trained = keras.Model(network.inputs, keras.ops.expand_dims(network.output, -1))
        schedule = Schedule(
            loss=self.loss,
            learning_rate=self.learning_rate,
            batch_size=self.batch_size,
            epochs=self.epochs,
            patience=self.patience,
        )
        card = fit_network(
            trained,
            schedule,
            self._examples(songs, scaler, seed),
            self._examples(held, scaler),
            seed=seed,
        )
        return SequencePredictor(
            network, self.view, scaler, replace(card, notes=notes), length=self.sequence_length
        )

    def load(self, folder: Path) -> Predictor:
        return load_sequences(folder, self.view, length=self.sequence_length)

    def _rated(self, songs: Songs[SongFrames]) -> list[Stretch]:
        """Return each song up to its last label: what comes after it may be no music."""
        rated = []
        for song in songs:
            known = np.flatnonzero(np.isfinite(labels_of(song)).any(axis=1))
            end = known[-1] + 1 if len(known) else 0
            rated.append(Stretch(self.view.rows(song)[:end], labels_of(song)[:end]))
        return rated

    def _examples(self, songs: Songs[Stretch], scaler: Scaler, seed: int | None = None) -> Examples:
        """Cut songs into stretches of one length, those without any label left out.

        With a `seed` they are varied. What is drawn follows from the stretches of a batch and their
        order, not from what was asked before: a batch of one is varied alike in every epoch.
        """
        stretches = [
            stretch
            for song in songs
            for stretch in cut(song.rows, song.labels, self.sequence_length)
            if np.isfinite(stretch.labels).any()
        ]

        def batch(which: Indices) -> Batch:
            chosen = padded([stretches[number] for number in which], self.sequence_length)
            rows = chosen.rows
            if seed is not None:
                rows = self._varied(rows, np.random.default_rng([seed, *which]))
            rows = scaler.scaled(rows) * chosen.present[..., None]
            weights = chosen.known.astype(np.float32)
            return (rows, chosen.present), chosen.labels[..., None], weights

        return Examples(len(stretches), batch)

    def _varied(self, rows: Frames, random: np.random.Generator) -> Frames:
        """Return stretches (n, length, n_bins) louder or softer, higher or lower."""
        if self.shift:
            moves = random.integers(-self.shift, self.shift, len(rows), endpoint=True)
            last = rows.shape[2] - 1
            bins = np.clip(np.arange(last + 1) - moves[:, None], 0, last)
            rows = np.take_along_axis(rows, bins[:, None], axis=2)
        if self.gain:
            rows = rows + random.normal(0, self.gain, (len(rows), 1, 1)).astype(np.float32)
        return rows

    def _network(self, keras: Any, n_bins: int, n_targets: int) -> tuple[Any, tuple[str, ...]]:
        """Build (n, length, n_bins) to (n, length, n_targets); say how the kernel was clipped."""
        kernel = min(KERNEL, self.sequence_length), min(KERNEL, n_bins)
        notes: tuple[str, ...] = ()
        if kernel != (KERNEL, KERNEL):
            notes = (f"kernel {KERNEL}x{KERNEL} clipped to {kernel[0]}x{kernel[1]}",)
        kind = keras.layers
        rows = keras.Input((None, n_bins))
        present = keras.Input((None,), dtype="bool")
        value = kind.SpatialDropout1D(self.mask)(rows) if self.mask else rows
        value = kind.Reshape((-1, n_bins, 1))(value)
        value = kind.Conv2D(self.filters, kernel, padding="same", activation="relu")(value)
        value = kind.Reshape((-1, n_bins * self.filters))(value)
        shared = kind.Dropout(self.dropout)(value)
        outputs = []
        for _ in range(n_targets):
            branch = kind.Bidirectional(kind.GRU(self.units, return_sequences=True))
            value = kind.Dropout(self.dropout)(branch(shared, mask=present))
            pieces = [kind.Dense(1)(value) for _ in range(self.pieces)]
            outputs.append(kind.Maximum()(pieces) if len(pieces) > 1 else pieces[0])
        output = kind.Concatenate()(outputs) if len(outputs) > 1 else outputs[0]
        return keras.Model([rows, present], output), notes
