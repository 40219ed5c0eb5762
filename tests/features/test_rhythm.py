from __future__ import annotations

from itertools import pairwise

import librosa
import numpy as np
import pytest

from benchmark.features.rhythm import LAGS, MODULATIONS, RATE, Rhythm

ONSETS, PULSES = 6, slice(8, 15)


def clicks(period: float, seconds: float = 20.0) -> np.ndarray:
    """Return bursts of noise of 20 ms, so many seconds apart."""
    random = np.random.default_rng(0)
    samples = 1e-4 * random.normal(size=round(seconds * RATE))
    for start in np.arange(0.1, seconds - 0.1, period):
        begin = round(start * RATE)
        samples[begin : begin + 240] += random.normal(size=240) * np.linspace(1, 0, 240)
    return samples.astype(np.float32)


def slow_rhythm(samples: np.ndarray, seconds: float) -> np.ndarray:
    """Compute the same from the definition, stretch by stretch, with librosa's spectrum."""
    power = librosa.feature.melspectrogram(
        y=samples, sr=RATE, n_fft=512, hop_length=120, n_mels=40, pad_mode="constant"
    ).T.astype(np.float64)
    level = np.log1p(100 * power)
    rise = np.maximum(level[1:] - level[:-1], 0)
    rise = np.concatenate([np.zeros((1, 40)), rise])
    flux = rise.mean(axis=1)
    onsets = np.zeros(len(flux))
    for i, value in enumerate(flux):
        around = flux[max(i - 10, 0) : i + 11].sum() / 21
        before = flux[i - 1] if i else 0.0
        after = flux[i + 1] if i + 1 < len(flux) else 0.0
        if value >= before and value > after and value > 1.3 * around + 0.02:
            onsets[i] = value
    at = 0.01 * np.arange(len(flux))
    rows = []
    for middle in np.arange(0, len(samples) / RATE + 1e-9, 0.5):
        inside = (at >= middle - seconds / 2 - 1e-7) & (at < middle + seconds / 2 - 1e-7)
        bands = [band[inside].mean(axis=1) for band in (rise, rise[:, :10], rise[:, 20:])]
        struck = onsets[inside]
        heights = struck[struck > 0]
        piece = flux[inside] - flux[inside].mean()
        alike = np.correlate(piece, piece, "full")[len(piece) - 1 :]
        alike = np.pad(alike, (0, max(0, 220 - len(alike)))) / alike[0]
        taper = np.sin(np.pi * (np.arange(len(piece)) + 0.5) / len(piece)) ** 2
        spectrum = np.abs(np.fft.rfft(piece * taper, 4096))
        frequency = np.fft.rfftfreq(4096, 0.01)
        rows.append(
            [
                *(band.mean() for band in bands),
                *(band.std() for band in bands),
                len(heights) / len(piece) * 100,
                heights.mean() if len(heights) else 0.0,
                *(alike[round(100 * a) : round(100 * b)].max() for a, b in pairwise(LAGS)),
                *(
                    spectrum[(frequency >= a) & (frequency < b)].sum() / spectrum.sum()
                    for a, b in pairwise(MODULATIONS)
                ),
            ]
        )
    return np.array(rows)


def test_agrees_with_the_definition(music: np.ndarray) -> None:
    frames = Rhythm(seconds=5.0).extract(music)
    np.testing.assert_allclose(frames, slow_rhythm(music, 5.0), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("period", [0.15, 0.25, 0.4, 0.5, 0.8])
def test_clicks_give_their_rate_and_their_period(period: float) -> None:
    frames = Rhythm().extract(clicks(period))[12:-12]
    np.testing.assert_allclose(frames[:, ONSETS], 1 / period, rtol=0.1)
    band = int(np.searchsorted(LAGS, period, "right")) - 1
    assert (frames[:, PULSES].argmax(axis=1) == band).all()
    assert frames[:, PULSES].max(axis=1).min() > 0.8


def test_noise_has_no_pulse() -> None:
    noise = np.random.default_rng(0).normal(size=20 * RATE).astype(np.float32)
    assert Rhythm().extract(noise)[12:-12, PULSES].max() < 0.2


@pytest.mark.parametrize("n_samples", [600, 1_000, 2_300, 2_500])
def test_less_audio_than_stands_around_an_onset_gives_a_frame(n_samples: int) -> None:
    noise = np.random.default_rng(0).normal(size=n_samples).astype(np.float32)
    frames = Rhythm(seconds=5.0).extract(noise)
    assert frames.shape == (1, 20)
    np.testing.assert_allclose(frames, slow_rhythm(noise, 5.0), rtol=1e-3, atol=1e-4)
