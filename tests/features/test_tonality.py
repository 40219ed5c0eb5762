from __future__ import annotations

import librosa
import numpy as np
import pytest

from benchmark.features._harmony import N_KEY_VALUES, key_values
from benchmark.features.tonality import RATE, Tonality

MAJOR = ((60, 64, 67), (65, 69, 72), (67, 71, 74), (60, 64, 67))
MINOR = ((60, 63, 67), (65, 68, 72), (67, 71, 74), (60, 63, 67))
MEAN, SD, LOW, HIGH = range(N_KEY_VALUES, N_KEY_VALUES + 4)


def played(chords: tuple[tuple[int, ...], ...], *, up: int = 0) -> np.ndarray:
    """Return chords of a second, each tone with four partials, all moved up by semitones."""
    time = np.arange(RATE) / RATE
    sound = []
    for chord in chords:
        pitches = 440 * 2 ** ((np.array(chord) + up - 69) / 12)
        tones = [
            np.sin(2 * np.pi * pitch * part * time) / part
            for pitch in pitches
            for part in range(1, 5)
        ]
        sound.append(0.1 * np.sum(tones, axis=0))
    return np.concatenate(sound).astype(np.float32)


def whole(samples: np.ndarray) -> np.ndarray:
    """Return the frame in the middle, which sees all four seconds."""
    frame: np.ndarray = Tonality().extract(samples)[4]
    return frame


def slow_tonality(samples: np.ndarray, seconds: float) -> np.ndarray:
    """Compute the same from the definition, tone by tone, with librosa's spectrum."""
    spectrum = librosa.stft(samples, n_fft=4_096, hop_length=1_200, pad_mode="constant")
    power = np.abs(spectrum.astype(np.complex128).T) ** 2
    frequency = np.arange(2_049) * RATE / 4_096
    heard = frequency > 20
    pitch = librosa.hz_to_midi(frequency[heard])
    numbers = np.arange(21, 109)
    bands = [np.exp(-0.5 * ((pitch - number) / 0.35) ** 2) for number in numbers]
    level = np.stack([power[:, heard] @ band for band in bands], axis=1) ** 0.25
    at = 0.1 * np.arange(len(level))
    rows = []
    for middle in np.arange(0, len(samples) / RATE + 1e-9, 0.5):
        inside = (at >= middle - seconds / 2 - 1e-7) & (at < middle + seconds / 2 - 1e-7)
        tones = level[inside].mean(axis=0)
        classes = np.array([tones[numbers % 12 == one].sum() for one in range(12)])
        share = tones / tones.sum()
        mean = share @ numbers
        register = [
            mean,
            np.sqrt(share @ (numbers - mean) ** 2),
            share[numbers < 48].sum(),
            share[numbers >= 72].sum(),
        ]
        rows.append([*key_values((classes - classes.min())[None])[0], *register])
    return np.array(rows)


def test_agrees_with_the_definition(music: np.ndarray) -> None:
    found = Tonality(seconds=4.0).extract(music)
    np.testing.assert_allclose(found, slow_tonality(music, 4.0), rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("up", [0, 5, -3])
@pytest.mark.parametrize(("chords", "mode"), [(MAJOR, 1), (MINOR, -1)], ids=["major", "minor"])
def test_a_cadence_has_its_mode(chords: tuple[tuple[int, ...], ...], mode: int, up: int) -> None:
    values = whole(played(chords, up=up))
    assert (mode * values[[2, 5, 6]] > 0.05).all()
    assert mode * values[20] > 0.01


@pytest.mark.parametrize("up", range(-5, 7))
def test_in_another_key_the_values_are_nearly_the_same(up: int) -> None:
    here, there = whole(played(MAJOR)), whole(played(MAJOR, up=up))
    np.testing.assert_allclose(there[:N_KEY_VALUES], here[:N_KEY_VALUES], atol=0.08)


def test_the_register_follows_the_octave() -> None:
    low, middle, high = (whole(played(MAJOR, up=up)) for up in (-24, 0, 12))
    assert high[MEAN] - middle[MEAN] == pytest.approx(12, abs=1.5)
    assert low[LOW] > 0.3 > middle[LOW] + 0.25
    assert high[HIGH] > 0.8 > middle[HIGH] > 0.2 > low[HIGH]


def tones(*pitches: int) -> np.ndarray:
    time = np.arange(4 * RATE) / RATE
    frequencies = 440 * 2 ** ((np.array(pitches)[:, None] - 69) / 12)
    sound: np.ndarray = (0.3 * np.sin(2 * np.pi * frequencies * time)).sum(axis=0)
    return sound.astype(np.float32)


def test_the_register_of_tones_is_where_they_are() -> None:
    low, middle, high, both = (whole(tones(*those)) for those in [(57,), (69,), (81,), (57, 81)])
    np.testing.assert_allclose(np.diff([low[MEAN], middle[MEAN], high[MEAN]]), 12, atol=1.5)
    assert both[MEAN] == pytest.approx((low[MEAN] + high[MEAN]) / 2, abs=0.5)
    assert both[SD] > max(low[SD], middle[SD], high[SD]) + 2


def test_a_short_stretch_hears_its_mode_and_a_long_one_the_song() -> None:
    samples = np.concatenate([played(MAJOR), played(MINOR)])
    short, long = (Tonality(seconds=seconds).extract(samples) for seconds in (4.0, 100.0))
    assert short[4, 2] > 0 > short[12, 2]
    np.testing.assert_allclose(long, np.tile(long[0], (len(long), 1)), atol=1e-5)
