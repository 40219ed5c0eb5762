"""Frames that are made block by block are those that are made at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark import registry
from benchmark.features.chroma import Chroma
from benchmark.features.joined import Joined
from benchmark.features.mel import Mel
from benchmark.features.timbre import Timbre
from benchmark.interfaces import Extractor, Frames
from benchmark.prediction.frames import FrameStream

FEATURES = [registry.component("features", name)() for name in registry.names("features")]
EXTRACTORS = [feature for feature in FEATURES if isinstance(feature, Extractor)]
SMALL = [
    Mel(sample_rate=1000, n_fft=64, hop_length=16, n_mels=4),
    Mel(sample_rate=1000, n_fft=64, hop_length=100, n_mels=4),
    Chroma(sample_rate=1000, n_fft=256, hop_length=7),
]


@dataclass(frozen=True, kw_only=True)
class Uneven(Extractor):
    """The loudest sample around each 300th of a second, of 1000 samples a second."""

    name: ClassVar[str] = "uneven"
    rate: ClassVar[int] = 1000
    hop: ClassVar[float] = 1 / 300
    support: ClassVar[float] = 0.01
    n_bins: ClassVar[int] = 1

    def extract(self, samples: Frames) -> Frames:
        middles = np.rint(np.arange(int(len(samples) * 0.3) + 1) / 0.3).astype(int)
        return np.array(
            [[np.abs(samples[max(m - 5, 0) : m + 5]).max(initial=0)] for m in middles],
            dtype=np.float32,
        )


def streamed(
    extractor: Extractor, samples: np.ndarray, lengths: Sequence[int], *, closing: bool = False
) -> list[np.ndarray]:
    """Return the frames of each push; the last is empty if `closing`, else all that is left."""
    stream = FrameStream(extractor)
    ends = [end for end in accumulate(lengths) if end < len(samples)]
    parts = np.split(samples, ends)
    if closing:
        parts.append(samples[:0])
    return [stream.push(part, last=number == len(parts)) for number, part in enumerate(parts, 1)]


def assert_same(found: Sequence[np.ndarray], extractor: Extractor, samples: np.ndarray) -> None:
    expected = extractor.extract(samples)
    frames = np.concatenate(found)
    assert frames.shape == expected.shape
    np.testing.assert_allclose(frames, expected, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("extractor", EXTRACTORS, ids=lambda extractor: extractor.name)
@pytest.mark.parametrize("seconds", [60.0, 1.37, 0.03])
@pytest.mark.parametrize("closing", [True, False])
def test_every_extractor_gives_the_frames_of_the_whole(
    extractor: Extractor, seconds: float, closing: bool, tone: Callable[..., np.ndarray]
) -> None:
    samples = tone(6.0, rate=extractor.rate)
    length = round(seconds * extractor.rate)
    lengths = [length] * (len(samples) // length)
    assert_same(streamed(extractor, samples, lengths, closing=closing), extractor, samples)


@pytest.mark.parametrize("extractor", [*SMALL, Uneven()], ids=lambda e: f"{e.name} {e.hop:.3f}")
@given(
    n_samples=st.integers(1, 600),
    lengths=st.lists(st.integers(0, 250), max_size=12) | st.just([1] * 600),
    closing=st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_any_blocks_give_the_frames_of_the_whole(
    extractor: Extractor, n_samples: int, lengths: list[int], closing: bool
) -> None:
    samples = np.random.default_rng(n_samples).uniform(-1, 1, n_samples).astype(np.float32)
    assert_same(streamed(extractor, samples, lengths, closing=closing), extractor, samples)


@pytest.mark.parametrize("seconds", [0.31, 2.0, 7.7])
def test_joined_features_are_cut_where_each_of_them_may_be(
    seconds: float, tone: Callable[..., np.ndarray]
) -> None:
    """Frames of 1 / 90, 0.3 and 0.05 s, of two rates: blocks begin at multiples of 1.5 s."""
    extractor = Joined(
        of=(Timbre(), Mel(hop_length=3_600, n_mels=4), Mel(hop_length=600, n_mels=4))
    )
    assert extractor.grid == 1.5
    samples = tone(21.3, rate=extractor.rate)
    length = round(seconds * extractor.rate)
    found = streamed(extractor, samples, [length] * (len(samples) // length))
    assert sum(len(frames) > 0 for frames in found) > 2
    assert_same(found, extractor, samples)


def test_frames_come_as_soon_as_no_sample_can_change_them() -> None:
    extractor = SMALL[0]
    samples = np.random.default_rng(0).uniform(-1, 1, 1000).astype(np.float32)
    first, *_ = streamed(extractor, samples, [500])
    at = extractor.hop * np.arange(len(extractor.extract(samples)))
    assert len(first) == int((at + extractor.support / 2 <= 0.5).sum())


def test_what_is_kept_of_a_song_does_not_grow() -> None:
    extractor = SMALL[0]
    stream = FrameStream(extractor)
    kept = []
    for _ in range(20):
        stream.push(np.ones(500, dtype=np.float32), last=False)
        kept.append(len(stream._samples))
    assert max(kept) <= extractor.rate * extractor.support + 2 * 16


def test_a_hop_of_no_whole_number_of_samples_waits_for_the_end() -> None:
    samples = np.random.default_rng(0).uniform(-1, 1, 900).astype(np.float32)
    found = streamed(Uneven(), samples, [300, 300, 300], closing=True)
    assert [len(frames) for frames in found] == [0, 0, 0, 271]
