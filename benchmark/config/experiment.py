"""An experiment and the cells it consists of: pure, frozen, can be previewed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.interfaces import Dataset, Extractor, Model, Protocol


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One row of a leaderboard: a feature and a model on targets of a dataset under a protocol.

    `extractor` is None for a model that looks at labels only.
    """

    dataset: Dataset
    extractor: Extractor | None
    model: Model
    targets: tuple[str, ...]
    protocol: Protocol
    seeds: tuple[int, ...]
    threads: int

    @property
    def feature(self) -> str:
        return self.extractor.label if self.extractor else "none"

    @property
    def label(self) -> str:
        return f"{self.feature} / {self.model.label} / {'+'.join(self.targets)}"

    def describe(self) -> dict[str, Any]:
        """Return what the row is, in plain types."""
        return {
            "feature": self.extractor.describe() if self.extractor else None,
            "feature_label": self.feature,
            "model": self.model.describe(),
            "model_label": self.model.label,
            "targets": list(self.targets),
            "protocol": self.protocol.describe(),
            "protocol_in_words": self.protocol.in_words,
            "seeds": list(self.seeds),
            "threads": self.threads,
        }


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One validated file, and the `key=value` settings that were put over it."""

    name: str
    file: Path
    settings: tuple[str, ...]
    dataset: Dataset
    extractors: tuple[Extractor, ...]
    models: tuple[Model, ...]
    targets: tuple[str, ...]
    protocol: Protocol
    seeds: tuple[int, ...]
    threads: int

    def cells(self) -> tuple[Cell, ...]:
        """Return every feature with every model on every target; a model without a view once."""
        return tuple(
            Cell(
                dataset=self.dataset,
                extractor=extractor,
                model=model,
                targets=(target,),
                protocol=self.protocol,
                seeds=self.seeds,
                threads=self.threads,
            )
            for target in self.targets
            for model in self.models
            for extractor in (self.extractors if model.view else (None,))
        )
