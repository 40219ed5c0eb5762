from __future__ import annotations

import numpy as np
import pytest

from benchmark.features._spectrum import BATCH, filtered_power


def reference(samples: np.ndarray, filters: np.ndarray, n_fft: int, hop: int) -> np.ndarray:
    """Return the same frame by frame, in double precision, by NumPy's transform."""
    padded = np.pad(samples.astype(float), n_fft // 2)
    taper = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    frames = []
    for start in range(0, len(padded) - n_fft + 1, hop):
        spectrum = np.fft.rfft(padded[start : start + n_fft] * taper)
        frames.append(filters.astype(float) @ np.abs(spectrum) ** 2)
    return np.array(frames)


@pytest.mark.parametrize(
    ("n_samples", "n_fft", "hop"),
    [
        (12_000, 512, 256),
        (12_001, 511, 100),  # odd
        (40_000, 16_384, 1_200),
        (300, 1_024, 64),  # shorter than a frame
        (6 * BATCH // 512, 512, 4),  # more than one batch, and a part of one
    ],
)
def test_batches_in_single_precision_agree_with_frames_in_double(
    n_samples: int, n_fft: int, hop: int
) -> None:
    random = np.random.default_rng(n_fft)
    samples = random.normal(size=n_samples).astype(np.float32)
    filters = random.uniform(size=(7, 1 + n_fft // 2)).astype(np.float32)
    given = samples.copy()
    power = filtered_power(samples, filters, n_fft=n_fft, hop_length=hop)
    expected = reference(samples, filters, n_fft, hop)
    assert power.dtype == np.float32
    np.testing.assert_allclose(power, expected, rtol=2e-6)
    np.testing.assert_array_equal(samples, given)
