from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from benchmark.audio import decode


@pytest.fixture(scope="session", params=["synthetic", "real"])
def music(request: pytest.FixtureRequest, tone: Callable[..., np.ndarray]) -> np.ndarray:
    """Ten seconds at 12 kHz: made here, and real where the real data is."""
    if request.param == "synthetic":
        return tone(10.0)
    folder = request.getfixturevalue("shared_datasets") / "emotify_sample"
    return decode(min(folder.glob("*.mp3"))).resampled(12_000)[:120_000]
