"""One random split by song or artist, repeated if asked: the simplest fair protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Ge, Gt, Lt

from benchmark.errors import DataError
from benchmark.interfaces import Protocol
from benchmark.protocols._draw import Group, fold, held, shuffled, units
from benchmark.records import Fold, Song


@dataclass(frozen=True, kw_only=True)
class Holdout(Protocol):
    """A share of the songs tests, the others train; validation songs come from the latter.

    Stratified by subset; with `group: artist`, artists stay together. `repeats` draws anew.
    """

    name: ClassVar[str] = "holdout"

    test: Annotated[float, Gt(0), Lt(1)] = 0.3
    group: Group = "song"
    repeats: Annotated[int, Ge(1)] = 1
    validation: Annotated[float, Gt(0), Lt(1)] = 0.15
    seed: Annotated[int, Ge(0)] = 0

    @property
    def in_words(self) -> str:
        repeated = f", drawn {self.repeats} times" if self.repeats > 1 else ""
        return (
            f"random split by {self.group}{repeated}, stratified by subset (draw {self.seed}): "
            f"{self.test:.0%} of the songs test, of the others {self.validation:.0%} validate"
        )

    def draw(self, songs: Sequence[Song]) -> tuple[Fold, ...]:
        grouped = units(songs, self.group)
        if len(grouped) < 3:
            raise DataError(f"{len(grouped)} {self.group}s are too few; 3 or more work")
        drawn = []
        for repeat in range(self.repeats):
            random = np.random.default_rng([self.seed, repeat])
            test = held(shuffled(grouped, random), self.test)
            rest = [unit for unit in grouped if test.isdisjoint(unit.songs)]
            if len(rest) < 2:
                raise DataError(
                    f"test = {self.test:g} leaves {len(rest)} of {len(grouped)} {self.group}s for "
                    f"training and validation, which need one each; a smaller share works"
                )
            drawn.append(fold(repeat, rest, test, self.validation, random))
        return tuple(drawn)
