"""Where the errors of a row lie: in which subset, when in the song, in which songs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from benchmark.evaluation.metrics import Counts, Floats
from benchmark.evaluation.scores import SongTable
from benchmark.evaluation.statistics import Interval, nadeau_bengio
from benchmark.records import JobRecord

WIDTH = 2.5
"""Seconds of a bin along the song: five labels."""

LEAST = 10
"""Songs without which a bin says more about them than about time."""


@dataclass(frozen=True)
class SubsetError:
    """RMSE per song of a row, and of its constant, averaged over the songs of a subset.

    `over_songs` is the t interval of the mean; NaN for a single song. Of songs with one label each,
    all are roots of means of squared errors.
    """

    subset: str
    n_songs: int
    rmse: float
    over_songs: Interval
    constant: float


@dataclass(frozen=True, eq=False)
class Along:
    """Errors of a row, and of its constant, along the song: arrays (n_bins,).

    Attributes
    ----------
    starts : array
        Seconds at which bins begin.
    rmse, constant : array
        Root of the mean over songs of the squared error in a bin; each song counts once, however
        many of its labels lie there and however often it was tested.
    n_songs : array
        Songs with a rating there.
    """

    starts: Floats
    rmse: Floats
    constant: Floats
    n_songs: Counts


@dataclass(frozen=True)
class WorstSong:
    """A song with its RMSE under a row, under the row's constant, and averaged over many rows."""

    song: str
    rmse: float
    constant: float
    of_rows: float


def by_subset(table: SongTable, subsets: Mapping[str, str]) -> tuple[SubsetError, ...]:
    """Return the errors of each subset, by name; songs that `subsets` does not know are in ""."""
    names = np.array([subsets.get(song, "") for song in table.ids])
    found = []
    for name in sorted(set(names.tolist())):
        here = names == name
        power = table.songs.power
        errors = table.songs.rmse[here] ** power
        around = nadeau_bengio(errors.tolist(), test_share=0)
        found.append(
            SubsetError(
                name,
                n_songs=len(errors),
                rmse=float(errors.mean() ** (1 / power)),
                over_songs=around if power == 1 else around.rooted(),
                constant=float((table.constant_rmse[here] ** power).mean() ** (1 / power)),
            )
        )
    return tuple(found)


def along(
    records: Sequence[JobRecord], target: str, *, width: float = WIDTH, least: int = LEAST
) -> Along:
    """Return the errors of the finished jobs of a row in bins of `width` seconds.

    Bins with less than `least` songs are left out.
    """
    numbers: dict[str, int] = {}
    parts = [_labels(record, target, numbers) for record in records]
    songs, times, errors, constants = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    bins = np.floor(times / width + 1e-9).astype(np.intp)
    n_bins = int(bins.max(initial=-1)) + 1
    places = songs * n_bins + bins
    size = len(numbers) * n_bins
    counts = np.bincount(places, minlength=size).reshape(-1, n_bins)
    n_songs = (counts > 0).sum(axis=0)
    kept = n_songs >= least

    def root(values: Floats) -> Floats:
        sums = np.bincount(places, values, minlength=size).reshape(-1, n_bins)
        means = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
        rooted: Floats = np.sqrt(means.sum(axis=0)[kept] / n_songs[kept])
        return rooted

    starts = width * np.flatnonzero(kept).astype(np.float64)
    return Along(starts, root(errors), root(constants), n_songs[kept])


def worst_songs(
    table: SongTable, rows: Sequence[SongTable], *, count: int = 10
) -> tuple[WorstSong, ...]:
    """Return the songs with the highest RMSE of a row, worst first.

    Raises
    ------
    ValueError
        If one of `rows`, which are averaged, was tested on other songs.
    """
    if any(other.ids != table.ids for other in rows):
        raise ValueError("rows tested on different songs share no list of worst songs")
    order = np.argsort(-table.songs.rmse, kind="stable")[:count]
    return tuple(
        WorstSong(
            table.ids[place],
            float(table.songs.rmse[place]),
            float(table.constant_rmse[place]),
            of_rows=fmean(float(other.songs.rmse[place]) for other in rows),
        )
        for place in order
    )


def _labels(
    record: JobRecord, target: str, numbers: dict[str, int]
) -> tuple[Counts, Floats, Floats, Floats]:
    """Return number of the song, time, squared error and the constant's, of each rated label."""
    predictions = record.predictions
    if predictions is None:
        raise ValueError(f"job {record.key} has no predictions: {record.error or 'none stored'}")
    index = record.description["targets"].index(target)
    ids = predictions.songs[predictions.starts].tolist()
    counts = np.diff([*predictions.starts, len(predictions.songs)])
    songs = np.repeat([numbers.setdefault(song, len(numbers)) for song in ids], counts)
    labels = predictions.labels[:, index]
    known = np.isfinite(labels)
    return (
        songs[known],
        predictions.times[known],
        np.square(predictions.values[known, index] - labels[known]),
        np.square(record.constants[index] - labels[known]),
    )
