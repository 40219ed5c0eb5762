"""What a plug-in must be: small abstract classes, each a frozen dataclass of its parameters.

The fields of a component are its parameters: an experiment file sets them by name, their types
(with `annotated_types` bounds) are its validation, their defaults are the recipe. Change `version`
whenever the same parameters would give other numbers: it is part of every key.
"""

from __future__ import annotations

import dataclasses
import math
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from benchmark.errors import BenchmarkError
from benchmark.records import LABEL_PERIOD, Corpus, Fold, Song, SongFrames, TrainingCard
from benchmark.records.fold import Flaw

Floats = npt.NDArray[np.float64]
Frames = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]


class Component(ABC):
    """A plug-in: named after its file, versioned, described by its parameters."""

    name: ClassVar[str]
    version: ClassVar[int] = 1
    libraries: ClassVar[tuple[str, ...]] = ()
    """Distributions whose version can change the numbers; part of every job key."""
    how_to_get: ClassVar[str] = ""
    """How to get those of `libraries` that do not come with this package; said where one lacks."""

    def describe(self) -> dict[str, Any]:
        """Return name, version and parameters in plain types, as keys and tables need them."""
        parameters = {field.name: _plain(getattr(self, field.name)) for field in self._fields()}
        return {"name": self.name, "version": self.version, "parameters": parameters}

    @property
    def label(self) -> str:
        """The name, with the parameters that differ from their defaults: `mfcc(n_mfcc=13)`."""
        return self.label_without(())

    def label_without(self, names: Collection[str]) -> str:
        """Return the label but for some parameters."""
        changed = [
            f"{field.name}={_plain(getattr(self, field.name))}"
            for field in self._fields()
            if getattr(self, field.name) != field.default and field.name not in names
        ]
        return f"{self.name}({', '.join(changed)})" if changed else self.name

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """Return the parameters and their defaults, in plain types."""
        return {field.name: _plain(field.default) for field in dataclasses.fields(cls)}  # type: ignore[arg-type]

    def _fields(self) -> tuple[dataclasses.Field[Any], ...]:
        return dataclasses.fields(self)  # type: ignore[arg-type]


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.as_posix() if isinstance(value, PurePath) else value


class Dataset(Component):
    """Songs with audio and ratings."""

    @property
    def period(self) -> float:
        """Seconds a label covers; infinite where each song has one label, of all of it."""
        return LABEL_PERIOD

    @abstractmethod
    def load(self) -> Corpus:
        """Read tables and audio hashes; no audio is decoded.

        Raises
        ------
        DataError
            Where nothing usable is there, or what is there could be misread.
        """


class Feature(Component):
    """Frames of songs: computed from samples (`Extractor`) or shipped with a dataset."""

    @property
    @abstractmethod
    def hop(self) -> float:
        """Seconds between frames, frame i centred at i * hop; infinite for one vector a song."""

    @property
    @abstractmethod
    def n_bins(self) -> int:
        """Values per frame."""


class Extractor(Feature):
    """Samples to frames. Sees one song, never a label."""

    @property
    @abstractmethod
    def rate(self) -> int:
        """Samples per second of the waveform it takes."""

    @property
    @abstractmethod
    def support(self) -> float:
        """Seconds of audio a frame sees. Frames are the same block by block as at once."""

    @property
    def grid(self) -> float:
        """Seconds between the places where a block of samples may begin: a multiple of the hop."""
        return self.hop

    @abstractmethod
    def extract(self, samples: Frames) -> Frames:
        """Return frames (n_frames, n_bins) of a mono waveform at `rate`."""


class Precomputed(Feature):
    """Frames that lie in a dataset's folder."""

    @abstractmethod
    def read(self, root: Path) -> Mapping[str, Frames]:
        """Return frames (n_frames, n_bins) by song id, of all songs there are any of.

        Raises
        ------
        DataError
            Where they are missing or malformed.
        """


class View(ABC):
    """What a model sees around each label, made on demand, never for a whole dataset."""

    averages: ClassVar[bool] = False
    """Whether its rows stand for the frames: taken as frames `LABEL_PERIOD` apart, the same rows
    come of them. So a song can be handed over in parts, whatever its length."""

    @abstractmethod
    def rows(self, song: SongFrames, which: Indices | None = None) -> Frames:
        """Return what is seen around the labels `which` (all by default): (len(which), ...)."""

    whole_songs: ClassVar[bool] = False
    """Whether a row can stand for a whole song, as a label of a whole song asks."""

    @property
    def reach(self) -> float:
        """Seconds of audio it sees on either side of the middle of a label, at most."""
        return math.inf

    def refusal(self, feature: Feature) -> str:
        """Say why this feature makes no sense here and what would; empty if it does."""
        return ""


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


class Protocol(Component):
    """Who trains and who tests."""

    @property
    @abstractmethod
    def in_words(self) -> str:
        """Say in half a sentence who trains and who tests: tables show it."""

    parts_songs: ClassVar[bool] = False
    """Whether it deals single labels, not songs, to its sides."""

    @property
    def flaw(self) -> Flaw:
        """What is wrong with it, shown wherever its numbers appear; empty for a fair protocol."""
        return ""

    @abstractmethod
    def draw(self, songs: Sequence[Song]) -> tuple[Fold, ...]:
        """Draw the folds; the same songs give the same folds, whatever their order.

        Raises
        ------
        DataError
            Where the songs are too few for the protocol.
        """
