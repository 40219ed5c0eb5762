"""What becomes of a song before any model sees it: frames."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmark.interfaces.arrays import Frames
from benchmark.interfaces.component import Component


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


class Staged(Extractor):
    """An extractor in two steps; the first is done once for all whose first steps are equal."""

    @property
    @abstractmethod
    def first(self) -> Callable[[Frames], Frames]:
        """What is made of the samples: hashable, and equal to another if it gives the same."""

    @abstractmethod
    def second(self, made: Frames) -> Frames:
        """Return frames (n_frames, n_bins) of what `first` made; leaves that as it is."""

    def extract(self, samples: Frames) -> Frames:
        return self.second(self.first(samples))


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
