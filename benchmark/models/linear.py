"""Least squares on the frame of each label: what MediaEval's Emotion in Music tasks compared with.

The task of 2015 asked every team for "multiple-linear regression" on its features; on the official
ones, the feature `opensmile`, this is the organisers' baseline (Aljanaki, Yang & Soleymani 2017).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from benchmark import views
from benchmark.interfaces import Model, Predictor, View
from benchmark.models._rows import RowPredictor, labelled_rows, load_rows
from benchmark.records import SongFrames, TrainingCard


@dataclass(frozen=True, kw_only=True)
class Linear(Model):
    """Linear regression on the frames of a label's own half second; MediaEval's baseline.

    Ordinary least squares in closed form, without a penalty: of several solutions the one of least
    norm. Frames are averaged over the half second and standardised on the songs fitted on.
    """

    name: ClassVar[str] = "linear"
    source: ClassVar[str] = (
        "Aljanaki, Yang & Soleymani 2017, doi:10.1371/journal.pone.0173392 (the baseline of 2015)"
    )
    libraries: ClassVar[tuple[str, ...]] = ("scikit-learn", "scipy")
    validates: ClassVar[bool] = False

    @property
    def view(self) -> View:
        return views.Sequence()

    def warm_up(self) -> None:
        import sklearn.linear_model
        import sklearn.pipeline
        import sklearn.preprocessing  # noqa: F401

    def fit(
        self, train: Sequence[SongFrames], validation: Sequence[SongFrames], *, seed: int
    ) -> Predictor:
        from sklearn.linear_model import LinearRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        rows = labelled_rows(self.view, train)
        # The scaler may write over the rows, the regression over what it hands on: no copies.
        regression = make_pipeline(StandardScaler(copy=False), LinearRegression(copy_X=False))
        fitted = regression.fit(rows.inputs, rows.labels)
        parameters = (rows.inputs.shape[1] + 1) * rows.labels.shape[1]
        card = TrainingCard(
            parameters=parameters, trainable_parameters=parameters, examples=len(rows.inputs)
        )
        return RowPredictor(fitted, self.view, card)

    def load(self, folder: Path) -> Predictor:
        return load_rows(folder, self.view)
