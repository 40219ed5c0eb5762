"""A small synthetic dataset whose emotion follows known cues: something to run on a fresh machine.

No listener was involved: the ratings are the numbers the music was made from, plus noise. It shows
that the machinery works, nothing about music.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Ge, Le

from benchmark.interfaces import Dataset, Floats, Frames
from benchmark.records import LABEL_PERIOD, TARGETS, Corpus, Song
from benchmark.records.atomic import settle, sweep, temporary_sibling

FOLDER = Path("data/demo")
"""No parameter: `--set dataset.root=PATH`, meant for real data, must not render tunes into it."""
RATE = 12_000
SECONDS = 35
FIRST_LABEL = 15.0
N_LABELS = 40
MAJOR = np.array([0, 4, 7])
MINOR = np.array([0, 3, 7])
PROGRESSION = np.array([0, 5, 7, 0])


@dataclass(frozen=True, kw_only=True)
class Demo(Dataset):
    """Synthetic: rendered tunes whose tempo, loudness, brightness and mode follow the ratings.

    Arousal sets tempo, loudness and brightness; valence sets how often a triad is major (on C, F
    and G) and, weakly, brightness. Rendered once as WAV files in data/demo, 35 s each, 40 labels
    from 15 s.
    """

    name: ClassVar[str] = "demo"
    version: ClassVar[int] = 1

    songs: Annotated[int, Ge(10), Le(1000)] = 30
    seed: Annotated[int, Ge(0)] = 0

    def load(self) -> Corpus:
        folder = FOLDER / f"v{self.version}-seed{self.seed}"
        sweep(folder)
        return Corpus(
            title="demo (synthetic)",
            songs=tuple(self._song(folder, number) for number in range(self.songs)),
            synthetic=True,
            citation="rendered by mer-benchmark; no listeners",
            licence="CC0",
        )

    def _song(self, folder: Path, number: int) -> Song:
        random = np.random.default_rng([self.seed, number])
        curves = {target: _movement(random) for target in TARGETS}
        path = folder / f"{number + 1:03d}.wav"
        if not path.exists():
            _write(path, _render(curves, random))
        first = int(FIRST_LABEL / LABEL_PERIOD)
        noise = np.random.default_rng([self.seed, number, 1])
        labels = {
            target: np.clip(curves[target][first:] + noise.normal(0, 0.03, N_LABELS), -1, 1)
            for target in TARGETS
        }
        return Song(
            id=path.stem,
            audio=path,
            audio_hash=hashlib.sha256(path.read_bytes()).hexdigest(),
            times=FIRST_LABEL + LABEL_PERIOD * np.arange(N_LABELS, dtype=np.float64),
            labels=labels,
            groups={"artist": f"composer {number % 10}", "subset": "demo"},
        )


def _movement(random: np.random.Generator) -> Floats:
    """Return a rating per half second of the song: its own level and a slow swing around it."""
    seconds = LABEL_PERIOD * np.arange(int(SECONDS / LABEL_PERIOD))
    level = random.uniform(-0.65, 0.65)
    swing = random.uniform(0, 0.15) * np.sin(
        2 * np.pi * (seconds / random.uniform(20, 60) + random.uniform())
    )
    return np.asarray(np.clip(level + swing, -0.9, 0.9))


def _render(curves: dict[str, Floats], random: np.random.Generator) -> Frames:
    """Play broken triads, note by note, at the tempo, loudness and brightness of the moment."""
    samples = np.zeros(SECONDS * RATE)
    octave = 12 * random.integers(4, 6)
    tempo_habit, loudness_habit, brightness_habit = random.normal(0, 0.2, 3)
    second, beat = 0.0, 0
    while second < SECONDS - 0.05:
        half = min(int(second / LABEL_PERIOD), len(curves["arousal"]) - 1)
        arousal, valence = curves["arousal"][half], curves["valence"][half]
        length = 60 / (100 * 2 ** (arousal + tempo_habit))
        triad = MAJOR if valence + random.normal(0, 0.4) > 0 else MINOR
        pitch = octave + PROGRESSION[beat // 8 % 4] + triad[beat % 3]
        decibels = -26 + 8 * (arousal + loudness_habit)
        rolloff = 2.0 - 0.8 * (arousal + brightness_habit) - 0.3 * valence
        note = _note(440 * 2 ** ((pitch - 69) / 12), rolloff, length)
        start = int(second * RATE)
        end = min(start + len(note), len(samples))
        samples[start:end] += 10 ** (decibels / 20) * note[: end - start]
        second, beat = second + length, beat + 1
    hiss = random.normal(0, 1e-3, len(samples))
    return np.clip(samples + hiss, -1, 1).astype(np.float32)


def _note(frequency: float, rolloff: float, length: float) -> Floats:
    """Return a decaying tone whose harmonic h has amplitude h ** -rolloff."""
    time = np.arange(int(1.5 * length * RATE)) / RATE
    harmonics = np.arange(1, min(12, int(RATE / 2 / frequency)) + 1, dtype=np.float64)
    amplitudes = harmonics**-rolloff
    tone = amplitudes @ np.sin(2 * np.pi * frequency * harmonics[:, None] * time)
    note: Floats = tone * np.exp(-3 * time / length) / amplitudes.sum()
    return note


def _write(path: Path, samples: Frames) -> None:
    import soundfile

    with temporary_sibling(path, store=path.parent) as draft:
        soundfile.write(draft, samples, RATE, subtype="PCM_16")
        settle(draft)
        draft.replace(path)
