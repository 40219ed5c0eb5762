"""What MLflow serves, by the name of this module: paths of audio in, a table of curves out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from benchmark.prediction.curves import predict
from benchmark.prediction.trained import TrainedModel, read

PATH = "path"


class Served:
    """A trained model as MLflow's `pyfunc` calls it."""

    def __init__(self, trained: TrainedModel) -> None:
        self._trained = trained

    def predict(
        self,
        model_input: pd.DataFrame | Iterable[str],
        params: dict[str, Any] | None = None,
    ) -> pd.DataFrame:
        """Return path, time (seconds) and a column per target, a row per half second of each song.

        `model_input` is paths, or a table whose first column holds them.

        Raises
        ------
        DataError
            If a file cannot be decoded; names it.
        """
        given = model_input.iloc[:, 0] if isinstance(model_input, pd.DataFrame) else model_input
        tables = []
        for path in map(str, given):
            predicted = predict(Path(path), [self._trained])
            table = pd.DataFrame({"time": predicted.times, **predicted.values})
            table.insert(0, PATH, path)
            tables.append(table)
        columns = [PATH, "time", *self._trained.recipe.targets]
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)


def _load_pyfunc(path: str) -> Served:
    return Served(read(Path(path)))
