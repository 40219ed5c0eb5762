"""Notes, chords and key, as a pretrained network transcribes them (Basic Pitch, Bittner 2022)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
from annotated_types import Ge

from benchmark.features._harmony import N_KEY_VALUES, key_values
from benchmark.features._stretches import TwiceASecond, n_frames, stretches
from benchmark.features._transcription import (
    FRAME_RATE,
    HOW_TO_GET,
    LOWEST,
    RATE,
    STEP,
    WINDOW,
    transcribed,
)
from benchmark.interfaces import Floats, Frames

STRUCK, SOUNDS, HELD = 0.4, 0.3, 0.25
"""How likely an onset, a sounding key and one that still sounds have to be."""
SHORTEST, LONGEST = 4, 344
"""Frames of a note: about 50 ms to 4 s."""
TOGETHER = 0.06
"""Seconds within which notes are one chord."""
TRIADS = ((0, 4, 7), (0, 3, 7), (0, 3, 6), (0, 4, 8))
"""Semitones above the root: major, minor, diminished, augmented."""
N_NOTE_VALUES, N_LINE_VALUES, N_CHORD_VALUES = 13, 9, 11

Bools = npt.NDArray[np.bool_]


class Note(NamedTuple):
    """Notes as columns: begin and length (s), MIDI number, and how sure onset and tone are."""

    begin: Floats
    length: Floats
    pitch: Floats
    onset: Floats
    tone: Floats


@dataclass(frozen=True, kw_only=True)
class Notes(TwiceASecond):
    """57 values on the notes of the `seconds` around, twice a second. Wants `basic-pitch`.

    Notes and chords a second, time between chords, pitch, length and strength of notes; how many
    sound at once; the highest and the lowest voice; key and mode, as in `tonality`, of the pitch
    classes that sound; intervals and triads among them.
    """

    name: ClassVar[str] = "notes"
    source: ClassVar[str] = (
        "Bittner, Bosch, Rubinstein, Meseguer-Brocal & Ewert 2022, https://arxiv.org/abs/2203.09893"
    )
    libraries: ClassVar[tuple[str, ...]] = ("basic-pitch", "onnxruntime")
    how_to_get: ClassVar[str] = HOW_TO_GET

    seconds: Annotated[float, Ge(2)] = 8.0

    @property
    def rate(self) -> int:
        return RATE

    @property
    def support(self) -> float:
        return self.seconds + 2 * (LONGEST / FRAME_RATE + WINDOW / RATE)

    @property
    def grid(self) -> float:
        return STEP / RATE

    @property
    def n_bins(self) -> int:
        return N_NOTE_VALUES + N_LINE_VALUES + N_KEY_VALUES + N_CHORD_VALUES

    def extract(self, samples: Frames) -> Frames:
        struck, sounding = transcribed(samples)
        notes, sounds = _notes(struck, sounding), sounding > SOUNDS
        count = n_frames(len(samples), RATE)
        first, past = stretches(count, self.seconds, 1 / FRAME_RATE, len(sounds))
        rows = []
        for start, stop in zip(first, past, strict=True):
            seconds = (stop - start) / FRAME_RATE
            low, high = np.searchsorted(notes.begin, [start / FRAME_RATE, stop / FRAME_RATE])
            inside = Note(*(column[low:high] for column in notes))
            held = sounds[start:stop]
            classes = _classes(held)
            keys = key_values(classes.sum(axis=0, keepdims=True, dtype=np.float64))[0]
            rows.append(
                [*_of_notes(inside, seconds), *_of_lines(held), *keys, *_of_chords(classes)]
            )
        return np.array(rows, dtype=np.float32)


def _notes(struck: Frames, sounding: Frames) -> Note:
    """Return a note for each peak of an onset, in the order of their beginnings."""
    later, sooner = np.pad(struck, ((0, 1), (0, 0)))[1:], np.pad(struck, ((1, 0), (0, 0)))[:-1]
    frames, keys = np.nonzero((struck > STRUCK) & (struck >= sooner) & (struck > later))
    found = []
    for frame, key in zip(frames, keys, strict=True):
        tail = sounding[frame + 1 : frame + LONGEST, key] > HELD
        length = 1 + (int(tail.argmin()) if not tail.all() else len(tail))
        if length > SHORTEST:
            tone = float(sounding[frame : frame + length, key].mean())
            begin, lasts = frame / FRAME_RATE, length / FRAME_RATE
            found.append((begin, lasts, LOWEST + key, float(struck[frame, key]), tone))
    return Note(*np.array(found, dtype=np.float64).reshape(-1, 5).T)


def _of_notes(notes: Note, seconds: float) -> list[float]:
    """Return 13 values; of no notes at all, those of one long middle C that nobody strikes."""
    n_notes = len(notes.begin)
    gaps = np.diff(notes.begin)
    gaps = gaps[gaps > TOGETHER]
    n_chords = 1 + len(gaps) if n_notes else 0
    apart = np.log(gaps) if len(gaps) else np.log([seconds])
    pitch = notes.pitch if n_notes else np.array([60.0])
    length = notes.length if n_notes else np.array([seconds])
    return [
        n_notes / seconds,
        n_chords / seconds,
        n_notes / max(n_chords, 1),
        float(np.median(apart)),
        float(apart.std()),
        float(pitch.mean()),
        float(pitch.std()),
        *np.percentile(pitch, [10, 90]),
        float(np.log(length.mean())),
        float(np.log(np.median(length))),
        float(notes.onset.mean()) if n_notes else 0.0,
        float(notes.tone.mean()) if n_notes else 0.0,
    ]


def _of_lines(sounds: Bools) -> list[float]:
    """Return how many keys sound (mean, SD, share of silence), and the outer voices: 9 values."""
    at_once = sounds.sum(axis=1)
    heard = sounds[at_once > 0]
    if not len(heard):
        return [0.0, 0.0, 1.0, 60.0, 0.0, 60.0, 0.0, 0.0, 0.0]
    top = LOWEST + sounds.shape[1] - 1 - heard[:, ::-1].argmax(axis=1)
    bottom = LOWEST + heard.argmax(axis=1)
    leaps = np.abs(np.diff(top))
    moves = leaps > 0
    return [
        float(at_once.mean()),
        float(at_once.std()),
        float((at_once == 0).mean()),
        float(top.mean()),
        float(top.std()),
        float(bottom.mean()),
        float(moves.sum() / len(heard) * FRAME_RATE),
        float(leaps[moves].mean()) if moves.any() else 0.0,
        float((np.diff(bottom) != 0).sum() / len(heard) * FRAME_RATE),
    ]


def _classes(sounds: Bools) -> Frames:
    """Return how many keys of each pitch class sound: (n_frames, 12)."""
    turned = np.pad(sounds, ((0, 0), (LOWEST % 12, -(LOWEST + sounds.shape[1]) % 12)))
    counts: Frames = turned.reshape(len(sounds), -1, 12).sum(axis=1).astype(np.float32)
    return counts


def _of_chords(classes: Frames) -> list[float]:
    """Return shares of the six interval classes, and how often each triad sounds: 11 values."""
    present = (classes > 0).astype(np.float32)
    together = present.T @ present
    intervals = np.array([np.trace(np.roll(together, -step, axis=1)) for step in range(1, 7)])
    shares = intervals / max(float(intervals.sum()), 1.0)
    sounds = present > 0
    triads = []
    for steps in TRIADS:
        complete = [sounds[:, [(root + step) % 12 for step in steps]].all(1) for root in range(12)]
        triads.append(float(np.any(complete, axis=0).mean()))
    return [*shares, *triads, triads[0] - triads[1]]
