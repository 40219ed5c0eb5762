"""Who trains and who tests: song ids, and by name what is wrong with a split that is unfair."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Flaw = Literal["", "optimistic", "leaky"]
Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = ("train", "validation", "test")


@dataclass(frozen=True)
class LabelSplit:
    """Labels dealt to the parts at random, one by one, with no regard for songs: a leak.

    `test` is the share of a song's labels that tests, `validation` the share of the others.
    """

    seed: int
    test: float
    validation: float

    def part(self, song: str, n_labels: int) -> npt.NDArray[np.str_]:
        """Return the part of each label of a song."""
        drawn = np.random.default_rng([self.seed, *song.encode()]).random(n_labels)
        held = self.test + self.validation * (1 - self.test)
        return np.where(drawn < self.test, "test", np.where(drawn < held, "validation", "train"))


@dataclass(frozen=True)
class Fold:
    """Three tuples of song ids, disjoint unless `flaw` says what is wrong.

    Attributes
    ----------
    flaw : str
        Empty for a fair fold. "optimistic": the validation songs may be test songs, so choices are
        made on what is reported. "leaky": training songs may be test songs.
    labels : LabelSplit or None
        For a leaky fold whose songs are in several parts: which of their labels each part has.
    """

    index: int
    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]
    flaw: Flaw = ""
    labels: LabelSplit | None = None

    def __post_init__(self) -> None:
        apart: list[tuple[Part, Part]] = [] if self.flaw else [("validation", "test")]
        if self.flaw != "leaky":
            apart += [("train", "validation"), ("train", "test")]
        for first, second in apart:
            if shared := set(getattr(self, first)) & set(getattr(self, second)):
                raise ValueError(
                    f"fold {self.index}: song {min(shared)} is in {first} and in {second}"
                )
        for part in PARTS:
            song, count = max(Counter(getattr(self, part)).items(), key=_count, default=("", 0))
            if count > 1:
                raise ValueError(f"fold {self.index}: song {song} is in {part} twice")
        if self.labels and self.flaw != "leaky":
            raise ValueError(f"fold {self.index}: a split between labels of a song is leaky")

    @property
    def learned(self) -> tuple[str, ...]:
        """The songs that may be trained on: validation songs too, unless they are test songs."""
        return self.train if self.flaw == "optimistic" else (*self.train, *self.validation)

    def describe(self) -> dict[str, Any]:
        """Return everything that decides who trains and who tests, in plain types."""
        described: dict[str, Any] = {
            "index": self.index,
            **{part: list(getattr(self, part)) for part in PARTS},
        }
        if self.flaw:
            described["flaw"] = self.flaw
        if self.labels:
            described["labels"] = vars(self.labels)
        return described

    def known(self, part: Part, song: str, n_labels: int) -> npt.NDArray[np.bool_]:
        """Return which labels of a song belong to a part: all of them, but in a label split."""
        if self.labels is None:
            return np.ones(n_labels, dtype=bool)
        mask: npt.NDArray[np.bool_] = self.labels.part(song, n_labels) == part
        return mask


def _count(item: tuple[str, int]) -> int:
    return item[1]
