"""What a job leaves behind: predictions, curves and costs. All tables are made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

SCHEMA_VERSION = 1

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Fold:
    """Who trains and who tests: three disjoint tuples of song ids."""

    index: int
    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]

    def __post_init__(self) -> None:
        seen: dict[str, str] = {}
        for part in ("train", "validation", "test"):
            for song in getattr(self, part):
                if song in seen:
                    raise ValueError(
                        f"fold {self.index}: song {song} is in {seen[song]} and in {part}"
                    )
                seen[song] = part


@dataclass(frozen=True)
class TrainingCard:
    """What a fit cost and how it went; None where a model has no such thing.

    `examples` counts what the model was fitted on (windows, label rows or sequences); `curves` maps
    a metric to its value per epoch; `notes` says what the model had to change to fit its input.
    """

    parameters: int | None = None
    trainable_parameters: int | None = None
    examples: int | None = None
    epochs: int | None = None
    patience: int | None = None
    curves: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Predictions:
    """Every label of every test song of a job, in song order, on the native 2 Hz grid.

    Attributes
    ----------
    songs : array (n,) of str
    times : array (n,)
        Seconds.
    labels, values : array (n, n_targets)
        Ratings and predictions in [-1, 1]; a label is NaN where there is no rating.
    """

    songs: npt.NDArray[np.str_]
    times: Floats
    labels: Floats
    values: Floats


@dataclass(frozen=True)
class JobRecord:
    """A finished or failed job. `error` is empty unless it failed.

    `description` is what the key was made of, in plain JSON types; `constants` holds, per target,
    the mean training label: the constant predictor that skill is measured against. `started_at` is
    in seconds since the epoch.
    """

    key: str
    description: Mapping[str, Any]
    error: str = ""
    predictions: Predictions | None = None
    constants: tuple[float, ...] = ()
    card: TrainingCard = field(default_factory=TrainingCard)
    started_at: float = 0.0
    fit_seconds: float = 0.0
    predict_seconds: float = 0.0
    environment: Mapping[str, str] = field(default_factory=dict)
    schema_version: int = SCHEMA_VERSION

    @property
    def finished(self) -> bool:
        return not self.error

    @property
    def reason(self) -> str:
        """Why it failed, in one line: below it `error` may hold a traceback."""
        return self.error.partition("\n")[0]

    @property
    def seconds(self) -> float:
        """Fitting and predicting."""
        return self.fit_seconds + self.predict_seconds


@dataclass(frozen=True)
class CellPlan:
    """One row-to-be: what it is, its track for each target, and the keys of its jobs."""

    description: Mapping[str, Any]
    tracks: Mapping[str, str]
    jobs: tuple[str, ...]
    n_test_songs: int


@dataclass(frozen=True)
class Manifest:
    """The latest run of one experiment file: its data and its cells.

    `arguments` is what `python -m benchmark run` was given for it: the file, its overrides.
    """

    name: str
    arguments: tuple[str, ...]
    dataset: Mapping[str, Any]
    notes: tuple[str, ...]
    cells: tuple[CellPlan, ...]
    schema_version: int = SCHEMA_VERSION
