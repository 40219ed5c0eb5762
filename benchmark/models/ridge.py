"""Ridge regression (Hoerl & Kennard 1970) on summary statistics: the linear baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import numpy.typing as npt
from annotated_types import Gt, MinLen

from benchmark.errors import BenchmarkError
from benchmark.interfaces import Model, Predictor, View
from benchmark.models._rows import RowPredictor, Rows, labelled_rows, load_rows
from benchmark.records import SongFrames, TrainingCard
from benchmark.views import Summary

INNER_FOLDS = 5


@dataclass(frozen=True, kw_only=True)
class Ridge(Model):
    """Linear on mean, SD and change around a label; penalty by inner cross-validation over songs.

    Statistics are standardised on the songs fitted on. The one of `alphas` with the lowest squared
    error over five inner folds of the training songs is fitted on all of them.
    """

    name: ClassVar[str] = "ridge"
    version: ClassVar[int] = 2
    libraries: ClassVar[tuple[str, ...]] = ("scikit-learn", "scipy")
    validates: ClassVar[bool] = False

    alphas: Annotated[tuple[Annotated[float, Gt(0)], ...], MinLen(1)] = (10.0, 1e2, 1e3, 1e4, 1e5)
    seconds: Annotated[float, Gt(0)] = 6.0

    @property
    def view(self) -> View:
        return Summary(self.seconds)

    def warm_up(self) -> None:
        import sklearn.linear_model
        import sklearn.pipeline
        import sklearn.preprocessing  # noqa: F401

    def fit(
        self, train: Sequence[SongFrames], validation: Sequence[SongFrames], *, seed: int
    ) -> Predictor:
        rows = labelled_rows(self.view, train)
        alpha = self.alphas[0] if len(self.alphas) == 1 else self._best_alpha(rows, seed)
        parameters = (rows.inputs.shape[1] + 1) * rows.labels.shape[1]
        card = TrainingCard(
            parameters=parameters,
            trainable_parameters=parameters,
            examples=len(rows.inputs),
            notes=(f"alpha {alpha:g}",),
        )
        everything = np.ones(len(rows.inputs), dtype=bool)
        return RowPredictor(_fitted(alpha, rows, everything), self.view, card)

    def load(self, folder: Path) -> Predictor:
        return load_rows(folder, self.view)

    def _best_alpha(self, rows: Rows, seed: int) -> float:
        songs = np.unique(rows.songs)
        if len(songs) < 2:
            raise BenchmarkError(
                f"{self.label} chooses among {len(self.alphas)} alphas by cross-validation over "
                f"training songs, of which there is {len(songs)}; one alpha needs no choice"
            )
        order = np.random.default_rng(seed).permutation(songs)
        errors = dict.fromkeys(self.alphas, 0.0)
        for fold in range(min(INNER_FOLDS, len(songs))):
            held = np.isin(rows.songs, order[fold::INNER_FOLDS])
            for alpha in self.alphas:
                predicted = _fitted(alpha, rows, ~held).predict(rows.inputs[held])
                squared = np.square(predicted.reshape(rows.labels[held].shape) - rows.labels[held])
                errors[alpha] += float((rows.weights[held] @ squared).sum())
        return min(self.alphas, key=lambda alpha: errors[alpha])


def _fitted(alpha: float, rows: Rows, which: npt.NDArray[np.bool_]) -> Any:
    from sklearn.linear_model import Ridge as Regression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    inputs, labels, weights = rows.inputs[which], rows.labels[which], rows.weights[which]
    return make_pipeline(StandardScaler(), Regression(alpha)).fit(
        inputs, labels, standardscaler__sample_weight=weights, ridge__sample_weight=weights
    )
