"""Power spectra of centred, Hann-windowed frames, in batches, and the filterbanks over them.

Equal to `librosa.stft(center=True, pad_mode="constant")`; the filterbanks are librosa's, made once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from benchmark.interfaces import Frames

BATCH = 512
"""Frames transformed at a time: bounds the memory of a long song."""


def filtered_power(samples: Frames, filters: Frames, *, n_fft: int, hop_length: int) -> Frames:
    """Return |STFT|^2 through `filters` (n_filters, 1 + n_fft / 2): (n_frames, n_filters).

    There are 1 + n_samples // hop_length frames; frame i is centred at sample i * hop_length.
    """
    padded = np.pad(samples, n_fft // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop_length]
    window = _hann(n_fft)
    transposed = filters.T
    filtered = np.empty((len(frames), len(filters)), dtype=np.float32)
    for start in range(0, len(frames), BATCH):
        spectrum = np.fft.rfft(frames[start : start + BATCH] * window)
        power = spectrum.real**2 + spectrum.imag**2
        filtered[start : start + BATCH] = power @ transposed
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
    """Return librosa's mel filterbank (Slaney's scale and normalisation)."""
    return _from_librosa(lambda filters: filters.mel(sr=rate, n_fft=n_fft, n_mels=n_mels))


@cache
def chroma_filters(rate: int, n_fft: int, n_chroma: int, tuning: float) -> Frames:
    """Return librosa's chroma filterbank (Ellis 2007)."""
    return _from_librosa(
        lambda filters: filters.chroma(sr=rate, n_fft=n_fft, n_chroma=n_chroma, tuning=tuning)
    )


def _from_librosa(make: Callable[..., Frames]) -> Frames:
    import librosa.filters

    return np.asarray(make(librosa.filters), dtype=np.float32)
