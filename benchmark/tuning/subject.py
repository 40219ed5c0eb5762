"""What a study is about: everything that decides its trials, and the name that follows from it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import optuna

from benchmark.config.search import Search
from benchmark.evaluation.versions import versions
from benchmark.interfaces import Model
from benchmark.records import TARGETS, Fold
from benchmark.tuning import space

STUDY_VERSION = 1
"""Raise it when the same study would have other trials though nothing it describes has changed."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a study is about.

    Attributes
    ----------
    experiment : str
        The name of its file.
    fold : int or None
        The outer fold its winner is for; None for a study on all songs.
    folds : tuple of Fold
        The inner folds its trials are judged on.
    data : str
        A digest of the songs of these folds: their labels, and what features are made of.
    seed, threads : int
        Those of the jobs of its trials.
    """

    experiment: str
    target: str
    fold: int | None
    search: Search
    folds: tuple[Fold, ...]
    data: str
    seed: int
    threads: int

    @property
    def stem(self) -> str:
        """The name of the study but for its digest."""
        fold = "all songs" if self.fold is None else f"fold {self.fold}"
        return f"{self.experiment} {self.target} {fold}"

    @property
    def in_epochs(self) -> bool:
        """Whether trials are compared epoch by epoch: so where all their models have epochs."""
        models = [candidate.component for candidate in self.search.models]
        return self.search.pruner not in ("none", "wilcoxon") and all(
            isinstance(model, Model) and model.trains_in_epochs for model in models
        )

    def watches(self, position: int) -> bool:
        """Whether the epochs of an inner fold are reported.

        The median compares step with step. The halving pruners count steps as resources, which
        those of the first inner fold are.
        """
        return self.in_epochs and (position == 0 or self.search.pruner == "median")

    @cached_property
    def description(self) -> dict[str, Any]:
        """Everything that decides the trials, in plain types."""
        groups = {"features": self.search.features, "models": self.search.models}
        components = [candidate.component for group in groups.values() for candidate in group]
        return {
            "study_version": STUDY_VERSION,
            "target": self.target,
            **{name: [one.described() for one in group] for name, group in groups.items()},
            "untuned": len(space.untuned(self.search)),
            "inner": self.search.inner.describe(),
            "folds": [fold.describe() for fold in self.folds],
            "data": self.data,
            "sampler": self.search.sampler,
            "pruner": self.search.pruner,
            "seed": self.search.seed,
            "job_seed": self.seed,
            "threads": self.threads,
            "libraries": {**versions(*components), "optuna": optuna.__version__},
        }

    @property
    def sampling(self) -> tuple[int, ...]:
        """The seed of its samplers: studies of one file begin with different trials."""
        fold = 0 if self.fold is None else self.fold + 1
        return self.search.seed, TARGETS.index(self.target), fold

    @cached_property
    def key(self) -> str:
        """SHA-256 of the description."""
        return hashlib.sha256(json.dumps(self.description, sort_keys=True).encode()).hexdigest()

    @property
    def name(self) -> str:
        return f"{self.stem} [{self.key[:8]}]"
