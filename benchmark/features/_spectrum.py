"""Power spectra of centred, Hann-windowed frames, in batches, and the filterbanks over them.

Equal to `librosa.stft(center=True, pad_mode="constant")`; the filterbanks are librosa's, made once.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Ge, Le

from benchmark.interfaces import Extractor, Frames

MOST_FFT = 2**18
BATCH = 2**18
"""Samples, in all frames together, that are transformed at a time: what a processor's cache holds,
whatever the length of the song."""


@dataclass(frozen=True, kw_only=True)
class Spectral(Extractor):
    """What extractors on a spectrum share: their framing.

    There are 1 + n_samples // hop_length frames; frame i is centred at sample i * hop_length, in
    zeros beyond the ends of the song.
    """

    version: ClassVar[int] = 2
    libraries: ClassVar[tuple[str, ...]] = ("librosa", "scipy")

    sample_rate: Annotated[int, Ge(1000)] = 12_000
    n_fft: Annotated[int, Ge(16), Le(MOST_FFT)] = 512
    hop_length: Annotated[int, Ge(1)] = 256

    @property
    def rate(self) -> int:
        return self.sample_rate

    @property
    def hop(self) -> float:
        return self.hop_length / self.sample_rate

    @property
    def support(self) -> float:
        return self.n_fft / self.sample_rate


@dataclass(frozen=True)
class MelPower:
    """The power spectrum in mel bands: what `mel` and `mfcc` of one framing share."""

    rate: int
    n_fft: int
    hop_length: int
    n_mels: int

    def __call__(self, samples: Frames) -> Frames:
        """Return the power (n_frames, n_mels)."""
        filters = mel_filters(self.rate, self.n_fft, self.n_mels)
        return filtered_power(samples, filters, n_fft=self.n_fft, hop_length=self.hop_length)


def filtered_power(samples: Frames, filters: Frames, *, n_fft: int, hop_length: int) -> Frames:
    """Return |STFT|^2 through `filters` (n_filters, 1 + n_fft // 2): (n_frames, n_filters)."""
    from scipy.fft import rfft  # in single precision, many frames at a time

    padded = np.pad(samples, n_fft // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop_length]
    taper, transposed = _hann(n_fft), filters.T
    filtered = np.empty((len(windows), len(filters)), dtype=np.float32)
    batch = max(1, BATCH // n_fft)
    for start in range(0, len(windows), batch):
        spectrum = rfft(windows[start : start + batch] * taper, overwrite_x=True)
        power = spectrum.real**2 + spectrum.imag**2
        filtered[start : start + batch] = power @ transposed
    return filtered


def decibels(values: Frames, *, floor: float, factor: float) -> Frames:
    """Return factor * log10(max(values, floor)): no `top_db`, so no frame depends on another."""
    level: Frames = np.float32(factor) * np.log10(np.maximum(values, np.float32(floor)))
    return level


@cache
def _hann(length: int) -> Frames:
    """Return the periodic Hann window."""
    phase = 2 * np.pi * np.arange(length) / length
    return (0.5 - 0.5 * np.cos(phase)).astype(np.float32)


@cache
def mel_filters(rate: int, n_fft: int, n_mels: int) -> Frames:
    """Return librosa's mel filterbank (Slaney's scale and normalisation).

    Raises
    ------
    ValueError
        If the spectrum is too coarse for so many bands: some would be empty.
    """
    with warnings.catch_warnings(action="ignore"):
        bands = _from_librosa(lambda filters: filters.mel(sr=rate, n_fft=n_fft, n_mels=n_mels))
    empty = int((bands.max(axis=1) == 0).sum())
    if empty:
        raise ValueError(
            f"{empty} of {n_mels} mel bands are empty with n_fft = {n_fft} at {rate} Hz; "
            f"fewer n_mels or a larger n_fft works"
        )
    return bands


@cache
def chroma_filters(rate: int, n_fft: int, n_chroma: int, tuning: float) -> Frames:
    """Return librosa's chroma filterbank (Ellis 2007)."""
    return _from_librosa(
        lambda filters: filters.chroma(sr=rate, n_fft=n_fft, n_chroma=n_chroma, tuning=tuning)
    )


def _from_librosa(make: Callable[..., Frames]) -> Frames:
    import librosa.filters

    return np.asarray(make(librosa.filters), dtype=np.float32)
