from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmark.config import Experiment, load_experiments
from benchmark.runner import Listener

TEXT = """\
version: 1
name: {name}
dataset: {{name: deam, root: "{root}"}}
features: {features}
models: {models}
targets: {targets}
protocol: {protocol}
seeds: {seeds}
"""


class Ear(Listener):
    """A listener that remembers."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, int]] = []
        self.steps: list[str] = []
        self.notes: list[str] = []

    def stage(self, title: str, steps: int) -> None:
        self.stages.append((title, steps))

    def advance(self, step: str) -> None:
        self.steps.append(step)

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def experiment(tmp_path: Path, deam_folder: Any) -> Callable[..., Experiment]:
    """Return a maker of experiments on the tiny folder."""

    def make(name: str = "tiny", *, folds: int = 3, **changes: str) -> Experiment:
        values = {
            "name": name,
            "root": deam_folder.root,
            "features": "[{name: mel, n_mels: 4}]",
            "models": "[mean]",
            "targets": "[arousal]",
            "protocol": f"{{name: song_kfold, folds: {folds}}}",
            "seeds": "[0]",
            **changes,
        }
        path = tmp_path / f"{name}.yaml"
        path.write_text(TEXT.format(**values))
        (experiment,) = load_experiments([path])
        return experiment

    return make
