"""What every extractor has to keep, whoever wrote it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from benchmark import registry
from benchmark.interfaces import Extractor

FEATURES = [registry.component("features", name)() for name in registry.names("features")]
EXTRACTORS = [feature for feature in FEATURES if isinstance(feature, Extractor)]
pytestmark = pytest.mark.parametrize("extractor", EXTRACTORS, ids=lambda extractor: extractor.name)


def test_frames_have_the_announced_shape(
    extractor: Extractor, tone: Callable[..., np.ndarray]
) -> None:
    samples = tone(3.0, rate=extractor.rate)
    frames = extractor.extract(samples)
    assert frames.shape == (1 + int(3.0 / extractor.hop + 1e-9), extractor.n_bins)
    assert frames.dtype == np.float32


def test_frames_are_the_same_block_by_block_as_at_once(
    extractor: Extractor, tone: Callable[..., np.ndarray]
) -> None:
    samples = tone(max(12.0, 4.0 + 2 * extractor.support), rate=extractor.rate)
    skipped = round(4.0 / extractor.grid) * round(extractor.grid / extractor.hop)
    begin = round(skipped * extractor.hop * extractor.rate)
    at_once, block = extractor.extract(samples), extractor.extract(samples[begin:])
    reach = int(np.ceil(extractor.support / 2 / extractor.hop))
    assert len(block) > 2 * reach
    np.testing.assert_allclose(block[reach:], at_once[skipped + reach :], rtol=1e-4, atol=1e-3)


def test_a_frame_sees_no_further_than_its_support(
    extractor: Extractor, tone: Callable[..., np.ndarray]
) -> None:
    half = max(3.0, extractor.support)
    samples = tone(2 * half, rate=extractor.rate)
    spoilt = samples.copy()
    spoilt[round(half * extractor.rate) :] = 0.9
    frames, changed = extractor.extract(samples), extractor.extract(spoilt)
    before = extractor.hop * np.arange(len(frames)) + extractor.support / 2 < half
    assert before.any()
    np.testing.assert_array_equal(frames[before], changed[before])
    assert not np.array_equal(frames, changed)


@pytest.mark.parametrize("level", [0.0, 1e-30, 1.0])
def test_silence_and_clipping_give_finite_frames(extractor: Extractor, level: float) -> None:
    samples = np.full(extractor.rate, level, dtype=np.float32)
    assert np.isfinite(extractor.extract(samples)).all()


@pytest.mark.parametrize("n_samples", [1, 10])
def test_a_moment_of_audio_gives_a_frame(extractor: Extractor, n_samples: int) -> None:
    frames = extractor.extract(np.ones(n_samples, dtype=np.float32))
    assert frames.shape == (1, extractor.n_bins)
    assert np.isfinite(frames).all()


def test_extracting_leaves_the_samples_alone(
    extractor: Extractor, tone: Callable[..., np.ndarray]
) -> None:
    samples = tone(1.0, rate=extractor.rate)
    before = samples.copy()
    extractor.extract(samples)
    np.testing.assert_array_equal(samples, before)
