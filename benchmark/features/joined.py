"""Several features side by side, twice a second."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from benchmark import registry
from benchmark.audio import Audio
from benchmark.features._stretches import HOP, TwiceASecond, n_frames, stretches
from benchmark.interfaces import Extractor, Floats, Frames

RINGING = 0.1
"""Seconds of audio, generously, that resampling mixes into a sample."""


def _usual() -> tuple[Extractor, ...]:
    found: list[Any] = [registry.component("features", name) for name in ("mel", "chroma")]
    return tuple(extractor() for extractor in found)


@dataclass(frozen=True, kw_only=True)
class Joined(TwiceASecond):
    """The frames of several extractors, averaged over half seconds.

    A part whose frames are closer together than that gives their mean and SD, any other the mean
    alone. Samples come at the highest rate of the parts; who wants fewer gets them resampled.
    """

    name: ClassVar[str] = "joined"
    libraries: ClassVar[tuple[str, ...]] = ("soxr",)

    of: tuple[Extractor, ...] = field(default_factory=_usual)

    def __post_init__(self) -> None:
        if not self.of:
            raise ValueError("of: names no feature; two or more are joined")
        for part in self.of:
            if math.isinf(part.hop):
                raise ValueError(
                    f"of: {part.label} is one vector a song, which has no half seconds"
                )

    @property
    def rate(self) -> int:
        return max(part.rate for part in self.of)

    @property
    def support(self) -> float:
        return max(part.support for part in self.of) + HOP + RINGING

    @property
    def grid(self) -> float:
        grids = [Fraction(round(part.grid * part.rate), part.rate) for part in self.of]
        whole = Fraction(HOP)
        for grid in grids:
            whole = Fraction(
                math.lcm(whole.numerator, grid.numerator),
                math.gcd(whole.denominator, grid.denominator),
            )
        return float(whole)

    @property
    def n_bins(self) -> int:
        return sum(part.n_bins * (2 if _is_fine(part) else 1) for part in self.of)

    def label_without(self, names: Any) -> str:
        parts = " + ".join(part.label for part in self.of)
        return self.name if self.of == _usual() else f"{self.name}({parts})"

    def extract(self, samples: Frames) -> Frames:
        audio = Audio(samples, self.rate)
        heard = {rate: audio.resampled(rate) for rate in {part.rate for part in self.of}}
        made = [_half_seconds(part, heard[part.rate]) for part in self.of]
        count = n_frames(len(samples), self.rate)
        whole = [np.pad(frames, ((0, count), (0, 0)), mode="edge")[:count] for frames in made]
        return np.concatenate(whole, axis=1).astype(np.float32)


def _is_fine(part: Extractor) -> bool:
    return 2 * part.hop <= HOP


def _half_seconds(part: Extractor, samples: Frames) -> Floats:
    """Return mean and, of fine frames, SD of each half second around a multiple of it."""
    frames = part.extract(samples).astype(np.float64)
    count = n_frames(len(samples), part.rate)
    first, past = stretches(count, HOP, part.hop, len(frames))
    frames, lengths = np.pad(frames, ((0, 1), (0, 0))), (past - first)[:, None]
    ends = np.stack([first, past], axis=1).ravel()  # of coarse frames the last may be in two
    mean: Floats = np.add.reduceat(frames, ends)[::2] / lengths
    if not _is_fine(part):
        return mean
    own = np.clip(np.searchsorted(first, np.arange(len(frames)), "right") - 1, 0, None)
    variance = np.add.reduceat((frames - mean[own]) ** 2, ends)[::2] / lengths
    return np.concatenate([mean, np.sqrt(variance)], axis=1)
