from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from benchmark.models._networks import Layout, build


@pytest.fixture(scope="module")
def keras() -> Any:
    from benchmark.models._keras import fresh_keras

    return fresh_keras(0)


def layout(shape: tuple[int, int] = (71, 96), *, step: int = 1, n_targets: int = 1) -> Layout:
    return Layout(
        n_frames=shape[0], n_bins=shape[1], step=step, n_targets=n_targets, precision="float32"
    )


@pytest.mark.parametrize(
    ("number", "parameters"),
    [
        # Convolutions k*k*in*out + out; dense in*128 + 128 and 128 + 1, worked out from (71, 96).
        (1, 160 + 51_232 + (30 * 42 * 32 * 128 + 128) + 129),
        (2, 160 + 25_616 + (12 * 19 * 16 * 128 + 128) + 129),
        (3, 160 + 51_232 + 204_864 + (21 * 33 * 64 * 128 + 128) + 129),
    ],
)
def test_networks_are_those_of_the_seed(keras: Any, number: int, parameters: int) -> None:
    network, notes = build(keras, number, layout())
    assert network.count_params() == parameters
    assert notes == ()


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("shape", [(71, 12), (71, 1), (2, 96), (1, 1)])
def test_clipped_kernels_are_recorded(keras: Any, number: int, shape: tuple[int, int]) -> None:
    network, notes = build(keras, number, layout(shape))
    assert network.predict_on_batch(np.zeros((3, *shape, 1))).shape == (3, 1, 1)
    assert notes
    assert all(re.fullmatch(r"(kernel|pool) \d+x\d+ clipped to \d+x\d+", note) for note in notes)


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("shape", [(37, 24), (38, 24), (39, 25), (6, 24)])
def test_a_passage_gives_what_its_windows_give(
    keras: Any, number: int, shape: tuple[int, int]
) -> None:
    step, count = 8, 5
    network, _ = build(keras, number, layout(shape, step=step, n_targets=2))
    length = shape[0] + (count - 1) * step
    passages = np.random.default_rng(1).normal(size=(3, length, shape[1], 1)).astype(np.float32)
    values = network.predict_on_batch(passages)
    assert values.shape == (3, count, 2)
    for window in range(count):
        cut = passages[:, window * step : window * step + shape[0]]
        expected = network.predict_on_batch(cut)[:, 0]
        np.testing.assert_allclose(values[:, window], expected, atol=2e-6)
