"""Mel-frequency cepstral coefficients (Davis & Mermelstein 1980), in librosa's definition."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Ge, Gt

from benchmark.features._spectrum import MelPower, Spectral, decibels
from benchmark.interfaces import Frames, Staged


@dataclass(frozen=True, kw_only=True)
class Mfcc(Spectral, Staged):
    """20 cepstral coefficients of a 96-band mel spectrum, 47 frames a second.

    Orthonormal DCT-II of 10 log10(max(S, amin)), without `top_db`. Agrees with
    `librosa.feature.mfcc` given the same log-mel spectrum. Framing is that of `mel`.
    """

    name: ClassVar[str] = "mfcc"
    source: ClassVar[str] = "Davis & Mermelstein 1980, doi:10.1109/TASSP.1980.1163420"

    n_mfcc: Annotated[int, Ge(1)] = 20
    n_mels: Annotated[int, Ge(1)] = 96
    amin: Annotated[float, Gt(0)] = 1e-10

    def __post_init__(self) -> None:
        if self.n_mfcc > self.n_mels:
            raise ValueError(f"n_mfcc = {self.n_mfcc} is more than n_mels = {self.n_mels}")

    @property
    def n_bins(self) -> int:
        return self.n_mfcc

    @property
    def first(self) -> Callable[[Frames], Frames]:
        return MelPower(self.sample_rate, self.n_fft, self.hop_length, self.n_mels)

    def second(self, made: Frames) -> Frames:
        return decibels(made, floor=self.amin, factor=10.0) @ _dct(self.n_mels, self.n_mfcc)


@cache
def _dct(n_inputs: int, n_outputs: int) -> Frames:
    """Return the orthonormal DCT-II as a matrix (n_inputs, n_outputs)."""
    angle = np.pi * (np.arange(n_inputs)[:, None] + 0.5) * np.arange(n_outputs) / n_inputs
    basis = np.cos(angle) * math.sqrt(2.0 / n_inputs)
    basis[:, 0] /= math.sqrt(2.0)
    return basis.astype(np.float32)
