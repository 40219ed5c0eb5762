from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from benchmark.audio import FORMATS, Audio, decode
from benchmark.audio.decoding import mono
from benchmark.errors import DataError

RATE = 8_000


def written(path: Path, samples: np.ndarray, *, rate: int = RATE, subtype: str = "FLOAT") -> Path:
    soundfile.write(path, samples, rate, subtype=subtype)
    return path


def sine(frequency: float, rate: int, seconds: float = 1.0) -> np.ndarray:
    return np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)


def test_mono_samples_come_back_as_they_are(tmp_path: Path) -> None:
    samples = sine(440, RATE).astype(np.float32)
    audio = decode(written(tmp_path / "a.wav", samples))
    np.testing.assert_array_equal(audio.samples, samples)
    assert audio.samples.dtype == np.float32
    assert (audio.rate, audio.seconds, audio.silent) == (RATE, 1.0, False)


def test_channels_are_averaged(tmp_path: Path) -> None:
    left, right = np.full(10, 0.5), np.full(10, -0.25)
    audio = decode(written(tmp_path / "a.wav", np.stack([left, right], axis=1)))
    np.testing.assert_array_equal(audio.samples, np.full(10, 0.125, dtype=np.float32))


@given(
    channels=arrays(
        np.float32,
        st.tuples(st.integers(1, 40), st.integers(1, 9)),
        elements=st.floats(
            width=32, allow_nan=False, allow_infinity=False, min_value=-4, max_value=4
        ),
    )
)
def test_the_average_is_bit_for_bit_the_mean(channels: np.ndarray) -> None:
    np.testing.assert_array_equal(mono(channels), channels.mean(axis=1), strict=True)


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100, 48_000])
def test_a_tone_keeps_its_pitch_and_length_at_any_rate(rate: int) -> None:
    audio = Audio(sine(1000, rate).astype(np.float32), rate)
    resampled = audio.resampled(12_000)
    middle = slice(3_000, 9_000)
    assert len(resampled) == pytest.approx(12_000, abs=1)
    assert resampled.dtype == np.float32
    np.testing.assert_allclose(resampled[middle], sine(1000, 12_000)[middle], atol=2e-3)


def test_the_rate_it_has_already_costs_nothing() -> None:
    audio = Audio(np.ones(10, dtype=np.float32), RATE)
    assert audio.resampled(RATE) is audio.samples


@pytest.mark.parametrize(
    ("level", "silent"), [(0.0, True), (0.5e-5, True), (2e-5, False), (-2e-5, False)]
)
def test_silence_is_anything_below_minus_100_decibels(level: float, silent: bool) -> None:
    assert Audio(np.full(10, level, dtype=np.float32), RATE).silent is silent


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3", ".aiff"])
def test_formats_are_decoded_without_an_external_program(tmp_path: Path, suffix: str) -> None:
    assert suffix in FORMATS
    soundfile.write(tmp_path / f"a{suffix}", 0.5 * sine(440, 44_100), 44_100)
    audio = decode(tmp_path / f"a{suffix}")
    assert audio.rate == 44_100
    assert np.abs(audio.samples).max() == pytest.approx(0.5, abs=0.05)


def test_real_music_is_decoded(shared_datasets: Path) -> None:
    for path in sorted((shared_datasets / "emotify_sample").glob("*.mp3"))[:2]:
        audio = decode(path)
        assert audio.rate == 44_100
        assert audio.seconds == pytest.approx(30, abs=0.2)
        assert not audio.silent


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"a\.mp3: cannot be decoded \("),
        (b"not a song " * 100, r"a\.mp3: cannot be decoded \("),
    ],
    ids=["empty", "text"],
)
def test_a_file_that_is_no_audio_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.mp3").write_bytes(content)
    with pytest.raises(DataError, match=message):
        decode(tmp_path / "a.mp3")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.mp3: cannot be decoded"):
        decode(tmp_path / "a.mp3")


def test_a_file_without_samples_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.wav: holds no audio"):
        decode(written(tmp_path / "a.wav", np.zeros(0)))


@pytest.mark.parametrize("poison", [np.nan, np.inf])
def test_samples_that_are_not_finite_are_refused(tmp_path: Path, poison: float) -> None:
    samples = np.zeros(10)
    samples[3] = poison
    with pytest.raises(DataError, match=r"a\.wav: holds samples that are not finite"):
        decode(written(tmp_path / "a.wav", samples))
