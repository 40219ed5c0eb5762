"""Curves of one song of any length: decoded once, in blocks, for all models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark.audio import SILENCE, blocks, promised
from benchmark.errors import DataError
from benchmark.interfaces import Extractor, Floats, Frames
from benchmark.prediction.frames import FrameStream
from benchmark.prediction.reading import BLOCK, Reading
from benchmark.prediction.trained import TrainedModel
from benchmark.records import LABEL_PERIOD

CUT_SHORT = 0.98
"""A file that has less than this share of what its header promises is not whole."""


@dataclass(frozen=True, eq=False)
class SongPrediction:
    """What models say of a song.

    Attributes
    ----------
    seconds : float
        How long it lasts.
    notes : tuple of str
        What is unusual about it: predictions off the scale of ratings, silence from end to end, a
        file that was cut short.
    times : array (n_labels,)
        Start of each half second that lies in the song, from 0.
    values : mapping of target to array (n_labels,)
        Predictions on the scale of the ratings; not cut to [-1, 1].
    """

    seconds: float
    notes: tuple[str, ...]
    times: Floats
    values: Mapping[str, Floats]


def predict(path: Path, models: Sequence[TrainedModel]) -> SongPrediction:
    """Return the curves of a song: of each model the targets that are wanted of it.

    Raises
    ------
    DataError
        If the file cannot be decoded or lasts less than half a second.
    """
    extractors = {model.recipe.feature for model in models if model.recipe.feature}
    ears = [_Ear(rate, extractors) for rate in {extractor.rate for extractor in extractors}]
    readings = [_reading(model) for model in models]
    n_samples, rate, loudest = 0, 0, 0.0
    for block in blocks(path, seconds=BLOCK):
        n_samples, rate = n_samples + len(block.samples), block.rate
        loudest = max(loudest, float(np.abs(block.samples).max()))
        for ear in ears:
            _hand_on(ear.hear(block.samples, rate, last=False), models, readings)
    for ear in ears:
        _hand_on(ear.hear(np.empty(0, dtype=np.float32), rate, last=True), models, readings)
    seconds = n_samples / rate
    n_labels = int(seconds / LABEL_PERIOD + 1e-9)
    if n_labels == 0:
        raise DataError(
            f"{path.name}: lasts {seconds:.2f} s; a prediction is of {LABEL_PERIOD:g} s"
        )
    values = {}
    for model, reading in zip(models, readings, strict=True):
        predicted = reading.finish(n_labels)
        for number, target in enumerate(model.recipe.targets):
            if target in (model.wanted or model.recipe.targets):
                values[target] = predicted[:, number]
    times = LABEL_PERIOD * np.arange(n_labels, dtype=np.float64)
    notes = _notes(path, seconds, loudest, values)
    return SongPrediction(seconds, tuple(notes), times, values)


def _notes(
    path: Path, seconds: float, loudest: float, values: Mapping[str, Floats]
) -> Iterator[str]:
    outside = {target: float(np.mean(np.abs(curve) > 1)) for target, curve in values.items()}
    if any(outside.values()):
        shares = " and ".join(f"{share:.0%} of {one}" for one, share in outside.items() if share)
        yield f"{shares} lie outside the ratings' [-1, 1]: unlike the songs learned from"
    if loudest < SILENCE:
        yield "silent"
    if seconds < CUT_SHORT * (announced := promised(path)):
        yield f"cut short: {seconds:.1f} of the {announced:.1f} s that its header promises"


class _Ear:
    """One sampling rate: resamples once for all extractors that want it."""

    def __init__(self, rate: int, extractors: set[Extractor]) -> None:
        self._rate = rate
        self._streams = {e: FrameStream(e) for e in extractors if e.rate == rate}
        self._resampler: _Resampler | None = None

    def hear(self, samples: Frames, rate: int, *, last: bool) -> Mapping[Extractor, Frames]:
        """Return the frames of each extractor that have become final."""
        if self._resampler is None:
            self._resampler = _Resampler(rate, self._rate)
        samples = self._resampler.resampled(samples, last=last)
        return {e: stream.push(samples, last=last) for e, stream in self._streams.items()}


class _Resampler:
    """The samples that soxr gives of all at once, block by block."""

    def __init__(self, source: int, wanted: int) -> None:
        import soxr

        same = source == wanted
        self._soxr = None if same else soxr.ResampleStream(source, wanted, 1, dtype="float32")

    def resampled(self, samples: Frames, *, last: bool) -> Frames:
        if self._soxr is None:
            return samples
        resampled: Frames = self._soxr.resample_chunk(samples, last=last)
        return resampled


def _reading(model: TrainedModel) -> Reading:
    feature = model.recipe.feature
    if feature is None:
        return Reading(model.predictor, None, hop=LABEL_PERIOD, n_bins=0)
    view = model.recipe.model.view
    return Reading(model.predictor, view, hop=feature.hop, n_bins=feature.n_bins)


def _hand_on(
    heard: Mapping[Extractor, Frames], models: Sequence[TrainedModel], readings: Sequence[Reading]
) -> None:
    for model, reading in zip(models, readings, strict=True):
        feature = model.recipe.feature
        if feature is not None and feature in heard:
            reading.push(heard[feature])
