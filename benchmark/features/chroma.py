"""Chroma from an STFT (Ellis 2007), in librosa's definition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Ge, Le

from benchmark.features._spectrum import MOST_FFT, Spectral, chroma_filters, filtered_power
from benchmark.interfaces import Frames


@dataclass(frozen=True, kw_only=True)
class Chroma(Spectral):
    """12 pitch classes at 12 kHz with a 16,384-point FFT, 10 frames a second.

    Each frame is divided by its maximum; a silent frame stays zero. `tuning` (fractions of a bin)
    is fixed: librosa's estimate from the whole song would make a frame depend on all others. Agrees
    with `librosa.feature.chroma_stft(tuning=...)`.
    """

    name: ClassVar[str] = "chroma"
    source: ClassVar[str] = (
        "Ellis 2007, https://www.ee.columbia.edu/~dpwe/resources/matlab/chroma-ansyn"
    )

    n_fft: Annotated[int, Ge(16), Le(MOST_FFT)] = 16_384
    hop_length: Annotated[int, Ge(1)] = 1_200
    n_chroma: Annotated[int, Ge(1)] = 12
    tuning: float = 0.0

    @property
    def n_bins(self) -> int:
        return self.n_chroma

    def extract(self, samples: Frames) -> Frames:
        filters = chroma_filters(self.sample_rate, self.n_fft, self.n_chroma, self.tuning)
        power = filtered_power(samples, filters, n_fft=self.n_fft, hop_length=self.hop_length)
        loudest = power.max(axis=1, keepdims=True)
        heard = loudest > np.finfo(np.float32).tiny
        scale: Frames = np.where(heard, loudest, np.float32(1))
        return power / scale
