"""Predictors that know test labels: how good a number could be, never how good a model is.

They live here and are no models: none can be put into an experiment or be ranked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.evaluation.metrics import Floats
from benchmark.records import JobRecord, RaterErrors


@dataclass(frozen=True)
class Anchor:
    """A row to read others against: its RMSE per song, averaged over songs, and pooled."""

    name: str
    rmse: float
    rmse_pooled: float


Errors = Mapping[str, tuple[float, int]]
"""Sum of squared errors and number of labels of each song."""


def song_mean(records: Sequence[JobRecord], target: str) -> Anchor:
    """Return the oracle that knows each test song's mean: what is left is movement in the song."""
    return _anchor("oracle: song mean", _errors(records, target, _from_mean))


def previous_label(records: Sequence[JobRecord], target: str) -> Anchor:
    """Return the oracle that repeats the label before, scored where there is one."""
    return _anchor("oracle: previous label", _errors(records, target, _from_previous))


def raters(apart: Mapping[str, RaterErrors], songs: Sequence[str]) -> tuple[Anchor, ...]:
    """Return the rows of the raters of some songs; none where they are known for less than half.

    The mean of the raters has a standard error of its own, which a perfect model would be scored
    with; two halves of them differ by about twice that. A single rater is no ceiling: their mean
    averages out what one of them meant.
    """
    known = {song: apart[song] for song in songs if song in apart}
    if not known or 2 * len(known) < len(songs):
        return ()
    some = f", {len(known):,} of {len(songs):,} songs" if len(known) < len(songs) else ""

    def errors(name: str) -> Errors:
        return {song: (getattr(known[song], name), known[song].n_labels) for song in known}

    return (
        _anchor(f"raters: standard error of their mean{some}", errors("of_mean")),
        _anchor(f"raters: one half against the other{some}", errors("between_halves")),
        _anchor(f"raters: one against the others (no ceiling){some}", errors("of_one")),
    )


def _errors(
    records: Sequence[JobRecord], target: str, of: Callable[[Floats], tuple[float, int]]
) -> Errors:
    """Return errors of each test song; a song tested by several folds or seeds counts once."""
    found: dict[str, tuple[float, int]] = {}
    for record in records:
        if record.predictions is None:
            continue
        names, starts = record.predictions.songs, record.predictions.starts
        labels = record.predictions.labels[:, record.description["targets"].index(target)]
        stops = [*starts[1:], len(names)]
        for song, start, stop in zip(names[starts].tolist(), starts, stops, strict=True):
            if song not in found:
                found[song] = of(labels[start:stop])
    return found


def _from_mean(labels: Floats) -> tuple[float, int]:
    known = labels[np.isfinite(labels)]
    return (float(np.square(known - known.mean()).sum()), len(known)) if len(known) else (0.0, 0)


def _from_previous(labels: Floats) -> tuple[float, int]:
    change = np.diff(labels)
    known = change[np.isfinite(change)]
    return float(np.square(known).sum()), len(known)


def _anchor(name: str, errors: Errors) -> Anchor:
    counted = [(error, count) for error, count in errors.values() if count]
    if not counted:
        return Anchor(name, math.nan, math.nan)
    per_song = [math.sqrt(error / count) for error, count in counted]
    total, n_labels = (sum(column) for column in zip(*counted, strict=True))
    return Anchor(name, sum(per_song) / len(per_song), math.sqrt(total / n_labels))
