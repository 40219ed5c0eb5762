"""Stacked generalisation (Wolpert 1992; non-negative weights: Breiman 1996): models blended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from annotated_types import Ge

from benchmark import registry
from benchmark.errors import BenchmarkError
from benchmark.interfaces import Floats, Model, Predictor, View
from benchmark.models._rows import labels_of
from benchmark.models._saved import seal, unsealed
from benchmark.records import SongFrames, TrainingCard
from benchmark.views import Several

WEIGHTS = "weights.json"


def _usual() -> tuple[Model, ...]:
    found: list[Any] = [registry.component("models", name) for name in ("svr", "xgboost_context")]
    return tuple(model() for model in found)


@dataclass(frozen=True, kw_only=True)
class Stack(Model):
    """A weighted mean of other models, weighted by how they predict songs they did not learn from.

    Each of `of` is fitted on all but one of `folds` parts of the training songs, dealt by song, and
    predicts that one. The weights, one a model and target, not negative, their sum 1, are those
    with the lowest squared error over all these predictions; then each is fitted on all. Each has
    a seed of its own.
    """

    name: ClassVar[str] = "stack"
    source: ClassVar[str] = (
        "Wolpert 1992, doi:10.1016/S0893-6080(05)80023-1; Breiman 1996, doi:10.1007/BF00117832"
    )
    libraries: ClassVar[tuple[str, ...]] = ("scipy",)
    validates: ClassVar[bool] = False

    of: tuple[Model, ...] = field(default_factory=_usual)
    folds: Annotated[int, Ge(2)] = 5

    def __post_init__(self) -> None:
        if not self.of:
            raise ValueError("of: names no model; two or more are blended")
        for model in self.of:
            if model.validates or model.view is None:
                why = "looks at validation songs" if model.validates else "looks at no feature"
                raise ValueError(f"of: {model.name} {why}; it cannot be blended")

    @property
    def view(self) -> View:
        return Several(tuple(model.view for model in self.of if model.view))

    def warm_up(self) -> None:
        import scipy.optimize  # noqa: F401

        for model in self.of:
            model.warm_up()

    def fit(
        self, train: Sequence[SongFrames], validation: Sequence[SongFrames], *, seed: int
    ) -> Predictor:
        labels = np.concatenate([labels_of(song) for song in train])
        weights = _weights(self._unseen(train, seed), labels)
        fitted = self._fitted(train, seed)
        words = "; ".join(
            f"{model.name} {', '.join(f'{weight:.2f}' for weight in row)}"
            for model, row in zip(self.of, weights, strict=True)
        )
        n_rated = int(np.isfinite(labels).all(axis=1).sum())
        card = TrainingCard(examples=n_rated, notes=(f"weights {words}",))
        return Blend(fitted, weights, card)

    def _unseen(self, songs: Sequence[SongFrames], seed: int) -> Floats:
        """Return what each model says of songs it did not learn from: (n_models, n_labels, ...)."""
        if len(songs) < 2:
            raise BenchmarkError(f"{self.name} needs two training songs or more, not {len(songs)}")
        order = np.random.default_rng(seed).permutation(len(songs))
        said: dict[int, list[Floats]] = {}
        for held in np.array_split(order, min(self.folds, len(songs))):
            rest = [songs[number] for number in sorted(set(order) - set(held))]
            asked = [songs[number] for number in held]
            answers = [predictor.predict(asked) for predictor in self._fitted(rest, seed)]
            said |= {number: list(one) for number, *one in zip(held, *answers, strict=True)}
        members = zip(*(said[number] for number in range(len(songs))), strict=True)
        return np.stack([np.concatenate(values) for values in members])

    def _fitted(self, songs: Sequence[SongFrames], seed: int) -> list[Predictor]:
        seeds = np.random.SeedSequence(seed).generate_state(len(self.of))
        pairs = zip(self.of, seeds, strict=True)
        return [model.fit(songs, (), seed=int(own) % 2**31) for model, own in pairs]

    def load(self, folder: Path) -> Predictor:
        with unsealed(folder):
            content = json.loads((folder / WEIGHTS).read_text(encoding="utf-8"))
            weights = np.array(content["weights of each model, by target"])
        fitted = [model.load(folder / str(number)) for number, model in enumerate(self.of)]
        return Blend(fitted, weights, TrainingCard())


class Blend(Predictor):
    """Predictors and the weights (n_models, n_targets) of their mean."""

    def __init__(self, fitted: Sequence[Predictor], weights: Floats, card: TrainingCard) -> None:
        self.card = card
        self._fitted = fitted
        self._weights = weights

    def predict(self, songs: Sequence[SongFrames]) -> list[Floats]:
        answers = [predictor.predict(songs) for predictor in self._fitted]
        return [
            np.einsum("mnt,mt->nt", np.stack(values), self._weights)
            for values in zip(*answers, strict=True)
        ]

    def save(self, folder: Path) -> None:
        for number, predictor in enumerate(self._fitted):
            (folder / str(number)).mkdir()
            predictor.save(folder / str(number))
        content = {"weights of each model, by target": self._weights.tolist()}
        (folder / WEIGHTS).write_text(json.dumps(content), encoding="utf-8")
        seal(folder)


def _weights(said: Floats, labels: Floats) -> Floats:
    """Return the weights (n_models, n_targets) of the best blend, by the labels that are complete.

    With weights whose sum is 1 the error of a blend is the blend of errors: its square is least
    for a small system, with the sum as one heavy equation (Lawson & Hanson 1974).
    """
    from scipy.optimize import nnls

    rated = np.isfinite(labels).all(axis=1)
    columns = []
    for target in range(labels.shape[1]):
        errors = said[:, rated, target] - labels[rated, target]
        products = errors @ errors.T / max(rated.sum(), 1)
        factor = np.linalg.cholesky(products + 1e-9 * np.eye(len(products))).T
        heavy = 1e3 * np.ones(len(products))
        found, _ = nnls(np.vstack([factor, heavy]), np.append(np.zeros(len(products)), 1e3))
        columns.append(found / found.sum())
    return np.stack(columns, axis=1)
