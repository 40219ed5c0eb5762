"""Key, mode and register: chroma that does not know in which key a song is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Gt

from benchmark.features._harmony import N_KEY_VALUES, key_values
from benchmark.features._spectrum import filtered_power
from benchmark.features._stretches import TwiceASecond, means, n_frames, stretches
from benchmark.interfaces import Frames

RATE = 12_000
N_FFT, STEP = 4_096, 1_200
LOWEST, HIGHEST = 21, 108
"""The keys of a piano, as MIDI numbers."""
WIDTH = 0.35
"""SD of a semitone's filter, in semitones."""


@dataclass(frozen=True, kw_only=True)
class Tonality(TwiceASecond):
    """28 values on key, mode and register of the `seconds` around, twice a second.

    A spectrum in semitones, loudness compressed (the square root of its amplitude), is averaged
    over the stretch, clipped to the song. Of its pitch classes: strength of the best major and
    minor key, their difference, and the profile turned to the estimated tonic, so that a song says
    the same in every key. Of its pitches: mean, SD (semitones), share below C3 and from C5 on.
    """

    name: ClassVar[str] = "tonality"
    source: ClassVar[str] = (
        "Krumhansl & Kessler 1982, doi:10.1037/0033-295X.89.4.334; "
        "Albrecht & Shanahan 2013, doi:10.1525/mp.2013.31.1.59"
    )
    libraries: ClassVar[tuple[str, ...]] = ("scipy",)

    seconds: Annotated[float, Gt(0)] = 15.0

    @property
    def rate(self) -> int:
        return RATE

    @property
    def support(self) -> float:
        return self.seconds + N_FFT / RATE

    @property
    def n_bins(self) -> int:
        return N_KEY_VALUES + 4

    def extract(self, samples: Frames) -> Frames:
        power = filtered_power(samples, _semitones(), n_fft=N_FFT, hop_length=STEP)
        level = np.power(power.astype(np.float64), 0.25)
        count = n_frames(len(samples), RATE)
        pitches = means(level, *stretches(count, self.seconds, STEP / RATE, len(level)))
        classes = pitches @ _classes()
        classes -= classes.min(axis=1, keepdims=True)
        return np.concatenate([key_values(classes), _register(pitches)], axis=1).astype(np.float32)


def _register(pitches: np.ndarray) -> np.ndarray:
    shares = pitches / np.maximum(pitches.sum(axis=1, keepdims=True), 1e-9)
    numbers = np.arange(LOWEST, HIGHEST + 1)
    mean = shares @ numbers
    variance = (shares * (numbers - mean[:, None]) ** 2).sum(axis=1)
    low, high = shares[:, numbers < 48].sum(axis=1), shares[:, numbers >= 72].sum(axis=1)
    return np.stack([mean, np.sqrt(variance), low, high], axis=1)


@cache
def _semitones() -> Frames:
    """Return a filter for each semitone (88, 1 + N_FFT // 2), Gaussian in pitch."""
    frequencies = np.arange(1 + N_FFT // 2) * RATE / N_FFT
    pitch = 12 * np.log2(np.maximum(frequencies, 1.0) / 440) + 69
    numbers = np.arange(LOWEST, HIGHEST + 1)[:, None]
    filters = np.exp(-0.5 * ((pitch - numbers) / WIDTH) ** 2)
    return np.where(frequencies > 20, filters, 0.0).astype(np.float32)


@cache
def _classes() -> np.ndarray:
    return np.eye(12)[np.arange(LOWEST, HIGHEST + 1) % 12]
