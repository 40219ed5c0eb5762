"""Support vector regression (Smola & Schölkopf 2004) on statistics over several lengths of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from annotated_types import Ge, Gt

from benchmark.interfaces import Model, Predictor, View
from benchmark.models._rows import RowPredictor, averaged_rows, load_rows
from benchmark.records import SongFrames, TrainingCard
from benchmark.views import Lengths, Seconds, around


@dataclass(frozen=True, kw_only=True)
class Svr(Model):
    """A radial kernel on mean and SD over several lengths of time around a label.

    Statistics are standardised on the songs fitted on. `gamma` is the kernel's, for distances
    squared and averaged over the statistics; `epsilon` is the error that costs nothing. Training
    labels are averaged over `every` seconds.
    """

    name: ClassVar[str] = "svr"
    source: ClassVar[str] = "Smola & Schölkopf 2004, doi:10.1023/B:STCO.0000035301.49549.88"
    libraries: ClassVar[tuple[str, ...]] = ("scikit-learn", "scipy")
    validates: ClassVar[bool] = False

    C: Annotated[float, Gt(0)] = 1.0
    gamma: Annotated[float, Gt(0)] = 0.3
    epsilon: Annotated[float, Ge(0)] = 0.1
    seconds: Seconds | Lengths = (3.0, 15.0, 40.0, "song")
    every: Annotated[float, Ge(0.5)] = 3.0

    @property
    def view(self) -> View:
        return around(self.seconds)

    def warm_up(self) -> None:
        import sklearn.multioutput
        import sklearn.svm  # noqa: F401

    def fit(
        self, train: Sequence[SongFrames], validation: Sequence[SongFrames], *, seed: int
    ) -> Predictor:
        from sklearn.multioutput import MultiOutputRegressor
        from sklearn.pipeline import Pipeline
        from sklearn.preprocessing import StandardScaler
        from sklearn.svm import SVR

        rows = averaged_rows(self.view, train, self.every)
        scaler = StandardScaler().fit(rows.inputs)
        gamma = self.gamma / rows.inputs.shape[1]
        machine = MultiOutputRegressor(SVR(C=self.C, gamma=gamma, epsilon=self.epsilon)).fit(
            scaler.transform(rows.inputs),
            rows.labels,
            sample_weight=rows.weights / rows.weights.mean(),
        )
        card = TrainingCard(examples=len(rows.inputs))
        return RowPredictor(Pipeline([("scale", scaler), ("svr", machine)]), self.view, card)

    def load(self, folder: Path) -> Predictor:
        return load_rows(folder, self.view)
