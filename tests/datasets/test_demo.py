from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.stats

from benchmark.audio import decode
from benchmark.datasets.demo import Demo
from benchmark.features.mel import Mel
from benchmark.records import Corpus


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


def rendered(place: Path, **parameters: int) -> Corpus:
    with contextlib.chdir(place):
        corpus = Demo(**parameters).load()
        return replace(
            corpus, songs=tuple(replace(s, audio=s.audio.resolve()) for s in corpus.songs)
        )


@pytest.fixture(scope="module")
def corpus(root: Path) -> Corpus:
    return rendered(root, songs=12)


def test_it_says_that_it_is_synthetic(corpus: Corpus) -> None:
    assert corpus.synthetic
    assert "synthetic" in corpus.title
    assert corpus.known_as == ""


def test_every_label_has_its_audio(corpus: Corpus) -> None:
    for song in corpus.songs:
        assert len(song.times) == 40
        assert decode(song.audio).seconds >= song.times[-1] + 0.5
        for values in song.labels.values():
            assert np.abs(values).max() <= 1


def test_it_is_rendered_once(corpus: Corpus, root: Path) -> None:
    written = {song.audio: song.audio.stat().st_mtime_ns for song in corpus.songs}
    again = rendered(root, songs=12)
    assert again.fingerprint == corpus.fingerprint
    assert {song.audio: song.audio.stat().st_mtime_ns for song in again.songs} == written


def test_it_is_the_same_wherever_it_is_rendered(corpus: Corpus, tmp_path: Path) -> None:
    elsewhere = rendered(tmp_path, songs=10)
    for song, here in zip(elsewhere.songs, corpus.songs, strict=False):
        assert song.digest() == here.digest()


def test_another_seed_is_another_set(corpus: Corpus, tmp_path: Path) -> None:
    other = rendered(tmp_path, songs=10, seed=1)
    assert not {song.digest() for song in other.songs} & {song.digest() for song in corpus.songs}


def test_arousal_can_be_heard(corpus: Corpus) -> None:
    """Louder songs are the more aroused ones: the cue the set promises."""
    loudness = [Mel().extract(decode(song.audio).samples).mean() for song in corpus.songs]
    arousal = [song.labels["arousal"].mean() for song in corpus.songs]
    assert scipy.stats.spearmanr(loudness, arousal).statistic > 0.7
