"""Ridge regression (Hoerl & Kennard 1970) on summary statistics: the linear baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, NamedTuple

import numpy as np
from annotated_types import Gt, MinLen

from benchmark.errors import BenchmarkError
from benchmark.interfaces import Floats, Model, Predictor, View
from benchmark.models._least_squares import Moments, Sample, WholeRows, total
from benchmark.models._rows import Known, RowPredictor, known, load_rows
from benchmark.records import SongFrames, TrainingCard
from benchmark.views import Summary

INNER_FOLDS = 5


class Rated(NamedTuple):
    """A song and what it gives to learn from."""

    song: SongFrames
    known: Known


@dataclass(frozen=True, kw_only=True)
class Ridge(Model):
    """Linear on mean, SD and change around a label; penalty by inner cross-validation over songs.

    Statistics are standardised on the songs fitted on. The one of `alphas` with the lowest squared
    error over five inner folds of the training songs is fitted on all of them. Songs are read one
    by one, and only sums over them are kept, or their rows where these are fewer than statistics:
    scikit-learn's `make_pipeline(StandardScaler(), Ridge(alpha))`, but in double precision.
    """

    name: ClassVar[str] = "ridge"
    source: ClassVar[str] = "Hoerl & Kennard 1970, doi:10.1080/00401706.1970.10488634"
    version: ClassVar[int] = 3
    libraries: ClassVar[tuple[str, ...]] = ("scikit-learn",)
    validates: ClassVar[bool] = False

    alphas: Annotated[tuple[Annotated[float, Gt(0)], ...], MinLen(1)] = (10.0, 1e2, 1e3, 1e4, 1e5)
    seconds: Annotated[float, Gt(0)] = 6.0

    @property
    def view(self) -> View:
        return Summary(self.seconds)

    def warm_up(self) -> None:
        import sklearn.linear_model  # noqa: F401

    def fit(
        self, train: Sequence[SongFrames], validation: Sequence[SongFrames], *, seed: int
    ) -> Predictor:
        from sklearn.linear_model import Ridge as Regression

        rated = [Rated(song, part) for song in train if len((part := known(song)).which)]
        folds = self._inner_folds(rated, seed)
        # Sums of squares lose digits far from zero.
        centre = self.view.rows(rated[0].song).mean(axis=0, dtype=np.float64)
        n_rows = sum(len(one.known.which) for one in rated)
        kind = Moments if n_rows > len(centre) else WholeRows
        parts = [total(self._sample(kind, one, centre) for one in fold) for fold in folds]
        alpha = self.alphas[0] if len(parts) == 1 else self._best_alpha(parts)
        (line,) = total(parts).lines([alpha])
        # scikit-learn's, with what it would have found: it is saved and loaded as any of its own.
        regression = Regression(alpha)
        regression.coef_, regression.n_features_in_ = line.slope.T, len(line.slope)
        regression.intercept_ = line.intercept - centre @ line.slope
        parameters = line.slope.size + line.intercept.size
        card = TrainingCard(
            parameters=parameters,
            trainable_parameters=parameters,
            examples=n_rows,
            notes=(f"alpha {alpha:g}",),
        )
        return RowPredictor(regression, self.view, card)

    def load(self, folder: Path) -> Predictor:
        return load_rows(folder, self.view)

    def _inner_folds(self, songs: Sequence[Rated], seed: int) -> list[list[Rated]]:
        """Deal songs in a random order; to one fold if there is nothing to choose."""
        if len(songs) < min(2, len(self.alphas)):
            raise BenchmarkError(
                f"{self.label} chooses among {len(self.alphas)} alphas by cross-validation over "
                f"training songs, of which there is {len(songs)}; one alpha needs no choice"
                if songs
                else f"{self.label}: no training song has a complete label; nothing can be learned"
            )
        if len(self.alphas) == 1:
            return [list(songs)]
        order = np.random.default_rng(seed).permutation(len(songs))
        n_folds = min(INNER_FOLDS, len(songs))
        return [[songs[number] for number in order[fold::INNER_FOLDS]] for fold in range(n_folds)]

    def _sample(self, kind: type[Sample], one: Rated, centre: Floats) -> Sample:
        inputs = self.view.rows(one.song, one.known.which)
        return kind.of(inputs - centre, one.known.labels, one.known.weights)

    def _best_alpha(self, parts: Sequence[Sample]) -> float:
        errors = np.zeros(len(self.alphas))
        for held in parts:
            lines = total(part for part in parts if part is not held).lines(self.alphas)
            errors += [held.squared_error(line) for line in lines]
        return self.alphas[int(np.argmin(errors))]
