from __future__ import annotations

import librosa
import numpy as np
import pytest

from benchmark.features.mfcc import Mfcc


@pytest.mark.parametrize("parameters", [{}, {"n_mfcc": 13, "n_mels": 40, "n_fft": 1024}])
def test_agrees_with_librosa(music: np.ndarray, parameters: dict[str, int]) -> None:
    mfcc = Mfcc(**parameters)
    power = librosa.feature.melspectrogram(
        y=music, sr=12_000, n_fft=mfcc.n_fft, hop_length=mfcc.hop_length, n_mels=mfcc.n_mels
    )
    level = librosa.power_to_db(power, top_db=None)
    expected = librosa.feature.mfcc(S=level, n_mfcc=mfcc.n_mfcc)
    # Both compute in float32; they differ by the order of sums, below 2e-4 dB here.
    np.testing.assert_allclose(mfcc.extract(music), expected.T, atol=2e-3)


def test_more_coefficients_than_bands_are_refused() -> None:
    with pytest.raises(ValueError, match="n_mfcc = 41 is more than n_mels = 40"):
        Mfcc(n_mfcc=41, n_mels=40)
