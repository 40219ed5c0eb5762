"""K-fold cross-validation by song or artist: none of them is on both sides of a split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Ge, Gt, Lt

from benchmark.errors import DataError
from benchmark.interfaces import Protocol
from benchmark.protocols._draw import Group, dealt, fold, shuffled, units
from benchmark.records import Fold, Song


@dataclass(frozen=True, kw_only=True)
class SongKfold(Protocol):
    """K folds by song: every song is tested once, by models that never met it.

    Songs are dealt to the folds in a random order (`seed`), subset by subset, so each fold has its
    share of every subset; of each fold's training songs a share (`validation`) is set aside the
    same way for early stopping. With `group: artist` all songs of an artist stay together, in
    validation too. `repeats` draws all folds that many times. `only` runs some of the folds,
    counted from 0 through all repeats: fewer test songs, so a track of its own.
    """

    name: ClassVar[str] = "song_kfold"

    folds: Annotated[int, Ge(2)] = 5
    group: Group = "song"
    repeats: Annotated[int, Ge(1)] = 1
    validation: Annotated[float, Gt(0), Lt(1)] = 0.15
    seed: Annotated[int, Ge(0)] = 0
    only: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        last = self.folds * self.repeats - 1
        for index in self.only:
            if not 0 <= index <= last:
                raise ValueError(
                    f"only = {list(self.only)}: there is no fold {index}; 0 to {last} work"
                )
            if self.only.count(index) > 1:
                raise ValueError(f"only = {list(self.only)}: fold {index} stands there twice")

    @property
    def in_words(self) -> str:
        some = f"; only fold {', '.join(map(str, self.only))}" if self.only else ""
        repeated = f", {self.repeats} times" if self.repeats > 1 else ""
        return (
            f"{self.folds}-fold cross-validation by {self.group}{repeated}, stratified by subset "
            f"(draw {self.seed}), {self.validation:.0%} of the training songs for validation{some}"
        )

    def draw(self, songs: Sequence[Song]) -> tuple[Fold, ...]:
        grouped = units(songs, self.group)
        if self.folds > len(grouped):
            raise DataError(
                f"folds = {self.folds} is more than the {len(grouped)} {self.group}s there are; "
                f"{len(grouped)} or fewer works"
            )
        drawn: list[Fold] = []
        for repeat in range(self.repeats):
            random = np.random.default_rng([self.seed, repeat])
            for test in dealt(shuffled(grouped, random), self.folds):
                rest = [unit for unit in grouped if test.isdisjoint(unit.songs)]
                if len(rest) < 2:
                    raise DataError(
                        f"folds = {self.folds} leaves {len(rest)} of {len(grouped)} {self.group}s "
                        f"for training and validation, which need one each; "
                        f"{'more folds' if len(grouped) > 3 else f'4 {self.group}s or more'} work"
                    )
                drawn.append(fold(len(drawn), rest, test, self.validation, random))
        return tuple(drawn[index] for index in self.only or range(len(drawn)))
