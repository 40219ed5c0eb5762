from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import soxr

from benchmark.features.chroma import Chroma
from benchmark.features.joined import Joined
from benchmark.features.mel import Mel
from benchmark.features.mfcc import Mfcc
from benchmark.features.rhythm import Rhythm
from benchmark.features.timbre import Timbre
from benchmark.features.tonality import Tonality
from benchmark.interfaces import Extractor, Frames

SMALL = Mel(n_mels=4)
FAST = Mel(sample_rate=22_050, n_fft=1024, n_mels=5)
COARSE = Mel(hop_length=4_800, n_mels=3)
MakeTone = Callable[..., np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Whole(Extractor):
    """The loudest sample of a song."""

    name: ClassVar[str] = "whole"
    rate: ClassVar[int] = 12_000
    hop: ClassVar[float] = math.inf
    support: ClassVar[float] = math.inf
    n_bins: ClassVar[int] = 1

    def extract(self, samples: Frames) -> Frames:
        return samples.max(keepdims=True)[None]


def slow_half_seconds(part: Extractor, samples: np.ndarray, count: int) -> np.ndarray:
    """Average the frames of a part, half second by half second; the nearest later one if none."""
    frames = part.extract(samples).astype(np.float64)
    at = np.arange(len(frames)) * part.hop
    rows = []
    for middle in 0.5 * np.arange(count):
        inside = (at >= middle - 0.25 - 1e-7) & (at < middle + 0.25 - 1e-7)
        if not inside.any():
            later = np.flatnonzero(at >= middle - 0.25 - 1e-7)
            inside[later[0] if len(later) else -1] = True
        fine = [frames[inside].std(axis=0)] if part.hop <= 0.25 else []
        rows.append(np.concatenate([frames[inside].mean(axis=0), *fine]))
    return np.array(rows)


@pytest.mark.parametrize("seconds", [0.3, 1.5, 3.0, 4.27])
@pytest.mark.parametrize(
    "parts",
    [
        (SMALL, Chroma()),
        (COARSE, SMALL),
        (Mel(hop_length=8_000, n_mels=3), Mel(hop_length=15_000, n_mels=2)),
        (Tonality(), Rhythm()),
        (Timbre(),),
    ],
    ids=lambda parts: "+".join(f"{part.name} {part.hop:.2f}" for part in parts),
)
def test_it_is_its_parts_averaged_over_half_seconds(
    parts: tuple[Extractor, ...], seconds: float, tone: MakeTone
) -> None:
    joined = Joined(of=parts)
    samples = tone(seconds, rate=joined.rate)
    frames = joined.extract(samples)
    expected = [slow_half_seconds(part, samples, len(frames)) for part in parts]
    np.testing.assert_allclose(frames, np.concatenate(expected, axis=1), rtol=1e-5, atol=1e-4)
    assert frames.shape == (1 + int(2 * seconds), joined.n_bins)


def test_a_part_of_a_lower_rate_hears_resampled_audio(tone: MakeTone) -> None:
    joined = Joined(of=(SMALL, FAST))
    assert joined.rate == 22_050
    samples = tone(3.2, rate=22_050)
    frames = joined.extract(samples)
    lower = soxr.resample(samples, 22_050, 12_000)
    expected = [slow_half_seconds(SMALL, lower, 7), slow_half_seconds(FAST, samples, 7)]
    np.testing.assert_allclose(frames, np.concatenate(expected, axis=1), rtol=1e-5, atol=1e-4)


def test_a_joined_one_can_be_joined(tone: MakeTone) -> None:
    inner = Joined(of=(SMALL, Rhythm()))
    outer, samples = Joined(of=(inner, Chroma())), tone(3.0)
    found, within = outer.extract(samples), inner.extract(samples)
    np.testing.assert_array_equal(found[:, : inner.n_bins], within)
    np.testing.assert_array_equal(found[:, inner.n_bins :], Joined(of=(Chroma(),)).extract(samples))
    assert outer.label == "joined(joined(mel(n_mels=4) + rhythm) + chroma)"


@pytest.mark.parametrize(
    "parts",
    [(SMALL,), (SMALL, Timbre()), (COARSE, Rhythm()), (SMALL, FAST), (Joined(of=(COARSE,)), SMALL)],
    ids=lambda parts: "+".join(part.label for part in parts),
)
def test_blocks_may_begin_where_those_of_every_part_may(parts: tuple[Extractor, ...]) -> None:
    joined = Joined(of=parts)
    for step in (0.5, *(part.grid for part in parts)):
        assert joined.grid / step == pytest.approx(round(joined.grid / step), abs=1e-9)
    assert joined.grid * joined.rate == pytest.approx(round(joined.grid * joined.rate), abs=1e-6)


def test_the_grid_is_the_least_common_multiple() -> None:
    assert Joined(of=(SMALL,)).grid == 8  # 256 samples at 12 kHz are 8 / 375 s
    assert Joined(of=(Timbre(), Rhythm())).grid == 0.5  # 245 at 22.05 kHz are 1 / 90 s
    assert Joined(of=(COARSE,)).grid == 2
    assert Joined(of=(COARSE, Mel(hop_length=3_600))).grid == 6


def test_frames_are_the_same_block_by_block_as_at_once(tone: MakeTone) -> None:
    """Blocks of two seconds, and what lies around them, of parts of two rates."""
    joined = Joined(of=(COARSE, Timbre(), Mel(hop_length=600, n_mels=4)))
    samples = tone(12.3, rate=joined.rate)
    at_once, grid = joined.extract(samples), joined.grid
    assert grid == 2
    margin = math.ceil(joined.support / 2 / grid)
    found = []
    n_blocks = math.ceil(12.3 / grid)
    for block in range(n_blocks):
        first, past = max(block - margin, 0), block + 1 + margin
        begin, end = (round(edge * grid * joined.rate) for edge in (first, past))
        frames = joined.extract(samples[begin:end])
        skipped = round((block - first) * grid / joined.hop)
        found.append(frames[skipped:][: round(grid / joined.hop)])
    assert n_blocks == 7
    np.testing.assert_allclose(np.concatenate(found), at_once, rtol=1e-4, atol=2e-3)


def test_it_has_mean_and_sd_of_fine_parts_and_the_mean_of_others() -> None:
    assert Joined(of=(Mfcc(n_mfcc=13), Rhythm(), COARSE)).n_bins == 2 * 13 + 20 + 3


def test_what_has_no_half_seconds_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^of: whole is one vector a song, which has no half sec"):
        Joined(of=(SMALL, Whole()))


def test_nothing_cannot_be_joined() -> None:
    with pytest.raises(ValueError, match=r"^of: names no feature; two or more are joined$"):
        Joined(of=())
