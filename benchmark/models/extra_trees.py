"""Extremely randomised trees (Geurts, Ernst & Wehenkel 2006) on summary statistics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from annotated_types import Ge, Gt, Le

from benchmark.models._summary import SummaryRegression


@dataclass(frozen=True, kw_only=True)
class ExtraTrees(SummaryRegression):
    """Averaged random trees on mean, SD and change around a label.

    `max_features` is the share of the inputs that each split may choose from. With several lengths
    of time, as in `seconds: [3, 15, 40, song]`, trees see mean and SD over each.
    """

    name: ClassVar[str] = "extra_trees"
    source: ClassVar[str] = "Geurts, Ernst & Wehenkel 2006, doi:10.1007/s10994-006-6226-1"

    n_estimators: Annotated[int, Ge(1)] = 300
    max_features: Annotated[float, Gt(0), Le(1)] = 0.3
    min_samples_leaf: Annotated[int, Ge(1)] = 2

    def regressor(self, seed: int) -> Any:
        from sklearn.ensemble import ExtraTreesRegressor

        return ExtraTreesRegressor(
            n_estimators=self.n_estimators,
            max_features=self.max_features,
            min_samples_leaf=self.min_samples_leaf,
            random_state=seed,
        )
