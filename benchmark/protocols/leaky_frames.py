"""A random split of half seconds instead of songs: what not to do, for the protocol report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Ge, Gt, Le, Lt

from benchmark.errors import DataError
from benchmark.interfaces import Protocol
from benchmark.records import Fold, LabelSplit, Song
from benchmark.records.fold import Flaw


@dataclass(frozen=True, kw_only=True)
class LeakyFrames(Protocol):
    """Leaky: labels are dealt at random, so every song trains and tests.

    Neighbouring half seconds, and windows that overlap, lie on both sides.
    """

    name: ClassVar[str] = "leaky_frames"
    parts_songs: ClassVar[bool] = True

    test: Annotated[float, Gt(0), Lt(1)] = 0.3
    repeats: Annotated[int, Ge(1), Le(1000)] = 1
    validation: Annotated[float, Gt(0), Lt(1)] = 0.15
    seed: Annotated[int, Ge(0)] = 0

    @property
    def in_words(self) -> str:
        repeated = f", drawn {self.repeats} times" if self.repeats > 1 else ""
        return (
            f"random split of single labels{repeated} (draw {self.seed}): {self.test:.0%} of the "
            f"half seconds test, of the others {self.validation:.0%} validate; "
            f"every song is on both sides"
        )

    @property
    def flaw(self) -> Flaw:
        return "leaky"

    def draw(self, songs: Sequence[Song]) -> tuple[Fold, ...]:
        if not songs:
            raise DataError("there are no songs")
        every = tuple(sorted(song.id for song in songs))
        return tuple(
            Fold(
                repeat,
                train=every,
                validation=every,
                test=every,
                flaw=self.flaw,
                labels=LabelSplit(1000 * self.seed + repeat, self.test, self.validation),
            )
            for repeat in range(self.repeats)
        )
