from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmark.errors import CacheError
from benchmark.evaluation.cache import AudioFacts, FeatureCache
from benchmark.features.chroma import Chroma
from benchmark.features.mel import Mel

MEL, OTHER_MEL, CHROMA = Mel(n_mels=8), Mel(n_mels=9), Chroma()
ONE, TWO = "ab" * 32, "cd" * 32


@pytest.fixture
def cache(tmp_path: Path) -> FeatureCache:
    cache = FeatureCache(tmp_path / "cache")
    for source in (ONE, TWO):
        cache.write_facts(source, AudioFacts(4.0, silent=False))
        cache.write(source, MEL, np.zeros((10, 8), np.float32))
    cache.write(ONE, OTHER_MEL, np.zeros((10, 9), np.float32))
    cache.write(ONE, CHROMA, np.zeros((5, 12), np.float32))
    return cache


def test_it_holds_what_was_written_and_nothing_else(cache: FeatureCache) -> None:
    assert cache.holds(ONE, MEL) and cache.holds(TWO, MEL) and cache.holds(ONE, CHROMA)
    assert not cache.holds(TWO, CHROMA)
    assert not cache.holds(TWO, Mel(n_mels=7))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def grown(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")


def beheaded(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:9])


def of_other_width(path: Path) -> None:
    np.save(path, np.zeros((10, 7), np.float32))


def a_list(path: Path) -> None:
    np.save(path, np.zeros(80, np.float32))


@pytest.mark.parametrize("spoil", [cut, emptied, grown, beheaded, of_other_width, a_list])
def test_a_file_that_is_not_whole_is_not_held(
    cache: FeatureCache, spoil: Callable[[Path], None]
) -> None:
    spoil(cache.path(ONE, MEL))
    assert not cache.holds(ONE, MEL)
    assert cache.holds(TWO, MEL)
    cache.write(ONE, MEL, np.zeros((10, 8), np.float32))
    assert cache.holds(ONE, MEL)


def test_holdings_say_what_lies_there(cache: FeatureCache) -> None:
    found = [(h.feature, h.n_songs) for h in cache.holdings()]
    assert found == [("chroma", 1), ("mel(n_mels=8)", 2), ("mel(n_mels=9)", 1)]
    sizes = sum(path.stat().st_size for path in cache.root.rglob("*.npy"))
    assert sum(h.n_bytes for h in cache.holdings()) == sizes
    assert all("librosa" in h.made_by for h in cache.holdings())


def test_holdings_whose_description_is_lost_are_shown_by_their_file(cache: FeatureCache) -> None:
    for path in (cache.root / "about").iterdir():
        path.write_text("{")
    assert [h.made_by for h in cache.holdings()] == ["unknown"] * 3


@pytest.mark.parametrize(
    ("feature", "left"), [("", 0), ("mel", 1), ("chroma", 3), ("mel(n_mels=9)", 3)]
)
def test_clearing_removes_frames_by_name_and_keeps_what_decoding_told(
    cache: FeatureCache, feature: str, left: int
) -> None:
    removed = cache.clear(feature)
    assert sum(h.n_songs for h in removed) == 4 - left
    assert sum(h.n_songs for h in cache.holdings()) == left
    assert cache.facts(ONE) == cache.facts(TWO) == AudioFacts(4.0, silent=False)


def test_a_feature_that_is_not_there_cannot_be_cleared(cache: FeatureCache) -> None:
    with pytest.raises(CacheError, match=r"holds no feature 'mell'; did you mean mel\?"):
        cache.clear("mell")
    assert len(cache.holdings()) == 3


def test_a_cache_that_is_not_there_is_empty(tmp_path: Path) -> None:
    nowhere = FeatureCache(tmp_path / "nowhere")
    assert nowhere.holdings() == ()
    assert nowhere.clear() == ()
    nowhere.sweep()
    assert not nowhere.root.exists()
