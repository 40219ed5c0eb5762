"""What a job leaves behind: predictions, curves and costs. All tables are made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.records.song import content_hash

SCHEMA_VERSION = 1
MANIFEST_VERSION = 2

Floats = npt.NDArray[np.float64]


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

    @cached_property
    def starts(self) -> npt.NDArray[np.intp]:
        """Where the labels of each song begin: (n_songs,), in song order."""
        begins = np.ones(len(self.songs), dtype=bool)
        begins[1:] = self.songs[1:] != self.songs[:-1]
        return np.flatnonzero(begins)


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
    def rates_songs(self) -> bool:
        """Whether its labels are of whole songs, one each."""
        return self.description.get("rated") == "songs"

    @property
    def reason(self) -> str:
        """Why it failed, in one line: below it `error` may hold a traceback."""
        return self.error.partition("\n")[0]

    @property
    def seconds(self) -> float:
        """Fitting and predicting."""
        return self.fit_seconds + self.predict_seconds


@dataclass(frozen=True)
class Shared:
    """What the two sides of the folds of a cell have in common.

    Attributes
    ----------
    test_songs : int
        How many there are.
    trained_on : int
        Those whose recording is also trained on in the same fold.
    chosen_on : int
        Those that are also handed to the model for its choices: when to stop, which parameters.
    test_labels, overlapping : int
        Rated test labels, summed over folds; those around which the model sees audio that it also
        saw around a training label.
    example : str
        A test song that is trained on, and the song that is the same recording.
    """

    test_songs: int = 0
    trained_on: int = 0
    chosen_on: int = 0
    test_labels: int = 0
    overlapping: int = 0
    example: str = ""


@dataclass(frozen=True)
class RaterErrors:
    """How far the raters of one song are apart: sums of squares over its `n_labels` rated labels.

    Attributes
    ----------
    of_mean : float
        Squared standard error of the mean rating.
    between_halves : float
        Squared difference between the means of two random halves of the raters.
    of_one : float
        Squared difference between one rater and the mean of the others, averaged over raters.
    """

    n_labels: int
    of_mean: float
    between_halves: float
    of_one: float


@dataclass(frozen=True)
class Tuning:
    """How the parameters of a row were chosen, fold by fold, on training songs alone.

    `trials` is how many each study was to have, `inner` says in words how they were judged, and
    `studies` holds their keys, that of each fold in the order of the folds.
    """

    mode: str
    trials: int
    sampler: str
    pruner: str
    inner: str
    studies: tuple[str, ...]

    @property
    def key(self) -> str:
        """What tells it from others: its studies."""
        return content_hash(list(self.studies))


@dataclass(frozen=True)
class CellPlan:
    """One row-to-be: what it is, its track for each target, and the keys of its jobs.

    `n_training_songs` is the mean over folds, validation songs among them. `folds` is a hash of all
    song ids of all folds, `tested` one of the test songs alone, fold by fold; `subsets` are those
    the test songs come from.
    """

    description: Mapping[str, Any]
    tracks: Mapping[str, str]
    jobs: tuple[str, ...]
    n_test_songs: int
    n_training_songs: float = 0.0
    folds: str = ""
    tested: str = ""
    subsets: tuple[str, ...] = ()
    shared: Shared = field(default_factory=Shared)
    tuning: Tuning | None = None

    @property
    def studies(self) -> tuple[str, ...]:
        """The keys of the studies that chose its parameters, if any did."""
        return self.tuning.studies if self.tuning else ()


@dataclass(frozen=True)
class Manifest:
    """The latest run of one experiment file: its data and its cells.

    `arguments` is what `python -m benchmark` with this `command` was given: the file, overrides.
    `raters` holds, per target and song, how far its raters are apart, where that is known.
    """

    name: str
    arguments: tuple[str, ...]
    dataset: Mapping[str, Any]
    notes: tuple[str, ...]
    cells: tuple[CellPlan, ...]
    raters: Mapping[str, Mapping[str, RaterErrors]] = field(default_factory=dict)
    command: str = "run"
    schema_version: int = MANIFEST_VERSION
