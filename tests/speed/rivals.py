"""What the suite is measured against: the starting project's recipes, librosa, openSMILE.

The starting project (track_emo_reco) cut windows from the samples and analysed each by itself.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.audio import decode
from benchmark.features.opensmile_audio import RATE as OPENSMILE_RATE
from benchmark.features.opensmile_audio import load_opensmile
from benchmark.records import SongFrames
from benchmark.views import window_mean

RATE = 12_000
FIRST, STEP, WINDOW = 15.0, 0.5, 1.5
"""Seconds: where labels begin, from one window to the next, and how long one is."""

Windows = npt.NDArray[np.float64]


def seed_features(file: Path) -> tuple[Windows, Windows]:
    """Windows of log-mel as its CNN took them, chroma by half seconds as its LSTM did; no MFCC."""
    import librosa

    samples, _ = librosa.load(file, sr=RATE)
    windows, chroma = [], []
    for start in np.arange(FIRST, len(samples) / RATE - WINDOW + 1e-9, STEP)[:100]:
        first = round(start * RATE)
        power = librosa.feature.melspectrogram(
            y=samples[first : first + round(WINDOW * RATE)],
            sr=RATE,
            n_fft=512,
            hop_length=256,
            n_mels=96,
        )
        level = librosa.amplitude_to_db(power)
        windows.append((level - level.mean()) / (level.std() + 1e-7))
    for start in np.arange(FIRST, len(samples) / RATE - STEP + 1e-9, STEP):
        first = round(start * RATE)
        with warnings.catch_warnings(action="ignore"):  # n_fft is longer than the half second
            frames = librosa.feature.chroma_stft(
                y=samples[first : first + round(STEP * RATE)], sr=RATE, n_fft=16_384
            )
        chroma.append(frames.mean(axis=1))
    return np.array(windows, dtype=np.float64), np.array(chroma, dtype=np.float64)


def librosa_features(file: Path, *, tuning: float | None = None) -> None:
    """Mel, MFCC and chroma, one pass each; without `tuning`, librosa estimates it from the song."""
    import librosa

    samples, _ = librosa.load(file, sr=RATE)
    framing = {"sr": RATE, "n_fft": 512, "hop_length": 256, "n_mels": 96}
    librosa.amplitude_to_db(librosa.feature.melspectrogram(y=samples, **framing))
    librosa.feature.mfcc(y=samples, n_mfcc=20, **framing)
    librosa.feature.chroma_stft(y=samples, sr=RATE, n_fft=16_384, hop_length=1_200, tuning=tuning)


def opensmile_descriptors(file: Path) -> None:
    """ComParE's 65 descriptors every 10 ms."""
    smile = load_opensmile().Smile("ComParE_2016", "lld", sampling_rate=OPENSMILE_RATE)
    smile.process_signal(decode(file).resampled(OPENSMILE_RATE), OPENSMILE_RATE)


def seed_windows(songs: Sequence[SongFrames], dtype: str) -> tuple[Any, Any]:
    """All windows of all songs, standardised one by one, in memory; and what they learn."""
    from benchmark.views import Windows as View

    inputs = [View(WINDOW).rows(song)[:100].astype(dtype) for song in songs]
    labels = [window_mean(song.labels, WINDOW)[:100] for song in songs if song.labels is not None]
    known = np.isfinite(np.concatenate(labels)[:, 0])
    return np.concatenate(inputs)[..., None][known], np.concatenate(labels)[known]


def seed_network(keras: Any, learning_rate: float, shape: tuple[int, int] = (71, 96)) -> Any:
    """Network 2 as its notebook has it, for windows of `shape`."""
    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input((*shape, 1)),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(16, 10, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.25),
            layers.Dense(1),
        ]
    )
    network.compile(optimizer=keras.optimizers.Adam(learning_rate), loss="mse")
    return network
