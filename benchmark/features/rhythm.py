"""Onsets, pulse and modulation: how busy and how regular the music is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Ge

from benchmark.features._spectrum import MelPower
from benchmark.features._stretches import TwiceASecond, means, n_frames, stretches
from benchmark.interfaces import Floats, Frames, Indices

RATE = 12_000
STEP = 120
"""Samples between values of the flux: 10 ms."""
MEL = MelPower(RATE, 512, STEP, 40)
LOW, HIGH = 10, 20
"""The lowest mel bands, up to about 0.7 kHz, and the bands from about 1.4 kHz on."""
AROUND = 10
"""Values of the flux on either side of an onset that it stands above."""
LAGS = (0.1, 0.2, 0.3, 0.45, 0.7, 1.0, 1.5, 2.2)
"""Seconds: edges between bands of inter-onset intervals."""
MODULATIONS = (0.3, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Hz: edges between bands of amplitude modulation."""
N_FFT = 4_096
BATCH = 128
TINY = 1e-9


@dataclass(frozen=True, kw_only=True)
class Rhythm(TwiceASecond):
    """20 values on the onsets of the `seconds` around, twice a second.

    Of the spectral flux, the rise of log(1 + 100 power) in 40 mel bands every 10 ms: mean and SD,
    of all, low and high bands; onsets a second (peaks above 1.3 times the mean of 0.2 s around) and
    their mean height; the highest autocorrelation in seven bands of lags, which is the strength of
    pulses of such a period; and the share of five bands in its modulation spectrum.
    """

    name: ClassVar[str] = "rhythm"
    source: ClassVar[str] = "Bello et al. 2005, doi:10.1109/TSA.2005.851998"
    libraries: ClassVar[tuple[str, ...]] = ("librosa", "scipy")

    seconds: Annotated[float, Ge(5)] = 12.0

    @property
    def rate(self) -> int:
        return RATE

    @property
    def support(self) -> float:
        return self.seconds + 2 * (AROUND + 2) * STEP / RATE + MEL.n_fft / RATE

    @property
    def n_bins(self) -> int:
        return 8 + len(LAGS) - 1 + len(MODULATIONS) - 1

    def extract(self, samples: Frames) -> Frames:
        level = np.log1p(100.0 * MEL(samples).astype(np.float64))
        rise = np.maximum(np.diff(level, axis=0, prepend=level[:1]), 0.0)
        flux = np.stack([band.mean(axis=1) for band in (rise, rise[:, :LOW], rise[:, HIGH:])], 1)
        count = n_frames(len(samples), RATE)
        first, past = stretches(count, self.seconds, STEP / RATE, len(flux))
        mean = means(flux, first, past)
        sd = np.sqrt(np.maximum(means(flux**2, first, past) - mean**2, 0.0))
        onsets = _onsets(flux[:, 0])
        height = means(np.stack([onsets > 0, onsets], axis=1).astype(float), first, past)
        rate = height[:, :1] * RATE / STEP
        mean_height = height[:, 1:] / np.maximum(height[:, :1], TINY)
        regular = _regularity(flux[:, 0], first, past)
        return np.concatenate([mean, sd, rate, mean_height, regular], axis=1).astype(np.float32)


def _onsets(flux: Floats) -> Floats:
    """Return the flux where it has a peak that stands out, 0 elsewhere."""
    sums = np.convolve(flux, np.ones(2 * AROUND + 1))[AROUND : AROUND + len(flux)]
    around = sums / (2 * AROUND + 1)
    before, after = np.pad(flux, 1)[:-2], np.pad(flux, 1)[2:]
    peak = (flux >= before) & (flux > after) & (flux > 1.3 * around + 0.02)
    return np.where(peak, flux, 0.0)


def _regularity(flux: Floats, first: Indices, past: Indices) -> Floats:
    """Return autocorrelation by bands of lags, and shares of bands of modulation."""
    longest = int((past - first).max())
    n_fft = max(N_FFT, 1 << (2 * longest - 1).bit_length())
    lags = [slice(*(round(edge * RATE / STEP) for edge in pair)) for pair in pairwise(LAGS)]
    frequencies = np.fft.rfftfreq(n_fft, STEP / RATE)
    bands = [(frequencies >= low) & (frequencies < high) for low, high in pairwise(MODULATIONS)]
    parts = []
    for start in range(0, len(first), BATCH):
        begin, end = first[start : start + BATCH, None], past[start : start + BATCH, None]
        place = np.arange(longest)
        inside = begin + place < end
        pieces = np.where(inside, flux[np.minimum(begin + place, len(flux) - 1)], 0.0)
        pieces = np.where(inside, pieces - pieces.sum(axis=1, keepdims=True) / (end - begin), 0.0)
        alike = np.fft.irfft(np.abs(np.fft.rfft(pieces, n_fft)) ** 2, n_fft)
        alike /= np.maximum(alike[:, :1], TINY)
        taper = np.sin(np.pi * (place + 0.5) / (end - begin)) ** 2
        spectrum = np.abs(np.fft.rfft(pieces * taper, n_fft))
        total = np.maximum(spectrum.sum(axis=1), TINY)
        strongest = [alike[:, lag].max(axis=1) for lag in lags]
        shares = [spectrum[:, band].sum(axis=1) / total for band in bands]
        parts.append(np.stack([*strongest, *shares], axis=1))
    return np.concatenate(parts)
