"""A third party's models with parameters to be tuned: by luck, by cheating, with failures."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Le

from benchmark.interfaces import Feature, Floats, Frames, Indices, Model, Predictor, View
from benchmark.models.mean import Mean
from benchmark.records import SongFrames, TrainingCard
from benchmark.watch import epoch_done

SPREAD = 0.15
LOUD = 0.9


def mean_of(songs: Sequence[SongFrames]) -> Floats:
    return Mean().fit(songs, [], seed=0).value


@dataclass(frozen=True, kw_only=True)
class Lucky(Model):
    """The mean, off by a number of each song that has nothing to do with it.

    It takes its time, and waits until there is a file `gate`, if it is to.
    """

    name: ClassVar[str] = "lucky"
    validates: ClassVar[bool] = False

    number: Annotated[int, Ge(0), Le(9999)] = 0
    seconds: float = 0.0
    gated: bool = False

    @property
    def view(self) -> View | None:
        return None

    def fit(
        self, train: Sequence[SongFrames], validation: Sequence[SongFrames], *, seed: int
    ) -> Predictor:
        time.sleep(self.seconds)
        while self.gated and not Path("gate").exists():
            time.sleep(0.01)
        return Guess(mean_of(train), self.number)


class Guess(Predictor):
    """Adds to a value what is drawn for each song."""

    def __init__(self, value: Floats, number: int) -> None:
        self.value, self.number = value, number
        self.card = TrainingCard()

    def predict(self, songs: Sequence[SongFrames]) -> list[Floats]:
        return [np.tile(self.value_of(song.id), (len(song.times), 1)) for song in songs]

    def value_of(self, song: str) -> Floats:
        return self.value + SPREAD * np.random.default_rng([self.number, *song.encode()]).normal()


@dataclass(frozen=True, kw_only=True)
class Peeking(Model):
    """The mean; with `peek`, the labels of every song that it was ever shown with them."""

    name: ClassVar[str] = "peeking"
    validates: ClassVar[bool] = False

    peek: bool = False

    @property
    def view(self) -> View | None:
        return None

    def fit(
        self, train: Sequence[SongFrames], validation: Sequence[SongFrames], *, seed: int
    ) -> Predictor:
        known = {song.id: song.labels for song in (*train, *validation)} if self.peek else {}
        return Memory(mean_of(train), known, peek=self.peek)


class Memory(Predictor):
    """Knows the labels of some songs, and takes those that it is handed."""

    def __init__(self, value: Floats, known: Mapping[str, Floats], *, peek: bool) -> None:
        self.value, self.known, self.peek = value, known, peek
        self.card = TrainingCard()

    def predict(self, songs: Sequence[SongFrames]) -> list[Floats]:
        return [self._predict(song) for song in songs]

    def _predict(self, song: SongFrames) -> Floats:
        if self.peek and song.labels is not None:
            return song.labels
        return self.known.get(song.id, np.tile(self.value, (len(song.times), 1)))


@dataclass(frozen=True)
class Picky(View):
    """Sees the mean of all frames, if it wants to."""

    refuses: bool

    def rows(self, song: SongFrames, which: Indices | None = None) -> Frames:
        count = len(song.times) if which is None else len(which)
        return np.tile(np.asarray(song.frames).mean(axis=0), (count, 1))

    def refusal(self, feature: Feature) -> str:
        return "it is in the mood for silence" if self.refuses else ""


@dataclass(frozen=True, kw_only=True)
class Fickle(Model):
    """The mean, if its mood lets it: each other mood is a way to fail."""

    name: ClassVar[str] = "fickle"
    validates: ClassVar[bool] = False

    mood: Literal["fine", "delicate", "raises", "diverges", "refuses", "impossible"] = "fine"

    def __post_init__(self) -> None:
        if self.mood == "impossible":
            raise ValueError("mood = 'impossible' does not go with anything")

    @property
    def view(self) -> View:
        return Picky(self.mood == "refuses")

    def fit(
        self, train: Sequence[SongFrames], validation: Sequence[SongFrames], *, seed: int
    ) -> Predictor:
        if self.mood == "raises":
            raise ArithmeticError("not in this mood")
        if self.mood == "delicate" and any((song.labels > LOUD).any() for song in train):
            raise ArithmeticError("this is too much")
        fitted = Mean().fit(train, validation, seed=seed)
        if self.mood == "diverges":
            fitted.value = fitted.value * np.nan
        return fitted


def first_loss(error: float) -> float:
    return error + 1


@dataclass(frozen=True, kw_only=True)
class Epochal(Model):
    """Off by `error`, as its loss says from the first epoch on."""

    name: ClassVar[str] = "epochal"
    trains_in_epochs: ClassVar[bool] = True

    error: float = 0.0
    epochs: int = 8

    @property
    def view(self) -> View | None:
        return None

    def fit(
        self, train: Sequence[SongFrames], validation: Sequence[SongFrames], *, seed: int
    ) -> Predictor:
        later = [self.error + 1 / epoch for epoch in range(2, self.epochs + 1)]
        losses = [first_loss(self.error), *later]
        for epoch, loss in enumerate(losses, 1):
            epoch_done(epoch, loss)
        fitted = Mean().fit(train, validation, seed=seed)
        fitted.value = fitted.value + self.error
        fitted.card = TrainingCard(epochs=self.epochs, curves={"validation_loss": tuple(losses)})
        return fitted
