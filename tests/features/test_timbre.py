from __future__ import annotations

import librosa
import numpy as np
import pytest

from benchmark.features.timbre import N_FFT, N_MELS, RATE, STEP, Timbre

LEVEL, CENTROID, SPREAD, FLATNESS = range(4)
NOISE = np.random.default_rng(0).normal(size=RATE).astype(np.float32)


def sine(frequency: float, amplitude: float = 0.3) -> np.ndarray:
    time = np.arange(RATE) / RATE
    return (amplitude * np.sin(2 * np.pi * frequency * time)).astype(np.float32)


def inner(samples: np.ndarray) -> np.ndarray:
    """Return frames that see no end of the sound."""
    return Timbre().extract(samples)[5:-5]


def test_agrees_with_librosa(music: np.ndarray) -> None:
    spectrum = librosa.stft(music, n_fft=N_FFT, hop_length=STEP, pad_mode="constant")
    power = np.abs(spectrum.astype(np.complex128)) ** 2
    centroid = librosa.feature.spectral_centroid(S=power, sr=RATE)
    spread = librosa.feature.spectral_bandwidth(S=power, sr=RATE)
    bands = librosa.filters.mel(sr=RATE, n_fft=N_FFT, n_mels=N_MELS) @ power
    decibels = 10 * np.log10(np.maximum(bands, 1e-8))
    flatness = decibels.mean(axis=0) - 10 * np.log10(np.maximum(bands.mean(axis=0), 1e-8))
    level = 10 * np.log10(np.maximum(power.mean(axis=0), 1e-8))
    expected = np.stack([level, centroid[0] / 1000, spread[0] / 1000, flatness], axis=1)
    np.testing.assert_allclose(Timbre().extract(music), expected, rtol=1e-3, atol=2e-3)


@pytest.mark.parametrize("samples", [sine(440), NOISE], ids=["sine", "noise"])
def test_twice_the_amplitude_is_six_decibels_and_no_other_timbre(samples: np.ndarray) -> None:
    quiet, loud = inner(samples), inner(2 * samples)
    np.testing.assert_allclose((loud - quiet)[:, LEVEL], 20 * np.log10(2), atol=1e-3)
    np.testing.assert_allclose(loud[:, [CENTROID, SPREAD]], quiet[:, [CENTROID, SPREAD]], atol=1e-3)


@pytest.mark.parametrize("frequency", [500.0, 2_000.0, 8_000.0])
def test_the_centroid_of_a_sine_is_its_frequency(frequency: float) -> None:
    frames = inner(sine(frequency))
    np.testing.assert_allclose(frames[:, CENTROID], frequency / 1000, rtol=0.01)
    assert frames[:, SPREAD].max() < 0.05


def test_two_equal_sines_are_spread_by_half_their_distance() -> None:
    frames = inner(sine(2_000) + sine(4_000))
    np.testing.assert_allclose(frames[:, CENTROID], 3, rtol=0.01)
    np.testing.assert_allclose(frames[:, SPREAD], 1, rtol=0.01)


def test_noise_is_flat_and_a_sine_is_not() -> None:
    assert inner(NOISE)[:, FLATNESS].min() > -10
    assert inner(sine(1_000))[:, FLATNESS].max() < -20
    assert inner(NOISE)[:, FLATNESS].max() <= 0
