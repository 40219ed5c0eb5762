"""What learns from songs, and what it becomes: a predictor."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from benchmark.errors import BenchmarkError
from benchmark.interfaces.arrays import Floats
from benchmark.interfaces.component import Component
from benchmark.interfaces.view import View
from benchmark.records import SongFrames, TrainingCard


class Predictor(ABC):
    """A fitted model."""

    card: TrainingCard

    @abstractmethod
    def predict(self, songs: Sequence[SongFrames]) -> list[Floats]:
        """Return predictions (n_labels, n_targets) for each song, on the scale of the labels."""

    def save(self, folder: Path) -> None:
        """Write all that `Model.load` needs into a folder that is there and empty.

        Data alone, nothing that loading would run (no pickle).

        Raises
        ------
        BenchmarkError
            Where a predictor cannot be saved, as those that do not say how.
        """
        raise BenchmarkError(
            f"{type(self).__name__} cannot be saved: it wants a method `save`, and its model `load`"
        )


class Model(Component):
    """Hyper-parameters. Handed training and validation songs, never a test song."""

    validates: ClassVar[bool] = True
    """Whether `fit` looks at validation songs; if not, they come to it as training songs."""
    trains_in_epochs: ClassVar[bool] = False
    """Whether `fit` calls `benchmark.watch.epoch_done` after each epoch."""

    @property
    @abstractmethod
    def view(self) -> View | None:
        """What it takes; None for a model that looks at labels only."""

    def warm_up(self) -> None:
        """Import what `fit` needs, so that its cost is not counted as training."""

    @abstractmethod
    def fit(
        self, train: Sequence[SongFrames], validation: Sequence[SongFrames], *, seed: int
    ) -> Predictor:
        """Learn from labelled songs; a NaN label is to be ignored.

        `validation` is for early stopping and choices, and empty for a model that `validates`
        nothing. It is not to be trained on: under an optimistic protocol these are test songs.
        """

    def load(self, folder: Path) -> Predictor:
        """Return what a predictor of this model, with the same parameters, saved in `folder`.

        It predicts the same numbers; its card may be empty.

        Raises
        ------
        BenchmarkError
            Where a file is missing or damaged, or the model does not say how to load.
        """
        raise BenchmarkError(
            f"{type(self).__name__} cannot be loaded: it wants a method `load`, and its predictor "
            "`save`"
        )
