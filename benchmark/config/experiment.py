"""An experiment and the cells it consists of: pure, frozen, can be previewed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.config.search import Search
from benchmark.interfaces import Component, Dataset, Feature, Model, Protocol
from benchmark.records import Corpus, Tuning


def about(components: Iterable[Component | None]) -> dict[str, dict[str, str]]:
    """Return what reports say of some components, by name."""
    return {one.name: one.about() for one in components if one}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One row of a leaderboard: a feature and a model on targets of a dataset under a protocol.

    `feature` is None for a model that looks at labels only. `tuning` says how parameters were
    chosen in each fold, if they were.
    """

    dataset: Dataset
    feature: Feature | None
    model: Model
    targets: tuple[str, ...]
    protocol: Protocol
    seeds: tuple[int, ...]
    threads: int
    tuning: Tuning | None = None

    @property
    def feature_label(self) -> str:
        return self.feature.label if self.feature else "none"

    @property
    def label(self) -> str:
        return f"{self.feature_label} / {self.model.label} / {'+'.join(self.targets)}"

    def describe(self) -> dict[str, Any]:
        """Return what the row is, in plain types."""
        return {
            "feature": self.feature.describe() if self.feature else None,
            "feature_label": self.feature_label,
            "model": self.model.describe(),
            "model_label": self.model.label,
            "targets": list(self.targets),
            "protocol": self.protocol.describe(),
            "protocol_label": self.protocol.label,
            "protocol_in_words": self.protocol.in_words,
            "flaw": self.protocol.flaw,
            "seeds": list(self.seeds),
            "threads": self.threads,
            "about": {"features": about([self.feature]), "models": about([self.model])},
        }


@dataclass(frozen=True)
class ChosenOn:
    """The songs of a dataset on which a file's parameters were chosen."""

    dataset: str
    songs: tuple[str, ...]
    fingerprint: str = ""

    def knows(self, corpus: Corpus) -> bool:
        """Whether a dataset is this one, by its title or, whatever its title, by its content."""
        return self.dataset == corpus.title or self.fingerprint == corpus.fingerprint


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One validated file, and the `key=value` settings that were put over it.

    `search` says what a study of it may choose. `chosen_on` is there if its parameters are those a
    study chose: rows that are tested on these songs are optimistic. With `joint`, each fit is of
    all targets together.
    """

    name: str
    file: Path
    settings: tuple[str, ...]
    dataset: Dataset
    features: tuple[Feature, ...]
    models: tuple[Model, ...]
    targets: tuple[str, ...]
    protocols: tuple[Protocol, ...]
    seeds: tuple[int, ...]
    threads: int
    joint: bool = False
    search: Search | None = None
    chosen_on: ChosenOn | None = None

    def cells(self) -> tuple[Cell, ...]:
        """Return every feature with every model, target and protocol; no view, no feature.

        Joint targets count as one.
        """
        fitted = (self.targets,) if self.joint else tuple((target,) for target in self.targets)
        return tuple(
            Cell(
                dataset=self.dataset,
                feature=feature,
                model=model,
                targets=targets,
                protocol=protocol,
                seeds=self.seeds,
                threads=self.threads,
            )
            for targets in fitted
            for protocol in self.protocols
            for model in self.models
            for feature in (self.features if model.view else (None,))
        )
