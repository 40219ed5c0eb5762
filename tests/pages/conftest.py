"""A browser without a window, and songs to show in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from benchmark.pages.songs import Curve, SongCurves

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Yield the Chromium that is installed."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if path is None:
        pytest.skip(
            f"no browser to look at pages with: none of {', '.join(CHROMIUMS)} is installed"
        )
    with playwright.sync_playwright() as started:
        try:
            chromium = started.chromium.launch(
                executable_path=path,
                args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
            )
        except playwright.Error as error:
            pytest.skip(f"{path} does not start here: {error}")
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def song() -> Callable[..., SongCurves]:
    """Return a maker of songs with predicted curves at a level each."""

    def make(
        name: str, *, arousal: float = 0.5, valence: float = 0.0, n_labels: int = 8, **more: Any
    ) -> SongCurves:
        curves = {
            "arousal": Curve(predicted=np.full(n_labels, arousal)),
            "valence": Curve(predicted=np.full(n_labels, valence)),
        }
        return SongCurves(
            name, times=np.arange(n_labels) / 2, **{"audio": "", "curves": curves, **more}
        )

    return make
