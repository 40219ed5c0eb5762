from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from benchmark.records import SongFrames


@pytest.fixture(scope="session")
def make_songs(make_frames: Callable[..., SongFrames]) -> Callable[..., Sequence[SongFrames]]:
    """Return a maker of several songs, each of its own seed."""

    def make(first: int, last: int, **options: object) -> list[SongFrames]:
        return [make_frames(str(n), seed=n, **options) for n in range(first, last + 1)]

    return make
