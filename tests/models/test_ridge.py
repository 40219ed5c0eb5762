from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmark.errors import BenchmarkError
from benchmark.models.ridge import Ridge
from benchmark.records import SongFrames
from benchmark.views import Summary

MakeSongs = Callable[..., list[SongFrames]]


def solved(alpha: float, model: Ridge, train: list[SongFrames]) -> Callable[..., np.ndarray]:
    """Solve the normal equations: standardised statistics x, centred labels y, weight a label 1.

    (x'x + alpha)^-1 x'y.
    """
    rows = np.concatenate([model.view.rows(song) for song in train]).astype(np.float64)
    labels = np.concatenate([song.labels for song in train])
    mean, sd = rows.mean(axis=0), rows.std(axis=0)
    x = (rows - mean) / sd
    middle = labels.mean(axis=0)
    weights = np.linalg.solve(x.T @ x + alpha * np.eye(x.shape[1]), x.T @ (labels - middle))
    return lambda song: middle + (model.view.rows(song) - mean) / sd @ weights


def test_agrees_with_the_normal_equations(make_songs: MakeSongs) -> None:
    train, (test,) = make_songs(1, 6), make_songs(7, 7)
    model = Ridge(alphas=(10.0,), seconds=2.0)
    (predicted,) = model.fit(train, [], seed=0).predict([test])
    np.testing.assert_allclose(predicted, solved(10.0, model, train)(test), atol=1e-4)


@pytest.mark.parametrize("alphas", [(10.0,), (0.3, 3.0, 30.0)])
def test_frames_far_from_zero_lose_no_digits(
    make_songs: MakeSongs, alphas: tuple[float, ...]
) -> None:
    songs = make_songs(1, 7)
    far = [replace(song, source=(song.frames + 4096).astype(np.float32)) for song in songs]
    near = [replace(song, source=song.frames - 4096) for song in far]  # with the digits left there
    model = Ridge(alphas=alphas, seconds=2.0)
    one, other = (model.fit(of[:6], [], seed=0) for of in (far, near))
    assert one.card.notes == other.card.notes
    np.testing.assert_allclose(one.predict(far[6:]), other.predict(near[6:]), atol=2e-3)


@pytest.mark.parametrize("alphas", [(10.0,), (0.3, 3.0, 30.0)])
def test_more_statistics_than_rows_are_fitted_from_the_rows(
    make_songs: MakeSongs, alphas: tuple[float, ...]
) -> None:
    train, test = make_songs(1, 6, n_bins=40), make_songs(7, 7, n_bins=40)  # 48 rows of 160
    predictor = Ridge(alphas=alphas, seconds=2.0).fit(train, [], seed=0)
    alpha = float(predictor.card.notes[0].removeprefix("alpha "))
    expected = solved(alpha, Ridge(seconds=2.0), train)(test[0])
    np.testing.assert_allclose(predictor.predict(test)[0], expected, atol=1e-4)


@pytest.mark.parametrize("alphas", [(10.0,), (0.3, 3.0, 30.0)])
def test_without_a_label_there_is_nothing_to_learn(
    make_songs: MakeSongs, alphas: tuple[float, ...]
) -> None:
    (song,) = make_songs(1, 1)
    unrated = replace(song, labels=np.full_like(song.labels, np.nan))
    with pytest.raises(BenchmarkError, match="no training song has a complete label"):
        Ridge(alphas=alphas).fit([unrated], [], seed=0)


def noisy(songs: list[SongFrames], size: float) -> list[SongFrames]:
    random = np.random.default_rng(0)
    return [replace(s, labels=s.labels + random.normal(0, size, s.labels.shape)) for s in songs]


@pytest.mark.parametrize("n_songs", [2, 3, 5, 7])
@pytest.mark.parametrize("n_targets", [1, 2])
@pytest.mark.parametrize("size", [0.1, 0.5, 2.0])
def test_the_penalty_is_chosen_by_inner_folds_over_songs(
    make_songs: MakeSongs, n_songs: int, n_targets: int, size: float
) -> None:
    """By hand: songs dealt to five folds in a random order, squared errors summed over labels."""
    songs = noisy(make_songs(1, n_songs, n_targets=n_targets), size)
    songs[0] = replace(songs[0], times=songs[0].times[:3], labels=songs[0].labels[:3])
    model = Ridge(alphas=(0.3, 3.0, 30.0, 300.0), seconds=1.0)
    order = np.random.default_rng(4).permutation(n_songs)
    errors = dict.fromkeys(model.alphas, 0.0)
    for fold in range(min(5, n_songs)):
        held = set(order[fold::5].tolist())
        learned = [song for number, song in enumerate(songs) if number not in held]
        for alpha in model.alphas:
            predict = solved(alpha, model, learned)
            for number in held:
                error = predict(songs[number]) - songs[number].labels
                errors[alpha] += np.square(error).sum()
    best = min(errors, key=errors.get)
    assert model.fit(songs, [], seed=4).card.notes == (f"alpha {best:g}",)


def test_agrees_with_the_grouped_folds_of_scikit_learn(make_songs: MakeSongs) -> None:
    """As many songs as folds: whatever the order, each is held out once."""
    from sklearn.linear_model import Ridge as Regression
    from sklearn.model_selection import GridSearchCV, GroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    for size in (0.1, 0.5, 2.0):
        songs = noisy(make_songs(1, 5), size)
        model = Ridge(alphas=(0.3, 3.0, 30.0, 300.0), seconds=1.0)
        search = GridSearchCV(
            make_pipeline(StandardScaler(), Regression()),
            {"ridge__alpha": model.alphas},
            scoring="neg_mean_squared_error",
            cv=GroupKFold(5),
        ).fit(
            np.concatenate([model.view.rows(song) for song in songs]),
            np.concatenate([song.labels for song in songs]),
            groups=np.repeat(np.arange(5), 8),
        )
        alpha = search.best_params_["ridge__alpha"]
        assert model.fit(songs, [], seed=0).card.notes == (f"alpha {alpha:g}",)


def test_labels_that_have_nothing_to_do_with_the_music_call_for_the_strongest_penalty(
    make_songs: MakeSongs,
) -> None:
    songs = make_songs(1, 8)
    random = np.random.default_rng(0)
    noise = [replace(s, labels=random.uniform(-1, 1, s.labels.shape)) for s in songs]
    model = Ridge(alphas=(0.1, 1e6), seconds=1.0)
    assert model.fit(noise, [], seed=0).card.notes == ("alpha 1e+06",)
    assert model.fit(songs, [], seed=0).card.notes == ("alpha 0.1",)


def test_a_song_is_not_on_both_sides_of_an_inner_fold(make_songs: MakeSongs) -> None:
    """Songs whose labels depend on the song alone: within songs the weakest penalty would win."""
    random = np.random.default_rng(0)
    songs = [
        replace(song, labels=np.full_like(song.labels, random.normal()))
        for song in make_songs(1, 12)
    ]
    for song in songs:
        song.frames[:] = 0.01 * song.frames + random.normal(size=song.frames.shape[1])
    model = Ridge(alphas=(1e-3, 1e6))
    assert model.fit(songs, [], seed=0).card.notes == ("alpha 1e+06",)


def test_one_penalty_needs_no_choice_and_one_song_allows_none(make_songs: MakeSongs) -> None:
    (song,) = make_songs(1, 1)
    assert Ridge(alphas=(7.0,)).fit([song], [], seed=0).card.notes == ("alpha 7",)
    with pytest.raises(
        BenchmarkError,
        match=r"chooses among 5 alphas by cross-validation over training songs, .* there is 1; one",
    ):
        Ridge().fit([song], [], seed=0)


def test_the_chosen_penalty_is_fitted_on_all_songs(make_songs: MakeSongs) -> None:
    songs, (test,) = make_songs(1, 6), make_songs(7, 7)
    predictor = Ridge().fit(songs, [], seed=0)
    assert predictor.card.examples == sum(len(song.times) for song in songs)
    assert predictor.card.parameters == 4 * 6 + 1
    (note,) = predictor.card.notes
    alone = Ridge(alphas=(float(note.removeprefix("alpha ")),)).fit(songs, [], seed=1)
    np.testing.assert_allclose(predictor.predict([test]), alone.predict([test]), rtol=1e-9)


@pytest.mark.parametrize("alphas", [(3.0,), (0.1, 1.0, 10.0, 100.0)])
def test_merged_rows_give_what_all_rows_give(
    monkeypatch: pytest.MonkeyPatch, alphas: tuple[float, ...]
) -> None:
    """One vector a song: a row per song, weighted, or one per label; the same fit and choice."""
    random = np.random.default_rng(0)
    songs = []
    for number in range(12):
        frames = random.normal(size=(1, 4)).astype(np.float32)
        times = 15 + 0.5 * np.arange(random.integers(1, 9))
        labels = frames[0, :2] + random.normal(0, 0.5, (len(times), 2))
        songs.append(SongFrames(str(number), frames, math.inf, times, labels))
    train, test = songs[:9], songs[9:]
    model = Ridge(alphas=alphas)
    merged = model.fit(train, [], seed=0)
    repeated = [replace(song, source=np.repeat(song.frames, 60, axis=0), hop=0.5) for song in train]

    class Flat(Summary):
        """The vector of a song for each of its labels."""

        def rows(self, song: SongFrames, which: Any = None) -> Any:
            return song.frames[: len(song.times if which is None else which)]

    monkeypatch.setattr(Ridge, "view", Flat(6.0))
    full = model.fit(repeated, [], seed=0)
    assert full.card.examples == sum(len(song.times) for song in train) > merged.card.examples == 9
    assert full.card.notes == merged.card.notes
    for song in test:
        longer = replace(song, source=np.repeat(song.frames, 60, axis=0), hop=0.5)
        (one,), (other,) = merged.predict([song]), full.predict([longer])
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


def test_a_bin_that_never_changes_does_no_harm(make_songs: MakeSongs) -> None:
    songs = make_songs(1, 4)
    for song in songs:
        song.frames[:, 2] = -100
    (values,) = Ridge().fit(songs[:3], [], seed=0).predict(songs[3:])
    assert np.isfinite(values).all()


def test_songs_without_labels_cannot_be_learned_from(make_songs: MakeSongs) -> None:
    songs = make_songs(1, 2)
    with pytest.raises(ValueError, match="song 1 comes without labels: it is not for training"):
        Ridge().fit([replace(songs[0], labels=None), songs[1]], [], seed=0)
