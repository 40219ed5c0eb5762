"""Ridge regression (Hoerl & Kennard 1970) on summary statistics: the linear baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
from annotated_types import Gt, MinLen

from benchmark.interfaces import Floats, Frames, Model, Predictor, View
from benchmark.models._rows import RowPredictor, labelled_rows
from benchmark.records import SongFrames, TrainingCard
from benchmark.views import Summary


@dataclass(frozen=True, kw_only=True)
class Ridge(Model):
    """Linear on mean, SD and change around a label; penalty chosen on the validation songs.

    Statistics are standardised on the songs fitted on. The one of `alphas` with the lowest squared
    error on the validation songs is fitted again on training and validation songs together.
    """

    name: ClassVar[str] = "ridge"
    libraries: ClassVar[tuple[str, ...]] = ("scikit-learn", "scipy")

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
        inputs, labels = labelled_rows(self.view, train)
        held_inputs, held_labels = labelled_rows(self.view, validation)

        def held_error(alpha: float) -> float:
            predicted = _fitted(alpha, inputs, labels).predict(held_inputs)
            return float(np.square(predicted.reshape(held_labels.shape) - held_labels).sum())

        alpha = min(self.alphas, key=held_error) if len(self.alphas) > 1 else self.alphas[0]
        all_inputs = np.concatenate([inputs, held_inputs])
        all_labels = np.concatenate([labels, held_labels])
        card = TrainingCard(
            parameters=(all_inputs.shape[1] + 1) * all_labels.shape[1],
            trainable_parameters=(all_inputs.shape[1] + 1) * all_labels.shape[1],
            examples=len(all_inputs),
            notes=(f"alpha {alpha:g}",),
        )
        return RowPredictor(_fitted(alpha, all_inputs, all_labels), self.view, card)


def _fitted(alpha: float, inputs: Frames, labels: Floats) -> Any:
    from sklearn.linear_model import Ridge as Regression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), Regression(alpha)).fit(inputs, labels)
