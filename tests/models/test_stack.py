from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from scipy.optimize import minimize

from benchmark.errors import BenchmarkError
from benchmark.interfaces import Model, Predictor, View
from benchmark.models.arousal_cnn import ArousalCnn
from benchmark.models.mean import Mean
from benchmark.models.ridge import Ridge
from benchmark.models.stack import Stack, _weights
from benchmark.models.svr import Svr
from benchmark.models.xgboost_summary import XgboostSummary
from benchmark.records import SongFrames, TrainingCard
from benchmark.views import Several, Summary

MakeSongs = Callable[..., list[SongFrames]]
RIDGE = Ridge(alphas=(1.0,), seconds=1.0)
TREES = XgboostSummary(n_estimators=20, min_child_weight=1.0, seconds=1.0)


@dataclass(frozen=True)
class Saying(Predictor):
    """Says the labels that it sees, times a factor, and keeps which songs it was asked."""

    factor: float
    asked: list[str]
    card: ClassVar[TrainingCard] = TrainingCard()

    def predict(self, songs: Sequence[SongFrames]) -> list[np.ndarray]:
        self.asked.extend(song.id for song in songs)
        return [self.factor * song.labels for song in songs]


@dataclass(frozen=True, kw_only=True)
class Spy(Model):
    """Keeps what each of its fits was handed, and what was asked of each predictor."""

    name: ClassVar[str] = "spy"
    validates: ClassVar[bool] = False

    factor: float = 1.0
    fits: list[tuple[list[str], int, list[str]]] = field(default_factory=list)

    @property
    def view(self) -> View:
        return Summary(1.0)

    def fit(
        self, train: Sequence[SongFrames], validation: Sequence[SongFrames], *, seed: int
    ) -> Predictor:
        assert list(validation) == []
        predictor = Saying(self.factor, [])
        self.fits.append(([song.id for song in train], seed, predictor.asked))
        return predictor


def weights_of(predictor: Predictor, folder: Path) -> np.ndarray:
    predictor.save(folder)
    return np.array(
        json.loads((folder / "weights.json").read_text())["weights of each model, by target"]
    )


@pytest.mark.parametrize(("n_songs", "folds", "n_parts"), [(7, 3, 3), (4, 5, 4), (2, 2, 2)])
def test_no_song_is_weighed_by_a_model_that_saw_it(
    make_songs: MakeSongs, n_songs: int, folds: int, n_parts: int
) -> None:
    songs, spies = make_songs(1, n_songs), (Spy(), Spy(factor=0.5))
    ids = [song.id for song in songs]
    Stack(of=spies, folds=folds).fit(songs, [], seed=0)
    for spy in spies:
        *parts, (last, _, _) = spy.fits
        assert len(parts) == n_parts
        for seen, _, asked in parts:
            assert asked
            assert sorted([*seen, *asked], key=int) == ids
        assert sorted((one for _, _, asked in parts for one in asked), key=int) == ids
        sizes = [len(asked) for _, _, asked in parts]
        assert max(sizes) - min(sizes) <= 1
        assert last == ids


def test_each_model_has_a_seed_of_its_own_and_another_seed_deals_others(
    make_songs: MakeSongs,
) -> None:
    songs = make_songs(1, 9)

    def fits(seed: int) -> list[list[tuple[list[str], int, list[str]]]]:
        spies = Spy(), Spy(factor=0.5)
        Stack(of=spies, folds=3).fit(songs, [], seed=seed)
        return [spy.fits for spy in spies]

    one, again, other = fits(1), fits(1), fits(2)
    assert one == again
    assert [seen for seen, _, _ in one[0]] == [seen for seen, _, _ in one[1]]
    assert [seen for seen, _, _ in one[0]] != [seen for seen, _, _ in other[0]]
    seeds = {own for spy in (*one, *other) for _, own, _ in spy}
    assert len(seeds) == 4


def test_predictions_are_weighed_with_the_labels_of_their_songs(make_songs: MakeSongs) -> None:
    """In whatever order songs are dealt: of half and of one and a half times the labels, half."""
    songs = [
        replace(song, labels=song.labels[: 2 + n], times=song.times[: 2 + n])
        for n, song in enumerate(make_songs(1, 6))
    ]
    spies = Spy(factor=0.5), Spy(factor=1.5)
    predictor = Stack(of=spies, folds=3).fit(songs, [], seed=0)
    for song, values in zip(songs, predictor.predict(songs), strict=True):
        np.testing.assert_allclose(values, song.labels, atol=1e-3)
    assert predictor.card.examples == sum(range(2, 8))
    assert predictor.card.notes == ("weights spy 0.50; spy 0.50",)


@pytest.mark.parametrize("n_targets", [1, 2])
def test_weights_are_the_best_that_are_not_negative_and_sum_to_one(n_targets: int) -> None:
    random = np.random.default_rng(0)
    labels = random.normal(size=(80, n_targets))
    said = (
        labels + random.normal(size=(4, 80, n_targets)) * np.array([0.5, 0.7, 1, 3])[:, None, None]
    )
    said[3] += 2 * (said[0] - labels)  # a model whose best weight would be negative
    weights = _weights(said, labels)
    assert weights.shape == (4, n_targets)
    assert (weights >= 0).all()
    np.testing.assert_allclose(weights.sum(axis=0), 1)
    for target in range(n_targets):

        def error(share: np.ndarray, target: int = target) -> float:
            return float(np.square(share @ said[:, :, target] - labels[:, target]).mean())

        best = minimize(
            error,
            np.full(4, 0.25),
            method="SLSQP",
            bounds=4 * [(0, 1)],
            constraints={"type": "eq", "fun": lambda share: share.sum() - 1},
            options={"ftol": 1e-12},
        )
        np.testing.assert_allclose(weights[:, target], best.x, atol=1e-3)


def test_incomplete_labels_are_not_weighed() -> None:
    random = np.random.default_rng(0)
    labels = random.normal(size=(50, 2))
    said = labels + random.normal(size=(3, 50, 2))
    gaps = labels.copy()
    gaps[::7, 1] = np.nan
    complete = np.isfinite(gaps).all(axis=1)
    np.testing.assert_array_equal(
        _weights(said, gaps), _weights(said[:, complete], labels[complete])
    )


def test_models_that_say_the_same_share_their_weight() -> None:
    random = np.random.default_rng(0)
    labels = random.normal(size=(50, 1))
    one = labels + random.normal(size=(50, 1))
    weights = _weights(np.stack([one, one]), labels)
    assert (weights >= 0).all()
    assert weights.sum() == pytest.approx(1)


def test_a_useless_model_has_next_to_no_weight(make_songs: MakeSongs, tmp_path: Path) -> None:
    """Of one that says about the mean, whatever it hears."""
    blind = Ridge(alphas=(1e9,), seconds=1.0)
    predictor = Stack(of=(RIDGE, blind), folds=3).fit(make_songs(1, 9), [], seed=0)
    (useful,), (useless,) = weights_of(predictor, tmp_path)
    assert useful > 0.9 > 0.1 > useless


def test_it_says_the_weighted_mean_of_models_fitted_on_all(
    make_songs: MakeSongs, tmp_path: Path
) -> None:
    songs, test = make_songs(1, 8, n_targets=2), make_songs(9, 10, n_targets=2)
    predictor = Stack(of=(RIDGE, Svr()), folds=2).fit(songs, [], seed=0)
    weights = weights_of(predictor, tmp_path)
    assert weights.shape == (2, 2)
    alone = [model.fit(songs, [], seed=0).predict(test) for model in (RIDGE, Svr())]
    for song in range(2):
        expected = weights[0] * alone[0][song] + weights[1] * alone[1][song]
        np.testing.assert_allclose(predictor.predict(test)[song], expected)


def test_a_blend_is_about_as_good_as_its_best_model(make_songs: MakeSongs) -> None:
    train, test = make_songs(1, 12), make_songs(13, 16)
    labels = np.concatenate([song.labels for song in test])

    def error(model: Model) -> float:
        said = np.concatenate(model.fit(train, [], seed=0).predict(test))
        return float(np.square(said - labels).mean())

    assert error(Stack(of=(RIDGE, TREES))) < 1.1 * min(error(RIDGE), error(TREES))


def test_it_sees_what_its_models_see() -> None:
    assert Stack(of=(RIDGE, Svr())).view == Several((RIDGE.view, Svr().view))


@pytest.mark.parametrize(
    ("models", "problem"),
    [
        ((), "of: names no model; two or more are blended"),
        ((RIDGE, ArousalCnn()), "of: arousal_cnn looks at validation songs; it cannot be blended"),
        ((Mean(), RIDGE), "of: mean looks at no feature; it cannot be blended"),
    ],
    ids=["none", "validates", "no feature"],
)
def test_what_cannot_be_blended_is_refused(models: tuple[Model, ...], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Stack(of=models)


def test_one_song_is_not_enough(make_songs: MakeSongs) -> None:
    with pytest.raises(BenchmarkError, match="stack needs two training songs or more, not 1"):
        Stack(of=(RIDGE, TREES)).fit(make_songs(1, 1), [], seed=0)
