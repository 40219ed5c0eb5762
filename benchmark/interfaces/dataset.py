"""Where songs and ratings come from."""

from __future__ import annotations

from abc import abstractmethod

from benchmark.interfaces.component import Component
from benchmark.records import LABEL_PERIOD, Corpus


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
