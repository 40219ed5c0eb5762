"""K-fold cross-validation by song, stratified by subset: no song is on both sides of a split."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Ge, Gt, Lt

from benchmark.errors import DataError
from benchmark.interfaces import Protocol
from benchmark.records import Fold, Song


@dataclass(frozen=True, kw_only=True)
class SongKfold(Protocol):
    """K folds by song: every song is tested once, by models that never met it.

    Songs are dealt to the folds in a random order (`seed`), subset by subset, so each fold has its
    share of every subset; of each fold's training songs a share (`validation`) is set aside the
    same way for early stopping. `only` runs some of the folds, counted from 0: fewer test songs, so
    a track of its own.
    """

    name: ClassVar[str] = "song_kfold"

    folds: Annotated[int, Ge(2)] = 5
    validation: Annotated[float, Gt(0), Lt(1)] = 0.15
    seed: Annotated[int, Ge(0)] = 0
    only: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for index in self.only:
            if not 0 <= index < self.folds:
                raise ValueError(
                    f"only = {list(self.only)}: there is no fold {index}; "
                    f"0 to {self.folds - 1} work"
                )
            if self.only.count(index) > 1:
                raise ValueError(f"only = {list(self.only)}: fold {index} stands there twice")

    @property
    def in_words(self) -> str:
        some = f"; only fold {', '.join(map(str, self.only))}" if self.only else ""
        return (
            f"{self.folds}-fold cross-validation by song, stratified by subset (draw {self.seed}), "
            f"{self.validation:.0%} of the training songs for validation{some}"
        )

    def draw(self, songs: Sequence[Song]) -> tuple[Fold, ...]:
        if self.folds > len(songs):
            raise DataError(
                f"folds = {self.folds} is more than the {len(songs)} songs there are; "
                f"{len(songs)} or fewer works"
            )
        left = len(songs) - math.ceil(len(songs) / self.folds)
        if left < 2:
            raise DataError(
                f"folds = {self.folds} leaves {left} of {len(songs)} songs for training and "
                f"validation, which need one each; 4 songs or more work"
            )
        random = np.random.default_rng(self.seed)
        subset = {song.id: song.groups.get("subset", "") for song in songs}
        order = _shuffled(subset, random)
        drawn = []
        for index in range(self.folds):
            test = set(order[index :: self.folds])
            rest = _shuffled({song: subset[song] for song in subset if song not in test}, random)
            count = min(max(1, round(self.validation * len(rest))), len(rest) - 1)
            validation = {rest[int((pick + 0.5) * len(rest) / count)] for pick in range(count)}
            train = set(rest) - validation
            parts = (tuple(sorted(part)) for part in (train, validation, test))
            drawn.append(Fold(index, *parts))
        return tuple(drawn[index] for index in self.only or range(self.folds))


def _shuffled(subset: Mapping[str, str], random: np.random.Generator) -> list[str]:
    """Return the songs in random order, one subset after the other."""
    order: list[str] = []
    for name in sorted(set(subset.values())):
        members = sorted(song for song in subset if subset[song] == name)
        order.extend(str(song) for song in random.permutation(members))
    return order
