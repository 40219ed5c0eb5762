"""Which piano keys sound, by a network that others trained: Basic Pitch.

Bittner, Bosch, Rubinstein, Meseguer-Brocal & Ewert 2022, "A lightweight instrument-agnostic model
for polyphonic note transcription and multipitch estimation" (ICASSP). The package `basic-pitch` of
Spotify carries the weights (Apache 2.0), trained on GuitarSet, iKala, MAESTRO, MedleyDB-Pitch and
Slakh: recordings with notes, none with ratings of emotion.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.errors import BenchmarkError
from benchmark.interfaces import Frames

RATE = 22_050
LOWEST = 21
"""The lowest key, as a MIDI number; there are 88."""
WINDOW, STEP = 43_844, 33_075
"""Samples the network hears at a time, and those in their middle of which its answer is kept."""
INNER_HOP = 256
MARGIN = (WINDOW - STEP) // 2
FIRST, PAST = -(-MARGIN // INNER_HOP), -(-(MARGIN + STEP) // INNER_HOP)
FRAME_RATE = (PAST - FIRST) * RATE / STEP
"""86 frames a second."""
BATCH = 8
MODEL = "saved_models/icassp_2022/nmp.onnx"
HOW_TO_GET = (
    "pip install onnxruntime, and pip install --no-deps basic-pitch==0.4.0 (it asks for an old "
    "TensorFlow that it does not need here)"
)


def transcribed(samples: Frames) -> tuple[Frames, Frames]:
    """Return how likely each key is struck, and sounds: twice (n_frames, 88), 86 times a second.

    The song is heard in windows of 2 s, 1.5 s apart, in zeros beyond its ends.
    """
    n_windows = 1 + (len(samples) - 1) // STEP
    padded = np.pad(samples, (MARGIN, n_windows * STEP + WINDOW - len(samples) - MARGIN))
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::STEP][:n_windows]
    network = _network()
    struck, sounding = [], []
    for start in range(0, n_windows, BATCH):
        heard = {network.get_inputs()[0].name: windows[start : start + BATCH, :, None]}
        notes, onsets = network.run(
            ["StatefulPartitionedCall:1", "StatefulPartitionedCall:2"], heard
        )
        struck.append(onsets[:, FIRST:PAST].reshape(-1, onsets.shape[2]))
        sounding.append(notes[:, FIRST:PAST].reshape(-1, notes.shape[2]))
    n_frames = 1 + int(len(samples) * FRAME_RATE / RATE)
    return np.concatenate(struck)[:n_frames], np.concatenate(sounding)[:n_frames]


@cache
def _network() -> Any:
    """Load the network, for one thread, so that it says the same everywhere."""
    try:
        import onnxruntime
    except ImportError as error:
        raise BenchmarkError(
            f"notes needs 'onnxruntime', which is missing: {HOW_TO_GET}"
        ) from error
    package = find_spec("basic_pitch")
    if package is None or package.origin is None:
        raise BenchmarkError(f"notes needs 'basic-pitch', which is missing: {HOW_TO_GET}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    file = Path(package.origin).parent / MODEL
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
