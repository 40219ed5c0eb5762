"""Level and the shape of the spectrum: how loud and how bright."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np

from benchmark.features._spectrum import decibels, filtered_power, mel_filters
from benchmark.interfaces import Extractor, Frames

RATE = 22_050
N_FFT, STEP = 2_048, 245
"""93 ms every 11.1 ms: 45 frames in a half second."""
N_MELS = 64
FLOOR = 1e-8


@dataclass(frozen=True, kw_only=True)
class Timbre(Extractor):
    """Level (dB), spectral centroid and spread (kHz) and flatness (dB), 90 times a second.

    Of the power spectrum at 22.05 kHz: its mean, first moment and SD; flatness is the mean level of
    64 mel bands less the level of their mean, 0 for noise as even as they are.
    """

    name: ClassVar[str] = "timbre"
    source: ClassVar[str] = "Peeters et al. 2011, doi:10.1121/1.3642604"
    libraries: ClassVar[tuple[str, ...]] = ("librosa", "scipy")

    @property
    def rate(self) -> int:
        return RATE

    @property
    def hop(self) -> float:
        return STEP / RATE

    @property
    def support(self) -> float:
        return N_FFT / RATE

    @property
    def n_bins(self) -> int:
        return 4

    def extract(self, samples: Frames) -> Frames:
        power = filtered_power(samples, _filters(), n_fft=N_FFT, hop_length=STEP)
        bands, moments = power[:, :N_MELS], power[:, N_MELS:].astype(np.float64)
        total = np.maximum(moments[:, 0], 1e-20)
        centroid = moments[:, 1] / total
        spread = np.sqrt(np.maximum(moments[:, 2] / total - centroid**2, 0.0))
        level = decibels(power[:, N_MELS], floor=FLOOR, factor=10.0)
        even = decibels(bands, floor=FLOOR, factor=10.0).mean(axis=1)
        flatness = even - decibels(bands.mean(axis=1), floor=FLOOR, factor=10.0)
        return np.stack([level, centroid, spread, flatness], axis=1).astype(np.float32)


@cache
def _filters() -> Frames:
    """Return mel bands, and the zeroth, first and second moment: (67, 1 + N_FFT // 2)."""
    kilohertz = np.arange(1 + N_FFT // 2) * RATE / N_FFT / 1000
    moments = np.stack([kilohertz**power for power in range(3)]) / len(kilohertz)
    bands = mel_filters(RATE, N_FFT, N_MELS)
    return np.concatenate([bands, moments.astype(np.float32)])
