"""How far raters are apart: what a perfect model could reach, as long as it predicts their mean."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from benchmark.interfaces import Floats
from benchmark.records import RaterErrors, Song

SPLITS = 20
"""Random halves of the raters of a song that are averaged over."""

_KNOWN: dict[str, RaterErrors] = {}


def agreement(songs: Sequence[Song], target: str) -> dict[str, RaterErrors]:
    """Return how far the raters of each song are apart, for songs of which that is known.

    A label counts where it is rated and four or more raters gave a rating, so that each half has
    two. With an odd number of raters one half has one more.
    """
    found = {}
    for song in songs:
        ratings = song.ratings.get(target)
        if ratings is None:
            continue
        counted = np.isfinite(song.labels[target]) & (np.isfinite(ratings).sum(axis=0) >= 4)
        if counted.any():
            found[song.id] = _known_errors(ratings[:, counted], song.id)
    return found


def _known_errors(ratings: Floats, song: str) -> RaterErrors:
    """Return `_errors`, found once for all experiments of a run that have the song."""
    content = hashlib.sha256(f"{song} {ratings.shape} ".encode() + ratings.tobytes()).hexdigest()
    if content not in _KNOWN:
        _KNOWN[content] = _errors(ratings, song)
    return _KNOWN[content]


def _errors(ratings: Floats, song: str) -> RaterErrors:
    known = np.isfinite(ratings)
    count = known.sum(axis=0)
    filled = np.where(known, ratings, 0.0)
    total = filled.sum(axis=0)
    spread = np.where(known, np.square(ratings - total / count), 0.0).sum(axis=0)
    others = (total - filled) / (count - 1)
    alone = np.where(known, np.square(ratings - others), 0.0).sum(axis=0) / count
    random = np.random.default_rng(list(song.encode()))
    orders = np.stack([random.permutation(len(ratings)) for _ in range(SPLITS)])
    halves = _halves(ratings[orders]).mean(axis=0)
    return RaterErrors(
        n_labels=ratings.shape[1],
        of_mean=float((spread / (count - 1) / count).sum()),
        between_halves=float(halves.sum()),
        of_one=float(alone.sum()),
    )


def _halves(ratings: Floats) -> Floats:
    """Return the squared difference between the means of two halves of the raters, per label.

    `ratings` is (n_splits, n_raters, n_labels), the raters of each split in an order of its own.
    They are dealt to the halves label by label, in turn, among those who rated it.
    """
    known = np.isfinite(ratings)
    order = np.cumsum(known, axis=1)
    count = order[:, -1]
    filled, odd = np.where(known, ratings, 0.0), order % 2 == 1
    mean = (filled * odd).sum(axis=1) / ((count + 1) // 2)
    other: Floats = (filled * ~odd).sum(axis=1) / (count // 2)
    apart: Floats = np.square(mean - other)
    return apart
