"""What training and test songs have in common: a leak is looked for, not taken on trust."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from benchmark.records import LABEL_PERIOD, Fold, Shared, Song

Mask = npt.NDArray[np.bool_]


def shared(
    folds: Sequence[Fold],
    songs: Sequence[Song],
    targets: tuple[str, ...],
    sources: Mapping[str, str],
    *,
    reach: float,
) -> Shared:
    """Count what the folds of a cell share between their sides.

    Two songs are the same recording if they are the same work, or their features are made of the
    same content (`sources`, by song id). `reach` is how many seconds of audio a model sees on
    either side of the middle of a label.
    """
    known = {song.id: song for song in songs}

    def recordings(members: Iterable[str]) -> dict[tuple[str, str], str]:
        return {
            mark: song
            for song in members
            for mark in (("work", known[song].work), ("content", sources[song]))
            if mark[1]
        }

    trained_on: dict[str, str] = {}
    tested, chosen_on = set(), set()
    n_labels = n_overlapping = 0
    for fold in folds:
        trained, chosen = recordings(fold.learned), recordings(fold.validation)
        learned = set(fold.learned)
        for name in fold.test:
            song, own = known[name], recordings([name])
            mine = fold.known("test", name, len(song.times))
            counted = mine & np.isfinite(song.values(targets)).any(axis=1)
            tested.add(name)
            n_labels += int(counted.sum())
            if not own.keys().isdisjoint(chosen):
                chosen_on.add(name)
            if twins := sorted(own.keys() & trained.keys()):
                trained_on.setdefault(name, name if name in learned else trained[twins[0]])
                seen = ~mine if fold.labels and name in learned else np.ones_like(mine)
                n_overlapping += _near(counted, seen, 2 * reach)
    return Shared(
        test_songs=len(tested),
        trained_on=len(trained_on),
        chosen_on=len(chosen_on),
        test_labels=n_labels,
        overlapping=n_overlapping,
        example=_example(trained_on),
    )


def _example(trained_on: Mapping[str, str]) -> str:
    """Name a song that is trained on, if there is any."""
    if not trained_on:
        return ""
    song, twin = min(trained_on.items())
    return f"song {song}" if song == twin else f"song {song}, the same recording as song {twin}"


def _near(tested: Mask, seen: Mask, seconds: float) -> int:
    """Count the tested labels less than `seconds` from one that was seen."""
    places, wanted = np.flatnonzero(seen), np.flatnonzero(tested)
    if not len(places):
        return 0
    after = np.searchsorted(places, wanted).clip(max=len(places) - 1)
    before = (after - 1).clip(min=0)
    apart = np.minimum(abs(places[after] - wanted), abs(places[before] - wanted)) * LABEL_PERIOD
    return int((apart < seconds).sum())
