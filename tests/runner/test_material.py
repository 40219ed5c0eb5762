"""Features that came with a dataset: on their way into the cache, joined with songs and labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.config import Experiment
from benchmark.errors import BenchmarkError, DataError
from benchmark.evaluation import versions
from benchmark.evaluation.cache import FeatureCache
from benchmark.execution import Pool
from benchmark.features.arrays import Arrays
from benchmark.records import Corpus, Song
from benchmark.runner import Crew, Workspace, run
from benchmark.runner.material import precomputed
from benchmark.runner.prepare import make_plans

CHROMAS = Arrays(folder="DEAM_chromas", n_bins=12, hop=0.5)


def write_chromas(root: Path, songs: Iterable[int], *, n_frames: int = 60) -> None:
    """Write the arrays of the starting project, which begin at 15 s."""
    (root / "DEAM_chromas").mkdir(parents=True)
    for song in songs:
        chroma = np.random.default_rng(song).random((n_frames, 12, 1))
        np.save(root / "DEAM_chromas" / f"{song}.npy", chroma)


@pytest.mark.parametrize(("n_frames", "ends"), [(60, 44.5), (57, 43.0)])
def test_frames_may_end_a_second_and_a_half_before_the_last_label(
    tmp_path: Path, make_song: Callable[..., Song], n_frames: int, ends: float
) -> None:
    write_chromas(tmp_path, [2], n_frames=n_frames)
    cache = FeatureCache(tmp_path / "cache")
    song = replace(make_song("2"), times=np.arange(15, 45, 0.5), labels={})
    corpus = Corpus("seed", (song,), synthetic=False, citation="", licence="", root=tmp_path)
    (digest,) = precomputed(corpus, CHROMAS, cache).values()
    assert (len(np.load(cache.path(digest, CHROMAS))) - 1) * CHROMAS.hop == ends


def test_frames_that_end_earlier_are_not_stretched(
    tmp_path: Path, make_song: Callable[..., Song]
) -> None:
    write_chromas(tmp_path, [2], n_frames=56)
    song = replace(make_song("2"), times=np.arange(15, 45, 0.5), labels={})
    corpus = Corpus("seed", (song,), synthetic=False, citation="", licence="", root=tmp_path)
    message = (
        r"song 2: arrays\(.*\) ends with a frame at 42\.5 s, the labels with one at 44\.5 s; "
        r"1\.5 s at most may be missing"
    )
    with pytest.raises(DataError, match=message):
        precomputed(corpus, CHROMAS, FeatureCache(tmp_path / "cache"))


@pytest.fixture
def seed_layout(tmp_path: Path) -> Path:
    """Write the folder of the starting project: no audio but of songs that were never rated."""
    root = tmp_path / "data"
    (root / "annotations").mkdir(parents=True)
    random = np.random.default_rng(0)
    starts = range(15_000, 45_000, 500)
    for target in ("arousal", "valence"):
        rows = [["song_id", *(f"sample_{start}ms" for start in starts)]]
        for song in range(2, 8):
            level = random.uniform(-0.5, 0.5)
            rows.append([song, *(level + random.normal(0, 0.1, 60)).clip(-1, 1).round(4)])
        text = "\n".join(",".join(map(str, row)) for row in rows)
        (root / "annotations" / f"{target}.csv").write_text(f"{text}\n")
    write_chromas(root, range(2, 8))
    (root / "test_songs").mkdir()
    (root / "test_songs" / "3.wav").write_bytes(b"another song")
    return root


def test_the_folder_of_the_starting_project_is_run_as_it_is(
    seed_layout: Path, tmp_path: Path, experiment: Callable[..., Experiment], ear: Any
) -> None:
    chromas = "[{name: arrays, folder: DEAM_chromas, n_bins: 12, hop: 0.5}]"
    seed = experiment(
        "seed",
        root=seed_layout,
        features=chromas,
        models="[mean, linear, {name: ridge, alphas: [10]}]",
        targets="[arousal, valence]",
    )
    here = Workspace(tmp_path / "here")
    crew = Crew(here=Pool(1), jobs=Pool(1))
    summary = run([seed], here, crew=crew, fresh=False, listener=ear)
    assert summary.failures == ()
    assert summary.computed == 18
    assert ear.notes == []


def test_a_package_that_lacks_is_said_before_anything_is_read(
    experiment: Callable[..., Experiment],
    tmp_path: Path,
    ear: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def version(name: str) -> str:
        raise versions.PackageNotFoundError(name)

    audio = experiment(features="[opensmile_audio]", models="[linear]")
    monkeypatch.setattr(versions, "version", version)
    versions._version.cache_clear()
    with pytest.raises(BenchmarkError, match="opensmile_audio needs the package 'opensmile', whi"):
        make_plans([audio], FeatureCache(tmp_path / "cache"), pool=Pool(1), listener=ear)
    versions._version.cache_clear()
    assert ear.stages == []
