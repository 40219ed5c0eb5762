"""A trained model as a folder: what it is in JSON, its predictor beside it. No code is stored."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmark.config.components import build, entry_of, parts_of
from benchmark.config.validation import Findings
from benchmark.errors import BenchmarkError, Problem
from benchmark.interfaces import Component, Extractor, Feature, Model, Predictor

SCHEMA_VERSION = 1
AGAIN = "train it again"


class TrainedError(BenchmarkError):
    """A trained model cannot be read, or not by this version, or cannot hear audio."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a trained model comes from, in words: its experiment and cell, songs, score, data."""

    experiment: str
    cell: str
    trained_on: str
    cross_validated: str
    ratings_begin: str
    synthetic: bool
    citation: str
    licence: str


@dataclass(frozen=True, eq=False)
class Recipe:
    """How frames are made, what predicts from them, and where it comes from."""

    feature: Extractor | None
    model: Model
    targets: tuple[str, ...]
    origin: Origin

    @property
    def label(self) -> str:
        """Feature and model, as a table has them: `mel / ridge`, `mel / ridge, both targets`."""
        both = ", both targets" if len(self.targets) > 1 else ""
        return f"{self.feature.label if self.feature else 'none'} / {self.model.label}{both}"

    def describe(self) -> dict[str, Any]:
        """Return everything, in plain types."""
        return {
            "schema_version": SCHEMA_VERSION,
            "feature": self.feature.describe() if self.feature else None,
            "model": self.model.describe(),
            "targets": list(self.targets),
            "origin": asdict(self.origin),
        }


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """A recipe and its predictor; of its targets those that are `wanted`, all if none is named."""

    recipe: Recipe
    predictor: Predictor
    wanted: tuple[str, ...] = ()


def write(folder: Path, trained: TrainedModel) -> None:
    """Write a trained model into a folder, which is created."""
    (folder / "predictor").mkdir(parents=True)
    trained.predictor.save(folder / "predictor")
    text = json.dumps(trained.recipe.describe(), indent=1)
    (folder / "model.json").write_text(text, encoding="utf-8")


def read_recipe(folder: Path) -> Recipe:
    """Read what a trained model is, without its predictor.

    Raises
    ------
    TrainedError
        If the folder holds none, or one of other versions than are installed here.
    """
    file = folder / "model.json"
    try:
        fields = json.loads(file.read_text(encoding="utf-8"))
        if fields["schema_version"] != SCHEMA_VERSION:
            raise TrainedError(
                f"{file}: schema_version {fields['schema_version']!r}, this version reads "
                f"{SCHEMA_VERSION}; {AGAIN}"
            )
        described = fields["feature"]
        return Recipe(
            feature=_component(Extractor, "features", described, file) if described else None,
            model=_component(Model, "models", fields["model"], file),
            targets=tuple(fields["targets"]),
            origin=Origin(**fields["origin"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TrainedError(
            f"{folder}: holds no trained model that can be read ({error}); {AGAIN}"
        ) from error


def read(folder: Path) -> TrainedModel:
    """Read a trained model; raises what `read_recipe` and the model's `load` raise."""
    recipe = read_recipe(folder)
    return TrainedModel(recipe, recipe.model.load(folder / "predictor"))


def deafness(feature: Feature | None) -> str:
    """Say why nothing can be predicted from audio with a feature; empty if it can."""
    if feature is not None and not isinstance(feature, Extractor):
        return f"{feature.label} lies in a dataset and is not computed from audio"
    if feature is not None and math.isinf(feature.hop):
        return f"{feature.label} is one vector a song, of which there are no curves"
    return ""


def _component(kind: Any, group: str, described: Mapping[str, Any], file: Path) -> Any:
    findings = Findings(file, [])
    built: Component | None = build(kind, group, entry_of(described), group[:-1], findings)
    if built is None:
        problems: list[Problem] = findings.problems
        raise TrainedError(f"{'; '.join(map(str, problems))}; {AGAIN}, or install what it needs")
    for part, before in zip(built.family(), _versions(described), strict=True):
        if part.version != before:
            raise TrainedError(
                f"{file}: was trained with version {before} of {part.name}, here is "
                f"{part.version}; {AGAIN}"
            )
    return built


def _versions(described: Mapping[str, Any]) -> Iterator[int]:
    """Yield the versions of a component and of those it consists of, as `family` does."""
    yield described["version"]
    for part in parts_of(described):
        yield from _versions(part)
