"""openSMILE's ComParE 2013 descriptors (Eyben, Weninger, Gross & Schuller 2013), from audio.

The package `opensmile` is not part of this one. Its licence (audEERING Research License) is free
for private, educational and research use; a product, and models and features that go into one, want
a commercial licence of audEERING.
"""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from benchmark.errors import BenchmarkError
from benchmark.interfaces import Extractor, Floats, Frames

RATE = 44_100
STEP = 441
"""Samples between two rows of descriptors: 10 ms."""
LONGEST = 2_646
"""Samples a row sees: 60 ms."""
HOP_ROWS = 50
WINDOW_ROWS = 100
PIECE_ROWS, LEAD_ROWS, TAIL_ROWS = 400, 100, 40
"""openSMILE hears a song in pieces of 4 s, each with 1 s before and 0.4 s after it."""
DELTA_REACH = 2
N_VOICE = 6
"""The first descriptors: pitch, voicing, jitter, shimmer, harmonics to noise. Zero is no value."""
HOW_TO_GET = (
    "pip install 'mer-benchmark[opensmile]' (its licence is free for private, educational and "
    "research use, not for products)"
)


@dataclass(frozen=True, kw_only=True)
class OpensmileAudio(Extractor):
    """The 260 openSMILE values of DEAM's official features, computed from any audio.

    SD and mean over 1 s, twice a second, of 65 descriptors at 44.1 kHz and their deltas, in the
    order of DEAM's files, in which `mfcc_sma[1]` is called `pcm_fftMag_mfcc_sma[1]`. Frame i sees
    [i / 2, i / 2 + 1) seconds; the last ones see the last second. It wants the package `opensmile`.

    They differ from DEAM's in that openSMILE, here at the version of the package with the set
    "IS13", hears pieces of 4 s with a second before each, not the file at once: jitter and shimmer
    depend on all that went before. Deltas are the regression over two rows on either side for all
    descriptors; openSMILE divides those of the voice by a sum that grows from the beginning of a
    file, so that they would say how long it has lasted.
    """

    name: ClassVar[str] = "opensmile_audio"
    source: ClassVar[str] = "Eyben, Weninger, Gross & Schuller 2013, doi:10.1145/2502081.2502224"
    libraries: ClassVar[tuple[str, ...]] = ("opensmile",)
    how_to_get: ClassVar[str] = HOW_TO_GET

    @property
    def rate(self) -> int:
        return RATE

    @property
    def hop(self) -> float:
        return HOP_ROWS * STEP / RATE

    @property
    def support(self) -> float:
        return 2 * (PIECE_ROWS + LEAD_ROWS + DELTA_REACH) * STEP / RATE

    @property
    def grid(self) -> float:
        return PIECE_ROWS * STEP / RATE

    @property
    def n_bins(self) -> int:
        return 260

    def extract(self, samples: Frames) -> Frames:
        rows = _descriptors(samples)
        voice, others = rows[:, :N_VOICE], rows[:, N_VOICE:]
        rows = np.concatenate([rows, _deltas(voice, voice != 0), _deltas(others)], axis=1)
        latest = max(len(rows) - WINDOW_ROWS, 0)
        n_frames = 1 + len(samples) // (HOP_ROWS * STEP)
        frames = np.empty((n_frames, rows.shape[1], 2), dtype=np.float32)
        for frame in range(n_frames):
            start = min(frame * HOP_ROWS, latest)
            window = rows[start : start + WINDOW_ROWS]
            frames[frame] = np.stack([window.std(axis=0), window.mean(axis=0)], axis=1)
        return frames.reshape(n_frames, -1)


def _descriptors(samples: Frames) -> Floats:
    """Return 65 descriptors, 10 ms apart: (n_rows, 65).

    openSMILE takes whole numbers of 16 bits: a sample of 1.0 would become the lowest.
    """
    heard = np.pad(np.clip(samples, -1, 32767 / 32768), (0, max(0, LONGEST - len(samples))))
    n_rows = 1 + (len(heard) - LONGEST) // STEP
    pieces = []
    for first in range(0, n_rows, PIECE_ROWS):
        begin = max(first - LEAD_ROWS, 0)
        end = (first + PIECE_ROWS + TAIL_ROWS) * STEP + LONGEST
        rows = _smile().process_signal(heard[begin * STEP : end], RATE).to_numpy(dtype=np.float64)
        pieces.append(rows[first - begin : first - begin + PIECE_ROWS])
    return np.concatenate(pieces)[:n_rows]


def _deltas(rows: Floats, known: npt.NDArray[np.bool_] | bool = True) -> Floats:
    """Return the regression over `DELTA_REACH` rows on either side; differences of `known` only."""
    n_rows = len(rows)
    edges = ((DELTA_REACH, DELTA_REACH), (0, 0))
    padded = np.pad(rows, edges, mode="edge")
    valued = np.pad(np.broadcast_to(known, rows.shape), edges, mode="edge")
    total, norm = np.zeros_like(rows), 0
    for reach in range(1, DELTA_REACH + 1):
        later = slice(DELTA_REACH + reach, DELTA_REACH + reach + n_rows)
        sooner = slice(DELTA_REACH - reach, DELTA_REACH - reach + n_rows)
        difference = padded[later] - padded[sooner]
        total += reach * np.where(valued[later] & valued[sooner], difference, 0.0)
        norm += 2 * reach**2
    return total / norm


@cache
def _smile() -> Any:
    opensmile = load_opensmile()
    return opensmile.Smile(opensmile.FeatureSet.IS13, "lld", sampling_rate=RATE)


def load_opensmile() -> Any:
    """Import the package `opensmile`; raises BenchmarkError if it is not installed."""
    _keep_apart()
    try:
        import opensmile
    except ImportError as error:
        raise BenchmarkError(
            f"{OpensmileAudio.name} needs the package 'opensmile', which is not installed: "
            f"{HOW_TO_GET}"
        ) from error
    return opensmile


def _keep_apart() -> None:
    """Load openSMILE's library with the C++ library it was built for.

    Where TensorFlow is loaded already, it would find that one's and end the process (seen on Linux
    with opensmile 2.6.0 and tensorflow 2.21).
    """
    package = find_spec("opensmile")
    if package and package.origin and hasattr(os, "RTLD_DEEPBIND"):
        for library in Path(package.origin).parent.glob("core/bin/*/libSMILEapi.so"):
            with suppress(OSError):  # of another machine; what is wrong, the import says
                ctypes.CDLL(str(library), mode=os.RTLD_DEEPBIND)
