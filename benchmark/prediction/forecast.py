"""Curves of many songs: each in a process that has the models loaded; a bad file costs itself."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from benchmark.errors import BenchmarkError
from benchmark.execution import Pool
from benchmark.interfaces import Floats
from benchmark.pages.song_facts import target_facts
from benchmark.prediction.curves import SongPrediction, predict
from benchmark.prediction.files import SongFile
from benchmark.prediction.trained import TrainedModel, read
from benchmark.records import LABEL_PERIOD


class StretchError(BenchmarkError):
    """A stretch of music that does not exist was asked for."""


@dataclass(frozen=True)
class Stretch:
    """The seconds of each song that are wanted, and over how many labels each is averaged.

    `smooth` is the number of labels on either side that a moving mean takes in; 0 leaves the
    predictions as they are. It is taken over the whole song: what is cut off still counts.
    """

    start: float = 0.0
    end: float | None = None
    smooth: int = 0

    def __post_init__(self) -> None:
        if self.end is not None and self.end - self.start < LABEL_PERIOD:
            raise StretchError(
                f"--start {self.start:g} --end {self.end:g}: holds no half second; --end has to "
                f"be {self.start + LABEL_PERIOD:g} or more"
            )

    def of(self, song: SongPrediction) -> SongPrediction:
        """Return the labels of a song that lie inside, smoothed."""
        inside = song.times >= self.start - 1e-9
        if self.end is not None:
            inside &= song.times + LABEL_PERIOD <= self.end + 1e-9
        values = {
            target: moving_mean(curve, self.smooth)[inside] for target, curve in song.values.items()
        }
        return replace(song, times=song.times[inside], values=values)


@dataclass(frozen=True, eq=False)
class Forecast:
    """A song and what came of it: its curves, or why there are none."""

    song: SongFile
    prediction: SongPrediction | None = None
    error: str = ""


@dataclass(frozen=True)
class Asked:
    """A song as it travels to the process that predicts it.

    `models` are where these lie, and the targets that are wanted of each.
    """

    song: SongFile
    models: tuple[tuple[Path, tuple[str, ...]], ...]


def forecasts(
    songs: Sequence[SongFile],
    models: Mapping[Path, tuple[str, ...]],
    stretch: Stretch,
    *,
    pool: Pool,
) -> Iterator[Forecast]:
    """Yield the curves of songs as they are done.

    `models` are folders of trained models, with the targets that are wanted of each.
    """
    tasks = [Asked(song, tuple(models.items())) for song in songs]
    for outcome in pool.run(_predict, tasks, threads=1):
        song = outcome.task.song
        if outcome.result is None:
            reason = outcome.error.partition("\n")[0]
            reason = reason.removeprefix(f"{song.path.name}: ")
            yield Forecast(song, error=f"{song.name}: {reason}")
            continue
        prediction = stretch.of(outcome.result)
        if len(prediction.times):
            yield Forecast(song, prediction)
        else:
            lasts = f"{song.name}: lasts {prediction.seconds:.2f} s"
            yield Forecast(song, error=f"{lasts}, none of it in what --start and --end ask for")


def moving_mean(curve: Floats, reach: int) -> Floats:
    """Return the mean over each value and its `reach` neighbours on either side, as many as are."""
    reach = min(reach, len(curve))
    if reach == 0:
        return curve
    sums = np.concatenate([[0.0], np.cumsum(curve)])
    place = np.arange(len(curve))
    first, past = np.maximum(place - reach, 0), np.minimum(place + reach + 1, len(curve))
    mean: Floats = (sums[past] - sums[first]) / (past - first)
    return mean


def summary(prediction: SongPrediction) -> Mapping[str, float]:
    """Return mean and SD (ddof 1) over time of each target."""
    facts = {
        target: target_facts(predicted=curve, annotated=None)
        for target, curve in prediction.values.items()
    }
    return {
        f"{target}_{name}": getattr(found, name)
        for target, found in facts.items()
        for name in ("mean", "sd")
    }


def _predict(asked: Asked) -> SongPrediction:
    models = _models(asked.models)
    with _hushed():
        return predict(asked.song.path, models)


@contextmanager
def _hushed() -> Iterator[None]:
    """Say nothing on stderr meanwhile: libmpg123 comments on damaged files there."""
    kept = os.dup(2)
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@cache
def _models(places: tuple[tuple[Path, tuple[str, ...]], ...]) -> list[TrainedModel]:
    return [replace(read(folder), wanted=targets) for folder, targets in places]
