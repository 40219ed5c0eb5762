from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from doing import Done, Ear, Here

from benchmark import registry
from benchmark.config import Experiment, load_experiments
from benchmark.records import TARGETS
from benchmark.runner import Crew, Workspace
from benchmark.tuning import Order, Storage, tune

PLUGIN = Path(__file__).parents[1] / "plugin_tuning"
TEXT = """\
version: 1
name: {name}
dataset: {{name: deam, root: "{root}"}}
features: {features}
models: {models}
targets: {targets}
protocol: {protocol}
seeds: {seeds}
search: {search}
"""
N_LABELS = 4


@pytest.fixture
def plug_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put the package in `tests/plugin_tuning` on the path, as an installation would."""
    monkeypatch.syspath_prepend(str(PLUGIN))
    _forget()
    yield
    _forget()


def _forget() -> None:
    registry._found.cache_clear()
    registry.component.cache_clear()


@pytest.fixture
def songs(empty_deam: Any) -> Callable[..., Path]:
    """Return a maker of a folder of songs: labels around a level each, 130 descriptors, no audio.

    Descriptors tell arousal, somewhat. Songs that are `spoilt` have other labels and descriptors.
    """

    def make(count: int = 12, *, spoilt: Sequence[int] = ()) -> Path:
        random, other = np.random.default_rng(0), np.random.default_rng(1)
        levels = {target: random.uniform(-0.6, 0.6, count) for target in TARGETS}
        noise = random.normal(0, 1, (count, 130))
        noise[:, 0] = 5 * levels["arousal"] + random.normal(0, 0.5, count)
        for song in spoilt:
            noise[song - 1] = other.normal(0, 9, 130)
            for target in TARGETS:
                levels[target][song - 1] = other.choice([-0.9, 0.9])
        starts = [1000 + 500 * number for number in range(N_LABELS)]
        swing = np.array([0.05, -0.05, 0.02, 0.0])
        for target in TARGETS:
            rows = {n + 1: (levels[target][n] + swing).round(4).tolist() for n in range(count)}
            empty_deam.write_table(target, rows, starts=starts)
        header = ",".join(["song_id", *(f"d{number}" for number in range(130))])
        lines = [",".join(map(str, [n + 1, *noise[n].round(4)])) for n in range(count)]
        root = empty_deam.root
        empty_deam.write(root / "opensmile_means.csv", "\n".join([header, *lines]))
        names = [f"{n + 1},Artist {n % 4},Song {n}" for n in range(count)]
        empty_deam.write(
            root / "metadata" / "metadata_2013.csv", "\n".join(["song_id,artist,title", *names])
        )
        return root

    return make


@pytest.fixture
def experiment(tmp_path: Path, songs: Callable[..., Path]) -> Callable[..., Experiment]:
    """Return a maker of experiments on twelve songs, or those of another folder."""

    def make(
        search: str,
        *,
        name: str = "tiny",
        root: Path | None = None,
        settings: Sequence[str] = (),
        **changes: str,
    ) -> Experiment:
        values = {
            "name": name,
            "root": root or songs(),
            "features": "[]",
            "models": "[lucky]",
            "targets": "[arousal]",
            "protocol": "{name: song_kfold, folds: 2}",
            "seeds": "[0]",
            "search": search,
            **changes,
        }
        path = tmp_path / f"{name}.yaml"
        path.write_text(TEXT.format(**values))
        (found,) = load_experiments([path], settings)
        return found

    return make


@pytest.fixture(autouse=True)
def _no_power_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what makes files outlast one, which takes half the time."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Return `tune`, in this process, into a folder and a journal there; no figures are drawn."""
    monkeypatch.setattr(import_module("benchmark.tuning.tune"), "draw", lambda *_: None)

    def call(
        *experiments: Experiment,
        trials: int | None = None,
        place: str = "here",
        jobs: Here | None = None,
        storage: str = "",
        seconds: float | None = None,
        apply: bool = False,
    ) -> Done:
        workspace = Workspace(tmp_path / place)
        kept = Storage.named(storage or str(tmp_path / place / "journal"), workspace.tracking)
        order = Order(storage=kept, trials=trials, seconds=seconds, apply=apply)
        crew = Crew(here=Here(), jobs=jobs or Here())
        ear = Ear()
        return Done(tune(experiments, workspace, order, crew=crew, listener=ear), workspace, ear)

    return call
