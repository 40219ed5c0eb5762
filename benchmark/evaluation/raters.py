"""How far raters are apart: what a perfect model could reach, as long as it predicts their mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmark.interfaces import Floats
from benchmark.records import RaterErrors, Song

SPLITS = 20
"""Random halves of the raters of a song that are averaged over."""


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
            found[song.id] = _errors(ratings[:, counted], song.id)
    return found


def _errors(ratings: Floats, song: str) -> RaterErrors:
    known = np.isfinite(ratings)
    count = known.sum(axis=0)
    filled = np.where(known, ratings, 0.0)
    total = filled.sum(axis=0)
    spread = np.where(known, np.square(ratings - total / count), 0.0).sum(axis=0)
    others = (total - filled) / (count - 1)
    alone = np.where(known, np.square(ratings - others), 0.0).sum(axis=0) / count
    random = np.random.default_rng(list(song.encode()))
    halves = np.mean([_halves(ratings, random) for _ in range(SPLITS)], axis=0)
    return RaterErrors(
        n_labels=ratings.shape[1],
        of_mean=float((spread / (count - 1) / count).sum()),
        between_halves=float(halves.sum()),
        of_one=float(alone.sum()),
    )


def _halves(ratings: Floats, random: np.random.Generator) -> Floats:
    """Return the squared difference between the means of two random halves, per label.

    Raters are dealt to the halves label by label among those who rated it, in one random order.
    """
    order = ratings[random.permutation(len(ratings))]
    known = np.isfinite(order)
    odd = np.cumsum(known, axis=0) % 2 == 1
    filled = np.where(known, order, 0.0)
    first, second = known & odd, known & ~odd
    mean = (filled * first).sum(axis=0) / first.sum(axis=0)
    other: Floats = (filled * second).sum(axis=0) / second.sum(axis=0)
    apart: Floats = np.square(mean - other)
    return apart
