"""What training and test songs have in common: a leak is looked for, not taken on trust."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache, reduce

import numpy as np
import numpy.typing as npt

from benchmark.records import LABEL_PERIOD, Fold, LabelSplit, Shared, Song

Mask = npt.NDArray[np.bool_]


def shared(
    folds: Sequence[Fold],
    songs: Sequence[Song],
    targets: tuple[str, ...],
    sources: Mapping[str, str],
    *,
    reach: float,
    decided: Collection[str] = (),
) -> Shared:
    """Count what the folds of a cell share between their sides.

    Two songs are the same recording if they are the same work, or their features are made of the
    same content (`sources`, by song id). `reach` is how many seconds of audio a model sees on
    either side of the middle of a label. `decided` are the songs on which parameters were chosen,
    in whatever fold.
    """
    marks = {song.id: _marks(song, sources[song.id]) for song in songs}
    rated = {song.id: _rated(song, targets) for song in songs}
    everywhere = {song: np.ones_like(mask) for song, mask in rated.items()}
    trained_on: dict[str, str] = {}
    tested, chosen_on = set(), set()
    n_labels = n_overlapping = 0
    deciding = {mark for song in decided if song in marks for mark in marks[song]}
    for fold in folds:
        learned = set(fold.learned)
        trained = {mark: song for song in fold.learned for mark in marks[song]}
        chosen = {mark for song in fold.validation for mark in marks[song]}
        near = []
        for name in fold.test:
            tested.add(name)
            if not chosen.isdisjoint(marks[name]) or not deciding.isdisjoint(marks[name]):
                chosen_on.add(name)
            counted, mine = rated[name], everywhere[name]
            if fold.labels:
                mine = _tests(fold.labels, name, len(counted))
                counted = counted & mine
            n_labels += int(np.count_nonzero(counted))
            if twins := [mark for mark in marks[name] if mark in trained]:
                trained_on.setdefault(name, name if name in learned else trained[min(twins)])
                seen = ~mine if fold.labels and name in learned else everywhere[name]
                near.append((counted, seen))
        n_overlapping += _near(near, 2 * reach)
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


def _rated(song: Song, targets: Sequence[str]) -> Mask:
    """Return which labels of a song are rated on any of the targets."""
    return reduce(np.logical_or, (np.isfinite(song.labels[target]) for target in targets))


def _marks(song: Song, source: str) -> tuple[tuple[str, str], ...]:
    """Return what two songs that are the same recording have one of in common."""
    return tuple(mark for mark in (("work", song.work), ("content", source)) if mark[1])


@lru_cache(maxsize=2**15)
def _tests(labels: LabelSplit, song: str, n_labels: int) -> Mask:
    """Return which labels of a song test; drawn once for all cells."""
    return np.equal(labels.part(song, n_labels), "test")


def _near(songs: Sequence[tuple[Mask, Mask]], seconds: float) -> int:
    """Count the tested labels of songs less than `seconds` from one of the song that was seen.

    A song has two masks: which of its labels are tested, and which were seen.
    """
    if not songs:
        return 0
    lengths = np.array([len(tested) for tested, _ in songs])
    tested, seen = (np.concatenate(masks) for masks in zip(*songs, strict=True))
    # Songs are laid on one line, farther apart than the labels of any of them.
    longest = int(lengths.max())
    line = np.arange(len(seen)) + np.repeat(longest * np.arange(len(songs)), lengths)
    places, wanted = line[seen], line[tested]
    if not len(places):
        return 0
    after = np.searchsorted(places, wanted).clip(max=len(places) - 1)
    before = (after - 1).clip(min=0)
    apart = np.minimum(abs(places[after] - wanted), abs(places[before] - wanted)) * LABEL_PERIOD
    return int((apart < min(seconds, longest * LABEL_PERIOD)).sum())
