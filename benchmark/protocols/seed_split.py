"""How the starting project (track_emo_reco) measured itself: a demonstration, not a protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Ge, Gt, Lt

from benchmark.interfaces import Protocol
from benchmark.protocols.holdout import Holdout
from benchmark.records import Fold, Song
from benchmark.records.fold import Flaw


@dataclass(frozen=True, kw_only=True)
class SeedSplit(Protocol):
    """Optimistic: a random split by song whose test songs also decide when to stop training.

    The test songs are those of `holdout` with the same parameters; all others train. A model that
    makes no choices gets there what it gets in `holdout`.
    """

    name: ClassVar[str] = "seed_split"

    test: Annotated[float, Gt(0), Lt(1)] = 0.3
    repeats: Annotated[int, Ge(1)] = 1
    seed: Annotated[int, Ge(0)] = 0

    @property
    def in_words(self) -> str:
        repeated = f", drawn {self.repeats} times" if self.repeats > 1 else ""
        return (
            f"random split by song{repeated}, stratified by subset (draw {self.seed}): "
            f"{self.test:.0%} of the songs test and also decide when to stop training, "
            f"the others train (the starting project's way)"
        )

    @property
    def flaw(self) -> Flaw:
        return "optimistic"

    def draw(self, songs: Sequence[Song]) -> tuple[Fold, ...]:
        fair = Holdout(test=self.test, repeats=self.repeats, seed=self.seed)
        return tuple(
            Fold(
                fold.index,
                train=tuple(sorted((*fold.train, *fold.validation))),
                validation=fold.test,
                test=fold.test,
                flaw=self.flaw,
            )
            for fold in fair.draw(songs)
        )
