"""Who trains and who tests."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from benchmark.interfaces.component import Component
from benchmark.records import Fold, Song
from benchmark.records.fold import Flaw


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
