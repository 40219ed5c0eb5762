"""Networks 1 to 3 of the starting project (track_emo_reco), convolutional in time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

POOL = "pool"
NETWORKS: dict[int, tuple[tuple[tuple[int, int] | str, ...], float]] = {
    1: (((3, 16), (10, 32), POOL), 0.5),
    2: (((3, 16), POOL, (10, 16), POOL), 0.0),
    3: (((3, 16), (10, 32), POOL, (10, 64)), 0.3),
}
"""Convolutions (kernel, filters) and 2x2 pools, and the dropout after the dense layer.

All are followed by dropout 0.25 and dense 128 (network 2: dense 128, then dropout 0.25), dense 1.
"""


HEAD = 128
"""Units of the dense layer."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What a network is built for: windows (n_frames, n_bins), `step` frames apart."""

    n_frames: int
    n_bins: int
    step: int
    n_targets: int
    precision: str


def build(keras: Any, number: int, layout: Layout) -> tuple[Any, tuple[str, ...]]:
    """Build one of `NETWORKS`; also say which kernels had to be clipped.

    It is convolutional in time: it takes (n, any number of frames, n_bins, 1) and gives (n,
    n_windows, n_targets). The dense layer is a convolution as high as a window.
    """
    layers, last_dropout = NETWORKS[number]
    notes: list[str] = []
    size, step = (layout.n_frames, layout.n_bins), layout.step

    def clipped(wanted: int, what: str) -> tuple[int, int]:
        fitting = min(wanted, size[0]), min(wanted, size[1])
        if fitting != (wanted, wanted):
            notes.append(f"{what} {wanted}x{wanted} clipped to {fitting[0]}x{fitting[1]}")
        return fitting

    kind = keras.layers
    dtype = keras.DTypePolicy(layout.precision)
    value = inputs = keras.Input((None, layout.n_bins, 1))
    channels = 1
    for layer in layers:
        if isinstance(layer, str):
            pool = clipped(2, "pool")
            value = kind.MaxPooling2D(pool, dtype=dtype)(value)
            size, step = (size[0] // pool[0], size[1] // pool[1]), max(1, step // pool[0])
        else:
            kernel, channels = clipped(layer[0], "kernel"), layer[1]
            value = kind.Conv2D(channels, kernel, activation="relu", dtype=dtype)(value)
            size = size[0] - kernel[0] + 1, size[1] - kernel[1] + 1
    value = kind.Reshape((-1, size[1] * channels), dtype=dtype)(value)
    if number != 2:
        value = kind.Dropout(0.25, dtype=dtype)(value)
    # Glorot's limit for the dense layer it is, not for the convolution it is written as.
    limit = math.sqrt(6 / (size[0] * size[1] * channels + HEAD))
    value = kind.Conv1D(
        HEAD,
        size[0],
        strides=step,
        activation="relu",
        kernel_initializer=keras.initializers.RandomUniform(-limit, limit),
        dtype=dtype,
    )(value)
    value = kind.Dropout(0.25 if number == 2 else last_dropout, dtype=dtype)(value)
    value = kind.Dense(layout.n_targets, dtype="float32")(value)
    return keras.Model(inputs, value), tuple(notes)
