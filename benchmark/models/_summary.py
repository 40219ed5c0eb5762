"""Regressors of scikit-learn on summary statistics: all that is left to say is which one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from benchmark.interfaces import Model, Predictor, View
from benchmark.models._rows import RowPredictor, labelled_rows, load_rows
from benchmark.records import SongFrames, TrainingCard
from benchmark.views import Lengths, Seconds, around


@dataclass(frozen=True, kw_only=True)
class SummaryRegression(Model):
    """A regressor of scikit-learn on mean, SD and change over `seconds` around a label.

    With several lengths of time, as in `seconds: [3, 15, 40, song]`, on mean and SD over each.
    """

    libraries: ClassVar[tuple[str, ...]] = ("scikit-learn", "scipy")
    validates: ClassVar[bool] = False
    trusted: ClassVar[tuple[str, ...]] = ("sklearn.tree._tree.Tree",)
    """Types that it may hold when it is loaded, beside scikit-learn's estimators and arrays."""

    seconds: Seconds | Lengths = 6.0

    @abstractmethod
    def regressor(self, seed: int) -> Any:
        """Return the regressor, not yet fitted. This is where its library is imported.

        It is fitted on rows (n, n_statistics) and labels (n,), or (n, n_targets) for several
        targets; if it takes a `sample_weight`, that is how many labels a row stands for.
        """

    @property
    def view(self) -> View:
        return around(self.seconds)

    def warm_up(self) -> None:
        self.regressor(seed=0)

    def fit(
        self, train: Sequence[SongFrames], validation: Sequence[SongFrames], *, seed: int
    ) -> Predictor:
        from sklearn.utils.validation import has_fit_parameter

        rows = labelled_rows(self.view, train)
        labels = rows.labels[:, 0] if rows.labels.shape[1] == 1 else rows.labels
        regressor = self.regressor(seed)
        weighted = has_fit_parameter(regressor, "sample_weight")
        weights = {"sample_weight": rows.weights} if weighted else {}
        regressor.fit(rows.inputs, labels, **weights)
        return RowPredictor(regressor, self.view, TrainingCard(examples=len(rows.inputs)))

    def load(self, folder: Path) -> Predictor:
        return load_rows(folder, self.view, trusted=self.trusted)
