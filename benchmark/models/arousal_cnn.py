"""The arousal CNN of the starting project (track_emo_reco): networks 1 to 3 on 1.5 s windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Gt

from benchmark.interfaces import Floats, Indices, Model, Predictor
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
from benchmark.models._networks import NETWORKS, POOL, Layout, build
from benchmark.models._rows import labels_of
from benchmark.models._saved import seal
from benchmark.records import SongFrames, TrainingCard
from benchmark.views import Passages, Windows, window_mean

PREDICTED = 128
"""Windows predicted at a time."""


@dataclass(frozen=True, kw_only=True)
class ArousalCnn(Model):
    """Convolutional network on windows of frames; networks 1, 2, 3 of track_emo_reco.

    ReLU, unpadded convolutions, Adam, MSE. Each window is standardised by its own mean and SD, the
    seed's way, or by those of its `song`, or is left as it is (`standardize: none`). It learns the
    mean of the labels inside its window (`target: window_mean`, the seed's way) or the label
    itself. At most the first `max_windows` windows of a training or validation song are used, so
    that long songs do not outweigh the others; predictions are made for every label. Kernels and
    pools larger than what reaches them are clipped to it, and the training card says so. Unlike the
    seed's, its early stopping never sees a test song, and the weights of the best epoch are kept.

    Two trades for speed. `passage`: so many consecutive windows are convolved in one piece, which
    asks for a hop on the grid of labels (`hop_length: 250`) and no standardisation by window; 8
    take some 0.6 of the time, but a batch holds windows of fewer songs. `precision: bfloat16`:
    products of 16 bits, sums and weights of 32, faster where the processor has them (AVX-512 BF16,
    AMX).
    """

    name: ClassVar[str] = "arousal_cnn"
    source: ClassVar[str] = "track_emo_reco, the starting project of this suite"
    version: ClassVar[int] = 2
    libraries: ClassVar[tuple[str, ...]] = ("tensorflow", "keras")
    trains_in_epochs: ClassVar[bool] = True

    network: Literal[1, 2, 3] = 2
    seconds: Annotated[float, Gt(0)] = 1.5
    standardize: Literal["window", "song", "none"] = "window"
    passage: Annotated[int, Ge(1)] = 1
    precision: Literal["float32", "bfloat16"] = "float32"
    target: Literal["window_mean", "label"] = "window_mean"
    max_windows: Annotated[int, Ge(1)] | None = 100
    learning_rate: Annotated[float, Gt(0)] = 1e-3
    batch_size: Annotated[int, Ge(1)] = 128
    epochs: Annotated[int, Ge(1)] = 100
    patience: Annotated[int, Ge(1)] = 3

    def __post_init__(self) -> None:
        if self.passage > 1 and self.standardize == "window":
            raise ValueError(
                f"passage = {self.passage} convolves windows in one piece, which standardize = "
                f"window forbids: each would need its own; standardize: song or none works"
            )

    @property
    def view(self) -> Passages:
        layers, _ = NETWORKS[self.network]
        windows = Windows(self.seconds, self.standardize)
        return Passages(windows, self.passage, pooled=2 ** layers.count(POOL))

    def warm_up(self) -> None:
        load_keras()

    def fit(
        self, train: Sequence[SongFrames], validation: Sequence[SongFrames], *, seed: int
    ) -> Predictor:
        keras = fresh_keras(seed)
        examples, held = self._examples(train), self._examples(validation)
        hop, n_bins = train[0].hop, train[0].frames.shape[1]
        layout = Layout(
            n_frames=self.view.windows.length(hop),
            n_bins=n_bins,
            step=self.view.step(hop) if self.passage > 1 else 1,
            n_targets=labels_of(train[0]).shape[1],
            precision="mixed_bfloat16" if self.precision == "bfloat16" else "float32",
        )
        network, notes = build(keras, self.network, layout)
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
        """Cut passages after the split, gathered batch by batch: labels not learned weigh 0."""
        view = self.view
        levels = [view.windows.level(song) for song in songs]
        learned, passages = [], []
        for number, song in enumerate(songs):
            labels = labels_of(song)
            known = np.isfinite(labels).all(axis=1)
            if self.target == "window_mean":
                labels = window_mean(labels, self.seconds)
            chosen = np.flatnonzero(known)[: self.max_windows]
            kept = np.full((len(labels) + self.passage, labels.shape[1]), np.nan)
            kept[chosen] = labels[chosen]
            learned.append(kept)
            starts = range(chosen[0], chosen[-1] + 1, self.passage) if len(chosen) else ()
            passages += [
                (number, first)
                for first in starts
                if np.isfinite(kept[first : first + self.passage]).any()
            ]
        pairs = np.array(passages)
        n_learned = sum(int(np.isfinite(kept).all(axis=1).sum()) for kept in learned)

        def batch(which: Indices) -> Batch:
            inputs, labels = [], []
            for number, first in pairs[which]:
                piece = view.pieces(songs[number], np.array([first]), level=levels[number])
                inputs.append(piece)
                labels.append(learned[number][first : first + self.passage])
            targets = np.array(labels, dtype=np.float32)
            weights = np.asarray(np.isfinite(targets).all(axis=2), dtype=np.float32)
            return np.concatenate(inputs)[..., None], np.nan_to_num(targets), weights

        return Examples(len(pairs), batch, each=self.passage, learned=n_learned)


class WindowPredictor(Predictor):
    """A trained network, applied to the windows of each song."""

    def __init__(self, network: Any, view: Passages, card: TrainingCard) -> None:
        self.card = card
        self._network = network
        self._view = view

    def predict(self, songs: Sequence[SongFrames]) -> list[Floats]:
        return [self._values(song)[: len(song.times)] for song in songs]

    def save(self, folder: Path) -> None:
        save_network(self._network, folder)
        seal(folder)

    def _values(self, song: SongFrames) -> Floats:
        first = np.arange(0, len(song.times), self._view.labels)
        size = max(1, PREDICTED // self._view.labels)
        level = self._view.windows.level(song)
        parts = [
            self._network.predict_on_batch(
                self._view.pieces(song, first[start : start + size], level=level)[..., None]
            )
            for start in range(0, len(first), size)
        ]
        values: Floats = np.concatenate(parts).astype(np.float64)
        return values.reshape(-1, values.shape[-1])
