from __future__ import annotations

import librosa
import numpy as np
import pytest

from benchmark.features.chroma import Chroma


@pytest.mark.parametrize("tuning", [0.0, 0.2])
def test_agrees_with_librosa(music: np.ndarray, tuning: float) -> None:
    chroma = Chroma(tuning=tuning)
    expected = librosa.feature.chroma_stft(
        y=music,
        sr=12_000,
        n_fft=chroma.n_fft,
        hop_length=chroma.hop_length,
        tuning=tuning,
        pad_mode="constant",
    )
    np.testing.assert_allclose(chroma.extract(music), expected.T, atol=1e-5)


@pytest.mark.parametrize(("frequency", "pitch_class"), [(261.63, 0), (440.0, 9), (880.0, 9)])
def test_a_tone_is_loudest_in_its_pitch_class(frequency: float, pitch_class: int) -> None:
    time = np.arange(24_000) / 12_000
    frames = Chroma().extract(np.sin(2 * np.pi * frequency * time).astype(np.float32))
    assert (frames.argmax(axis=1) == pitch_class).all()
    np.testing.assert_allclose(frames.max(axis=1), 1)


def test_silence_has_no_pitch() -> None:
    np.testing.assert_array_equal(Chroma().extract(np.zeros(3_000, dtype=np.float32)), 0)
