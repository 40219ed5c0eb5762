from __future__ import annotations

import librosa
import numpy as np
import pytest

from benchmark.features.mel import Mel


@pytest.mark.parametrize("parameters", [{}, {"n_mels": 40, "hop_length": 250, "n_fft": 1024}])
def test_agrees_with_librosa(music: np.ndarray, parameters: dict[str, int]) -> None:
    mel = Mel(**parameters)
    power = librosa.feature.melspectrogram(
        y=music, sr=12_000, n_fft=mel.n_fft, hop_length=mel.hop_length, n_mels=mel.n_mels
    )
    expected = librosa.amplitude_to_db(power, ref=1, top_db=None)
    # Both compute in float32; they differ by the order of sums, below 1e-4 dB here.
    np.testing.assert_allclose(mel.extract(music), expected.T, atol=1e-3)


def test_the_seed_sees_47_frames_a_second() -> None:
    mel = Mel()
    assert (mel.rate, mel.n_bins) == (12_000, 96)
    assert 1 / mel.hop == pytest.approx(46.875)
    assert mel.extract(np.zeros(12_000, dtype=np.float32)).shape == (47, 96)


def test_silence_is_the_floor_in_decibels() -> None:
    frames = Mel(amin=1e-5).extract(np.zeros(3_000, dtype=np.float32))
    np.testing.assert_allclose(frames, -100, atol=1e-4)
