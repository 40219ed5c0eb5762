"""Extremely randomised trees (Geurts, Ernst & Wehenkel 2006) on summary statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from annotated_types import Ge, Gt, Le

from benchmark.interfaces import Model, Predictor, View
from benchmark.models._rows import RowPredictor, labelled_rows, load_rows
from benchmark.records import SongFrames, TrainingCard
from benchmark.views import Summary


@dataclass(frozen=True, kw_only=True)
class ExtraTrees(Model):
    """Averaged random trees on mean, SD and change around a label.

    `max_features` is the share of the inputs that each split may choose from.
    """

    name: ClassVar[str] = "extra_trees"
    source: ClassVar[str] = "Geurts, Ernst & Wehenkel 2006, doi:10.1007/s10994-006-6226-1"
    libraries: ClassVar[tuple[str, ...]] = ("scikit-learn", "scipy")
    validates: ClassVar[bool] = False

    n_estimators: Annotated[int, Ge(1)] = 300
    max_features: Annotated[float, Gt(0), Le(1)] = 0.3
    min_samples_leaf: Annotated[int, Ge(1)] = 2
    seconds: Annotated[float, Gt(0)] = 6.0

    @property
    def view(self) -> View:
        return Summary(self.seconds)

    def warm_up(self) -> None:
        import sklearn.ensemble  # noqa: F401

    def fit(
        self, train: Sequence[SongFrames], validation: Sequence[SongFrames], *, seed: int
    ) -> Predictor:
        from sklearn.ensemble import ExtraTreesRegressor

        rows = labelled_rows(self.view, train)
        labels = rows.labels[:, 0] if rows.labels.shape[1] == 1 else rows.labels
        trees = ExtraTreesRegressor(
            n_estimators=self.n_estimators,
            max_features=self.max_features,
            min_samples_leaf=self.min_samples_leaf,
            random_state=seed,
        ).fit(rows.inputs, labels, sample_weight=rows.weights)
        return RowPredictor(trees, self.view, TrainingCard(examples=len(rows.inputs)))

    def load(self, folder: Path) -> Predictor:
        return load_rows(folder, self.view, trusted=["sklearn.tree._tree.Tree"])
