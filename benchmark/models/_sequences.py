"""Songs as sequences of label rows: cut, standardised, padded and masked for recurrent networks."""

from __future__ import annotations

from collections.abc import Sequence as Songs
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.interfaces import Floats, Frames, Predictor
from benchmark.models._keras import load_network, save_network
from benchmark.models._saved import seal, unsealed
from benchmark.records import SongFrames, TrainingCard
from benchmark.views import Sequence

SCALER = "scaler.npz"


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


@dataclass(frozen=True)
class Stretch:
    """Consecutive labels of a song: rows (n_labels, n_bins) and labels (n_labels, n_targets)."""

    rows: Frames
    labels: Floats


def cut(rows: Frames, labels: Floats, length: int) -> list[Stretch]:
    """Cut a song into stretches of `length` labels that do not overlap; the last may be shorter."""
    return [
        Stretch(rows[start : start + length], labels[start : start + length])
        for start in range(0, len(rows), length)
    ]


@dataclass(frozen=True)
class Padded:
    """Stretches of one length.

    Attributes
    ----------
    rows : array (n, length, n_bins)
        Zero after the end of a stretch.
    present : array (n, length)
        False after the end of a stretch.
    labels : array (n, length, n_targets), float32
        Zero where there is none.
    known : array (n, length, n_targets)
        Where there is a label.
    """

    rows: Frames
    present: npt.NDArray[np.bool_]
    labels: Frames
    known: npt.NDArray[np.bool_]


def padded(stretches: Songs[Stretch], length: int) -> Padded:
    """Put stretches of at most `length` labels into arrays."""
    shape = (len(stretches), length)
    rows: Frames = np.zeros((*shape, stretches[0].rows.shape[1]), dtype=np.float32)
    present = np.zeros(shape, dtype=bool)
    labels = np.full((*shape, stretches[0].labels.shape[1]), np.nan, dtype=np.float32)
    for number, stretch in enumerate(stretches):
        rows[number, : len(stretch.rows)] = stretch.rows
        present[number, : len(stretch.rows)] = True
        labels[number, : len(stretch.rows)] = stretch.labels
    return Padded(rows, present, np.nan_to_num(labels), np.isfinite(labels))


class SequencePredictor(Predictor):
    """A trained network, run over each whole song, or over its stretches of `length` labels."""

    def __init__(
        self,
        network: Any,
        view: Sequence,
        scaler: Scaler,
        card: TrainingCard,
        *,
        length: int | None = None,
    ) -> None:
        self.card = card
        self._network = network
        self._view = view
        self._scaler = scaler
        self._length = length

    def predict(self, songs: Songs[SongFrames]) -> list[Floats]:
        values = self._whole if self._length is None else self._by_stretch
        return [values(self._scaler.scaled(self._view.rows(song))) for song in songs]

    def save(self, folder: Path) -> None:
        save_network(self._network, folder)
        np.savez(folder / SCALER, mean=self._scaler.mean, sd=self._scaler.sd)
        seal(folder)

    def _whole(self, rows: Frames) -> Floats:
        output = np.asarray(self._network([rows[None], np.ones((1, len(rows)), dtype=bool)]))[0]
        return np.broadcast_to(output, (len(rows), output.shape[-1])).astype(np.float64)

    def _by_stretch(self, rows: Frames) -> Floats:
        assert self._length is not None
        stretches = padded(cut(rows, np.empty((len(rows), 0)), self._length), self._length)
        output = self._network.predict_on_batch([stretches.rows, stretches.present])
        values: Floats = np.asarray(output)[stretches.present].astype(np.float64)
        return values


def load_sequences(folder: Path, view: Sequence, *, length: int | None = None) -> SequencePredictor:
    """Return what a `SequencePredictor` saved."""
    network = load_network(folder)
    with unsealed(folder), np.load(folder / SCALER, allow_pickle=False) as arrays:
        scaler = Scaler(arrays["mean"], arrays["sd"])
    return SequencePredictor(network, view, scaler, TrainingCard(), length=length)
