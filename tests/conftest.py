"""Songs in memory, a tiny folder in DEAM's layout, an installed plug-in, real data where it is."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmark import registry
from benchmark.execution.worker import THREAD_LIMITS
from benchmark.records import LABEL_PERIOD, TARGETS, Song, SongFrames

# Processes that tests start heed Ctrl-C, though a shell in the background lets none do so.
signal.signal(signal.SIGINT, signal.default_int_handler)
# As a job has it: libraries that are loaded from here on use one thread.
os.environ.update(dict.fromkeys(THREAD_LIMITS, "1"))

SHARED = Path(__file__).parents[2] / "shared" / "datasets"
RATE = 12_000
FIRST_LABEL = 1.0
N_LABELS = 5


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that have slow tests: whoever is done first takes the short ones."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def shared_datasets() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the real data is not here: ../shared/datasets is absent")
    return SHARED


@pytest.fixture(scope="session")
def tone() -> Callable[..., np.ndarray]:
    """Return a maker of test sounds: a chord in noise, moving and swelling: no two frames alike."""

    def make(seconds: float = 4.0, *, rate: int = RATE, seed: int = 0) -> np.ndarray:
        random = np.random.default_rng(seed)
        time = np.arange(round(seconds * rate)) / rate
        pitches = random.uniform(100, 1500, 4)[:, None]
        chord = np.sin(2 * np.pi * (pitches * time + 20 * np.sin(time))).mean(axis=0)
        swell = 0.3 + 0.2 * np.sin(2 * np.pi * time / 3 + seed)
        return (swell * chord + 0.01 * random.normal(size=len(time))).astype(np.float32)

    return make


@pytest.fixture(scope="session")
def make_frames() -> Callable[..., SongFrames]:
    """Return a maker of songs as models see them: labels follow the first bin of the frames."""

    def make(
        name: str = "1",
        *,
        seed: int = 0,
        n_labels: int = 8,
        n_bins: int = 6,
        hop: float = 0.1,
        n_targets: int = 1,
        first: float = FIRST_LABEL,
    ) -> SongFrames:
        random = np.random.default_rng(seed)
        times = first + LABEL_PERIOD * np.arange(n_labels)
        n_frames = 1 + round((times[-1] + LABEL_PERIOD) / hop)
        level = np.sin(np.arange(n_frames) * hop + random.uniform(0, 6, n_bins)[:, None]).T
        frames = (level + 0.1 * random.normal(size=level.shape)).astype(np.float32)
        nearest = np.rint((times + LABEL_PERIOD / 2) / hop).astype(int)
        labels = np.stack([0.5 * level[nearest, target] for target in range(n_targets)], axis=1)
        return SongFrames(name, frames, hop, times, labels)

    return make


@pytest.fixture(scope="session")
def make_song() -> Callable[..., Song]:
    """Return a maker of songs as protocols and plans see them: no audio, labels from a seed."""

    def make(
        name: str,
        *,
        subset: str = "all",
        artist: str = "",
        album: str = "",
        work: str = "",
        content: str = "",
        ratings: Mapping[str, np.ndarray] | None = None,
        seed: int = 0,
    ) -> Song:
        random = np.random.default_rng([seed, *name.encode()])
        some = {"album": album, "song": work}
        return Song(
            id=name,
            audio=None,
            audio_hash=content,
            times=FIRST_LABEL + LABEL_PERIOD * np.arange(N_LABELS),
            labels={target: random.uniform(-1, 1, N_LABELS) for target in TARGETS},
            groups={"subset": subset, "artist": artist} | {k: v for k, v in some.items() if v},
            ratings=ratings or {},
        )

    return make


@dataclass(frozen=True)
class DeamFolder:
    """A folder in DEAM's layout that tests fill and spoil."""

    root: Path

    def table(self, target: str) -> Path:
        return (
            self.root
            / "annotations"
            / "annotations averaged per song"
            / "dynamic (per second annotations)"
            / f"{target}.csv"
        )

    def write_table(
        self, target: str, rows: Mapping[object, Sequence[object]], *, starts: Sequence[int]
    ) -> Path:
        """Write ratings as the released tables have them: header names with a leading space."""
        header = ["song_id", *(f" sample_{start}ms" for start in starts)]
        lines = [header, *([song, *cells] for song, cells in rows.items())]
        return self.write(
            self.table(target), "".join(",".join(map(str, line)) + "\n" for line in lines)
        )

    def write_audio(self, name: str, samples: np.ndarray, *, rate: int = RATE) -> Path:
        path = self.root / "MEMD_audio" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, samples, rate)
        return path

    def write(self, path: Path, text: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path


@pytest.fixture
def empty_deam(tmp_path: Path) -> DeamFolder:
    return DeamFolder(tmp_path / "tiny")


@pytest.fixture
def deam_folder(empty_deam: DeamFolder, tone: Callable[..., np.ndarray]) -> DeamFolder:
    """Six songs of 4 s, ids 1 to 6, five labels each from 1 s, two artists."""
    starts = [int(1000 * (FIRST_LABEL + LABEL_PERIOD * number)) for number in range(N_LABELS)]
    random = np.random.default_rng(0)
    for target in TARGETS:
        levels = random.uniform(-0.6, 0.6, 6)
        ratings = np.clip(levels[:, None] + random.normal(0, 0.1, (6, N_LABELS)), -1, 1)
        rows = {song: ratings[song - 1].round(4).tolist() for song in range(1, 7)}
        empty_deam.write_table(target, rows, starts=starts)
    for song in range(1, 7):
        empty_deam.write_audio(f"{song}.wav", tone(seed=song))
    metadata = "song_id,artist,title\n" + "\n".join(
        f"{song},Artist {song % 2},Song {song}" for song in range(1, 7)
    )
    empty_deam.write(empty_deam.root / "metadata" / "metadata_2013.csv", metadata)
    return empty_deam


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the package in `tests/plugin` on the path, as an installation would."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent / "plugin"))
    forget_components()
    yield
    forget_components()


def forget_components() -> None:
    registry._found.cache_clear()
    registry.component.cache_clear()
