"""What training and test songs have in common: a leak is looked for, not taken on trust."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from benchmark.records import LABEL_PERIOD, Fold, Shared, Song

Mask = npt.NDArray[np.bool_]


def shared(
    folds: Sequence[Fold], songs: Sequence[Song], sources: Mapping[str, str], *, reach: float
) -> Shared:
    """Count what the folds of a cell share between their sides.

    Two songs are the same recording if they are the same work, or their features are made of the
    same content (`sources`, by song id). `reach` is how many seconds of audio a model sees on
    either side of the middle of a label.
    """
    known = {song.id: song for song in songs}

    def recordings(members: Iterable[str]) -> set[tuple[str, str]]:
        return {
            mark
            for song in members
            for mark in (("work", known[song].work), ("content", sources[song]))
            if mark[1]
        }

    counts = dict.fromkeys(Shared.__dataclass_fields__, 0)
    for fold in folds:
        trained = recordings(fold.learned)
        chosen = recordings(fold.validation) if fold.validation else set()
        learned = set(fold.learned)
        for name in fold.test:
            song, own = known[name], recordings([name])
            tested = fold.known("test", name, len(song.times))
            counts["test_songs"] += 1
            counts["test_labels"] += int(tested.sum())
            counts["chosen_on"] += not own.isdisjoint(chosen)
            if not own.isdisjoint(trained):
                counts["trained_on"] += 1
                seen = ~tested if fold.labels and name in learned else np.ones_like(tested)
                counts["overlapping"] += _near(tested, seen, 2 * reach)
    return Shared(**counts)


def _near(tested: Mask, seen: Mask, seconds: float) -> int:
    """Count the tested labels less than `seconds` from one that was seen."""
    places, wanted = np.flatnonzero(seen), np.flatnonzero(tested)
    if not len(places):
        return 0
    after = np.searchsorted(places, wanted).clip(max=len(places) - 1)
    before = (after - 1).clip(min=0)
    apart = np.minimum(abs(places[after] - wanted), abs(places[before] - wanted)) * LABEL_PERIOD
    return int((apart < seconds).sum())
