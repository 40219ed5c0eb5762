from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from benchmark.records import Song

MakeSong = Callable[..., Song]


@pytest.fixture(scope="session")
def make_subsets(make_song: MakeSong) -> Callable[[Sequence[str]], list[Song]]:
    """Return a maker of songs that stand alone: ids count from 0, one subset each."""

    def make(structure: Sequence[str]) -> list[Song]:
        return [make_song(str(number), subset=name) for number, name in enumerate(structure)]

    return make
