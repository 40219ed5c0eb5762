"""Features that came with a dataset: on their way into the cache, joined with songs and labels."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.config import Experiment
from benchmark.errors import BenchmarkError, CacheError, DataError
from benchmark.evaluation import versions
from benchmark.evaluation.cache import FeatureCache
from benchmark.execution import Pool
from benchmark.features.arrays import Arrays
from benchmark.records import Corpus, Song
from benchmark.runner import Crew, Workspace, run
from benchmark.runner.material import precomputed, take_over
from benchmark.runner.prepare import make_plans

CHROMAS = Arrays(folder="DEAM_chromas", n_bins=12, hop=0.5)


def write_chromas(root: Path, songs: Iterable[int], *, n_frames: int = 60) -> None:
    """Write the arrays of the starting project, which begin at 15 s."""
    (root / "DEAM_chromas").mkdir(parents=True)
    for song in songs:
        chroma = np.random.default_rng(song).random((n_frames, 12, 1))
        np.save(root / "DEAM_chromas" / f"{song}.npy", chroma)


@pytest.mark.parametrize(("n_frames", "ends"), [(60, 44.5), (56, 42.5)])
def test_frames_may_end_two_seconds_before_the_last_label(
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
    write_chromas(tmp_path, [2], n_frames=55)
    song = replace(make_song("2"), times=np.arange(15, 45, 0.5), labels={})
    corpus = Corpus("seed", (song,), synthetic=False, citation="", licence="", root=tmp_path)
    message = (
        r"song 2: arrays\(.*\) ends with a frame at 42 s, the labels with one at 44\.5 s; "
        r"2 s at most may be missing"
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


def test_a_feature_that_is_missing_or_short_fails_its_own_jobs_alone(
    seed_layout: Path, tmp_path: Path, experiment: Callable[..., Experiment], ear: Any
) -> None:
    """The other cells of its file run, so do the other files, and the folds are the same."""
    chromas = "{name: arrays, folder: DEAM_chromas, n_bins: 12, hop: 0.5}"
    models = "[mean, {name: ridge, alphas: [10]}]"
    several = f"[{chromas}, opensmile, {{name: arrays, folder: short, n_bins: 12, hop: 0.5}}]"
    write_chromas(seed_layout / "copy", range(2, 7))
    write_chromas(seed_layout / "other", [7], n_frames=50)
    (seed_layout / "copy" / "DEAM_chromas").rename(seed_layout / "short")
    (seed_layout / "other" / "DEAM_chromas" / "7.npy").rename(seed_layout / "short" / "7.npy")
    mixed = experiment("mixed", root=seed_layout, features=several, models=models)
    good = experiment("good", root=seed_layout, features=f"[{chromas}]", models=models)
    none = experiment("none", root=seed_layout, features="[opensmile]", models="[linear]")
    here = Workspace(tmp_path / "here")
    crew = Crew(here=Pool(1), jobs=Pool(1))
    summary = run([none, mixed, good], here, crew=crew, fresh=False, listener=ear)
    assert summary.computed == 3 * 2  # mean, and ridge on chroma
    assert len(summary.failures) == 3 * 3
    missing = "data deam --parts features"
    assert sum("feature opensmile: " in why and missing in why for why in summary.failures) == 6
    short = "song 7: arrays(folder=short, n_bins=12, hop=0.5) ends with a frame at 39.5 s"
    assert sum(short in why for why in summary.failures) == 3
    assert [note for note in ear.notes if note.startswith("opensmile cannot be used, jobs that")]
    shutil.rmtree(seed_layout / "short")
    shutil.copytree(seed_layout / "DEAM_chromas", seed_layout / "short")
    again = run([mixed], here, crew=crew, fresh=False, listener=ear)
    assert (again.computed, again.recorded, len(again.failures)) == (3, 6, 3)


def test_a_full_disk_is_no_fault_of_a_feature(
    seed_layout: Path, make_song: Callable[..., Song], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise CacheError("no space left")

    monkeypatch.setattr(FeatureCache, "write", full)
    corpus = Corpus("a", (make_song("2"),), synthetic=True, citation="", licence="")
    corpus = replace(corpus, root=seed_layout)
    with pytest.raises(CacheError, match="no space left"):
        take_over(corpus, [CHROMAS], FeatureCache(seed_layout / "cache"))


def test_a_plug_in_that_fails_is_a_feature_that_cannot_be_used(
    seed_layout: Path, make_song: Callable[..., Song], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Arrays, "read", lambda self, root: 1 // 0)
    corpus = Corpus("a", (make_song("2"),), synthetic=True, citation="", licence="")
    corpus = replace(corpus, root=seed_layout)
    material = take_over(corpus, [CHROMAS], FeatureCache(seed_layout / "cache"), {"mel": "loud"})
    assert material.broken["mel"] == "loud"
    assert material.broken[CHROMAS.label].startswith("ZeroDivisionError: ")
    assert material.source(corpus.songs[0], CHROMAS) == ""


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
