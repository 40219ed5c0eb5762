"""A trained model as it is handed to MLflow, and what it is called there. Knows no client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from benchmark.errors import TrackingError

TRAIN = (
    "python -m benchmark train FILE --best TARGET trains and registers mer-arousal or mer-valence"
)
"""What helps where there is no model."""


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A trained model and what MLflow shows of it.

    Attributes
    ----------
    names : tuple of str
        Of the registered models, each of which gets a new version: this model.
    description : str
        Of the versions and, as they are the latest, of the registered models.
    data : Path
        The folder that the module `loader` loads, with the package in `code` beside it.
    input : str
        MLflow type of what is predicted from, a list or a table of one column.
    outputs : mapping of column to MLflow type
    example : sequence
        An input.
    curves : mapping of metric to values
        Per epoch, from 1.
    """

    names: tuple[str, ...]
    experiment: str
    title: str
    description: str
    data: Path
    loader: str
    code: Path
    requirements: Sequence[str]
    input: str
    outputs: Mapping[str, str]
    example: Sequence[Any]
    params: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    curves: Mapping[str, Sequence[float]] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Registered:
    """A version of a registered model."""

    name: str
    version: str
    description: str

    @property
    def uri(self) -> str:
        """The address that MLflow loads it by."""
        return f"models:/{self.name}/{self.version}"


@dataclass(frozen=True)
class Fetched:
    """A trained model on this disk: what it is called, and the folder of its data."""

    name: str
    data: Path
    description: str = ""


def data_folder(folder: Path) -> Path:
    """Return where a model that was logged into a folder keeps what its loader loads.

    Raises
    ------
    TrackingError
        If there is no such model.
    """
    try:
        flavors = yaml.safe_load((folder / "MLmodel").read_text(encoding="utf-8"))["flavors"]
        data: str = flavors["python_function"]["data"]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise TrackingError(
            f"{folder}: holds no model that `benchmark train` logged ({error})"
        ) from error
    return folder / data
