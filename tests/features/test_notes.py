from __future__ import annotations

import sys
from importlib.util import find_spec

import numpy as np
import pytest

from benchmark.errors import BenchmarkError
from benchmark.features import _transcription as transcription
from benchmark.features._transcription import FRAME_RATE, LOWEST, RATE, transcribed
from benchmark.features.notes import SHORTEST, TRIADS, Notes, _classes, _notes, _of_chords

BEGIN, SPACING = 0.25, 0.5
LINE = tuple((60 + step,) for step in (0, 4, 7, 12, 9, 5, 2, -1)) * 2
MAJOR = ((60, 64, 67), (65, 69, 72), (67, 71, 74), (60, 64, 67)) * 4
MINOR = ((60, 63, 67), (65, 68, 72), (67, 70, 74), (60, 63, 67)) * 4
Chords = tuple[tuple[int, ...], ...]

needs_network = pytest.mark.skipif(
    find_spec("basic_pitch") is None or find_spec("onnxruntime") is None,
    reason=f"Basic Pitch is not here: {transcription.HOW_TO_GET}",
)


def played(chords: Chords) -> np.ndarray:
    """Return chords twice a second, of decaying tones like those of a piano."""
    time = np.arange(round(SPACING * RATE)) / RATE
    sound = np.zeros(round((len(chords) * SPACING + 2 * BEGIN) * RATE))
    for number, chord in enumerate(chords):
        begin = round((BEGIN + number * SPACING) * RATE)
        for pitch in chord:
            frequency = 440 * 2 ** ((pitch - 69) / 12)
            tone = sum(np.sin(2 * np.pi * frequency * k * time) / k**2 for k in range(1, 5))
            envelope = np.exp(-3 * time) * np.minimum(time / 0.005, 1)
            sound[begin : begin + len(time)] += 0.15 * tone * envelope
    return sound.astype(np.float32)


def middle(samples: np.ndarray) -> np.ndarray:
    frames = Notes(seconds=4.0).extract(samples)
    frame: np.ndarray = frames[len(frames) // 2]
    return frame


@needs_network
def test_notes_are_found_where_they_are_played() -> None:
    notes = _notes(*transcribed(played(LINE)))
    for number, (pitch,) in enumerate(LINE):
        begin = BEGIN + number * SPACING
        found = (np.abs(notes.begin - begin) < 0.05) & (notes.pitch == pitch)
        assert found.sum() == 1
        assert notes.length[found] == pytest.approx(SPACING, abs=0.15)
    assert (np.diff(notes.begin) >= 0).all()


@needs_network
def test_a_line_has_its_rate_and_register() -> None:
    values = middle(played(LINE))
    assert values[1] == pytest.approx(1 / SPACING, rel=0.15)
    assert values[3] == pytest.approx(np.log(SPACING), abs=0.05)
    higher = middle(played(tuple((pitch + 12,) for (pitch,) in LINE)))
    assert higher[5] - values[5] == pytest.approx(12, abs=3)
    assert higher[18] - values[18] == pytest.approx(12, abs=3)


@needs_network
@pytest.mark.parametrize(("chords", "mode"), [(MAJOR, 1), (MINOR, -1)], ids=["major", "minor"])
def test_chords_have_their_mode(chords: Chords, mode: int) -> None:
    values = middle(played(chords))
    major, minor, diminished, augmented, less = values[-5:]
    assert mode * (major - minor) > 0.6
    assert max(diminished, augmented) < 0.05
    assert less == pytest.approx(major - minor)
    assert mode * values[24] > 0.1
    assert values[1] == pytest.approx(1 / SPACING, rel=0.15)
    assert values[13] > 2


@needs_network
def test_silence_is_one_long_tone_that_nobody_strikes() -> None:
    frames = Notes().extract(np.zeros(5 * RATE, dtype=np.float32))
    assert np.isfinite(frames).all()
    np.testing.assert_array_equal(frames[:, :3], 0)
    np.testing.assert_array_equal(frames[:, [5, 7, 8, 16, 18]], 60)
    np.testing.assert_array_equal(frames[:, 15], 1)


def test_a_peak_of_the_onset_that_sounds_on_is_a_note() -> None:
    struck, sounding = np.zeros((50, 88), dtype=np.float32), np.zeros((50, 88), dtype=np.float32)
    struck[[9, 10, 11], 40] = 0.5, 0.9, 0.6
    sounding[10:30, 40] = 0.8
    struck[20, 3], sounding[20 : 20 + SHORTEST, 3] = 0.9, 0.8  # too short
    struck[30, 50], sounding[30:, 50] = 0.3, 0.8  # too weak
    struck[45, 60], sounding[45:, 60] = 0.7, 0.5  # goes on to the end
    notes = _notes(struck, sounding)
    np.testing.assert_allclose(notes.begin, np.array([10, 45]) / FRAME_RATE)
    np.testing.assert_allclose(notes.length, np.array([20, 5]) / FRAME_RATE)
    np.testing.assert_array_equal(notes.pitch, [LOWEST + 40, LOWEST + 60])
    np.testing.assert_allclose(notes.onset, [0.9, 0.7], rtol=1e-6)
    np.testing.assert_allclose(notes.tone, [0.8, 0.5], rtol=1e-6)


def test_chords_agree_with_the_definition() -> None:
    sounds = np.random.default_rng(0).random((200, 88)) < 0.06
    classes = _classes(sounds)
    counts = np.zeros((200, 12))
    for frame, key in zip(*np.nonzero(sounds), strict=True):
        counts[frame, (LOWEST + key) % 12] += 1
    np.testing.assert_array_equal(classes, counts)
    pairs, triads = np.zeros(6), np.zeros(4)
    for frame in counts > 0:
        present = set(np.flatnonzero(frame))
        for step in range(1, 7):
            pairs[step - 1] += sum((one + step) % 12 in present for one in present)
        for number, steps in enumerate(TRIADS):
            triads[number] += any(
                all((root + step) % 12 in present for step in steps) for root in range(12)
            )
    triads /= 200
    expected = [*(pairs / pairs.sum()), *triads, triads[0] - triads[1]]
    np.testing.assert_allclose(_of_chords(classes), expected, atol=1e-6)


@pytest.mark.parametrize("missing", ["onnxruntime", "basic-pitch"])
def test_without_the_network_it_says_how_to_get_it(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    transcription._network.cache_clear()
    if missing == "onnxruntime":
        monkeypatch.setitem(sys.modules, "onnxruntime", None)
    else:
        pytest.importorskip("onnxruntime")
        monkeypatch.setattr(transcription, "find_spec", lambda name: None)
    with pytest.raises(BenchmarkError, match=rf"notes needs '{missing}'.*pip install onnxruntime"):
        Notes().extract(np.zeros(RATE, dtype=np.float32))
