"""Gradient-boosted trees (XGBoost, Chen & Guestrin 2016) on summary statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Ge, Gt, Le

from benchmark.interfaces import Model, Predictor, View
from benchmark.models._rows import RowPredictor, Rows, labelled_rows
from benchmark.models._saved import seal, unsealed
from benchmark.records import SongFrames, TrainingCard
from benchmark.views import Lengths, Seconds, around

TREES = "model.ubj"


@dataclass(frozen=True, kw_only=True)
class XgboostSummary(Model):
    """Boosted trees on mean, SD and change around a label; their number is fixed.

    With several lengths of time, as in `seconds: [3, 15, 40, song]`, on mean and SD over each.
    """

    name: ClassVar[str] = "xgboost_summary"
    source: ClassVar[str] = "Chen & Guestrin 2016, doi:10.1145/2939672.2939785"
    version: ClassVar[int] = 2
    validates: ClassVar[bool] = False
    libraries: ClassVar[tuple[str, ...]] = ("xgboost",)

    n_estimators: Annotated[int, Ge(1)] = 300
    max_depth: Annotated[int, Ge(1)] = 4
    learning_rate: Annotated[float, Gt(0)] = 0.05
    subsample: Annotated[float, Gt(0), Le(1)] = 0.7
    colsample_bytree: Annotated[float, Gt(0), Le(1)] = 0.3
    min_child_weight: Annotated[float, Ge(0)] = 10.0
    reg_lambda: Annotated[float, Ge(0)] = 1.0
    seconds: Seconds | Lengths = 6.0

    @property
    def view(self) -> View:
        return around(self.seconds)

    def rows(self, songs: Sequence[SongFrames]) -> Rows:
        """Return what is fitted on."""
        return labelled_rows(self.view, songs)

    def warm_up(self) -> None:
        import xgboost.sklearn  # noqa: F401

    def fit(
        self, train: Sequence[SongFrames], validation: Sequence[SongFrames], *, seed: int
    ) -> Predictor:
        from xgboost import XGBRegressor

        rows = self.rows(train)
        regressor = XGBRegressor(
            n_estimators=self.n_estimators,
            max_depth=self.max_depth,
            learning_rate=self.learning_rate,
            subsample=self.subsample,
            colsample_bytree=self.colsample_bytree,
            min_child_weight=self.min_child_weight,
            reg_lambda=self.reg_lambda,
            tree_method="hist",
            random_state=seed,
        )
        weights = None if (rows.weights == 1).all() else rows.weights
        regressor.fit(rows.inputs, rows.labels.astype(np.float32), sample_weight=weights)
        card = TrainingCard(examples=len(rows.inputs))
        return BoostedPredictor(regressor, self.view, card)

    def load(self, folder: Path) -> Predictor:
        from xgboost import XGBRegressor

        regressor = XGBRegressor()
        with unsealed(folder):
            regressor.load_model(folder / TREES)
            return BoostedPredictor(regressor, self.view, TrainingCard())


class BoostedPredictor(RowPredictor):
    """Boosted trees, which XGBoost saves itself."""

    def save(self, folder: Path) -> None:
        self._regressor.save_model(folder / TREES)
        seal(folder)
