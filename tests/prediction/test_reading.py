"""What is read part by part is what the predictor says of the whole song."""

from __future__ import annotations

from collections.abc import Sequence as Songs

import numpy as np
import pytest

from benchmark.interfaces import Predictor, View
from benchmark.prediction.reading import BLOCK, Reading
from benchmark.records import LABEL_PERIOD, SongFrames, TrainingCard
from benchmark.views import Sequence, Summary, Windows

LENGTHS = [0.5, 1.0, 59.5, 60.0, 60.5, 200.0]
VIEWS = [Windows(1.5), Windows(4.0, standardize="none"), Summary(6.0), Summary(0.5), Sequence()]
MEL, TENTHS = 256 / 12_000, 0.1
N_BINS = 2


class Seer(Predictor):
    """Predicts two sums over what it sees of each label, and remembers what it was given."""

    def __init__(self, view: View | None) -> None:
        self.view = view
        self.card = TrainingCard()
        self.given: list[SongFrames] = []

    def predict(self, songs: Songs[SongFrames]) -> list[np.ndarray]:
        self.given += songs
        return [self._predict(song) for song in songs]

    def _predict(self, song: SongFrames) -> np.ndarray:
        if self.view is None:
            return np.full((len(song.times), 2), 0.25)
        rows = self.view.rows(song).astype(np.float64).reshape(len(song.times), -1)
        return np.stack([rows.sum(axis=1), rows[:, 0]], axis=1)


class Everything(View):
    """Sees the whole song around every label."""

    def __str__(self) -> str:
        return "Everything"

    def rows(self, song: SongFrames, which: np.ndarray | None = None) -> np.ndarray:
        return np.tile(song.frames.mean(axis=0), (len(song.times), 1))


def song(seconds: float, hop: float) -> SongFrames:
    """Return frames of a song as an extractor makes them."""
    n_frames, n_labels = (1 + int(seconds / hop + 1e-9), int(seconds / LABEL_PERIOD))
    frames = np.random.default_rng(0).normal(size=(n_frames, N_BINS)).astype(np.float32)
    return SongFrames("song", frames, hop, LABEL_PERIOD * np.arange(n_labels))


def read(seer: Seer, whole: SongFrames, *, part: float) -> tuple[np.ndarray, int]:
    """Return what is read of frames that come in parts of so many seconds, and the most kept."""
    reading = Reading(seer, seer.view, hop=whole.hop, n_bins=N_BINS)
    step, most = max(1, round(part / whole.hop)), 0
    for start in range(0, len(whole.frames), step):
        reading.push(whole.frames[start : start + step])
        most = max(most, len(reading._frames))
    return reading.finish(len(whole.times)), most


def of_whole(view: View | None, whole: SongFrames, *, later: float = 0.0) -> np.ndarray:
    shifted = SongFrames("song", whole.frames, whole.hop, whole.times + later)
    (values,) = Seer(view).predict([shifted])
    return values


@pytest.mark.parametrize("view", [*VIEWS, Everything(), None], ids=str)
@pytest.mark.parametrize("hop", [MEL, TENTHS])
@pytest.mark.parametrize("seconds", LENGTHS)
@pytest.mark.parametrize("part", [BLOCK, 7.3])
def test_parts_give_the_curve_of_the_whole(
    view: View | None, hop: float, seconds: float, part: float
) -> None:
    """A window that begins halfway between two frames (one label in 16) may begin at either."""
    whole = song(seconds, hop)
    found, _ = read(Seer(view), whole, part=part)
    either = [of_whole(view, whole, later=moment) for moment in (-1e-9, 0.0, 1e-9)]
    assert found.shape == either[1].shape == (len(whole.times), 2)
    off = np.abs(found - either).max(axis=2).min(axis=0)
    assert off.max() < 1e-4
    assert np.isclose(found, either[1], atol=1e-4).all(axis=1).mean() > 0.99


@pytest.mark.parametrize("hop", [MEL, TENTHS])
@pytest.mark.parametrize("view", VIEWS[:4], ids=str)
def test_no_more_is_kept_than_a_block_and_what_is_seen_around_it(view: View, hop: float) -> None:
    seer = Seer(view)
    _, most = read(seer, song(400.0, hop), part=1.0)
    needed = BLOCK + 2 * view.reach + 1.0
    assert most <= needed / hop + 4
    assert [len(given.times) for given in seer.given] == [120, 120, 120, 120, 120, 120, 80]
    assert max(len(given.frames) for given in seer.given) <= needed / hop + 4


def test_of_a_sequence_half_seconds_are_kept_and_predicted_once() -> None:
    seer = Seer(Sequence())
    whole = song(200.0, MEL)
    _, most = read(seer, whole, part=BLOCK)
    (given,) = seer.given
    assert (given.hop, len(given.frames), len(given.times)) == (LABEL_PERIOD, 400, 400)
    assert most < 2 * (BLOCK + 1) / MEL


def test_who_sees_everything_is_asked_once() -> None:
    seer = Seer(Everything())
    read(seer, song(200.0, TENTHS), part=BLOCK)
    (given,) = seer.given
    assert len(given.frames) == 2001


def test_who_sees_nothing_is_given_nothing() -> None:
    seer = Seer(None)
    found, most = read(seer, song(200.0, TENTHS), part=BLOCK)
    assert (found.tolist(), most) == ([[0.25, 0.25]] * 400, 0)
