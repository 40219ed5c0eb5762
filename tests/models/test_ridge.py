from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from benchmark.models.ridge import Ridge
from benchmark.records import SongFrames

MakeSongs = Callable[..., list[SongFrames]]


def test_agrees_with_the_normal_equations(make_songs: MakeSongs) -> None:
    """Standardised statistics x and centred labels y give (x'x + alpha)^-1 x'y."""
    train, (test,) = make_songs(1, 6), make_songs(7, 7)
    model = Ridge(alphas=(10.0,), seconds=2.0)
    predicted = model.fit(train[:4], train[4:], seed=0).predict([test])[0]

    rows = np.concatenate([model.view.rows(song) for song in train]).astype(np.float64)
    labels = np.concatenate([song.labels for song in train])
    mean, sd = rows.mean(axis=0), rows.std(axis=0)
    x = (rows - mean) / sd
    weights = np.linalg.solve(x.T @ x + 10.0 * np.eye(x.shape[1]), x.T @ (labels - labels.mean()))
    expected = labels.mean() + (model.view.rows(test) - mean) / sd @ weights
    np.testing.assert_allclose(predicted, expected, atol=1e-4)


def test_the_penalty_is_chosen_on_validation_songs(make_songs: MakeSongs) -> None:
    """Labels that have nothing to do with the music call for the strongest penalty."""
    train, validation = make_songs(1, 4), make_songs(5, 8)
    random = np.random.default_rng(0)
    noise = [replace(s, labels=random.uniform(-1, 1, s.labels.shape)) for s in validation]
    model = Ridge(alphas=(0.1, 1e6), seconds=1.0)
    assert "1e+06" in model.fit(train, noise, seed=0).card.notes[0]
    assert "0.1" in model.fit(train, validation, seed=0).card.notes[0]


def test_the_chosen_penalty_is_fitted_on_validation_songs_too(make_songs: MakeSongs) -> None:
    songs = make_songs(1, 6)
    card = Ridge().fit(songs[:4], songs[4:], seed=0).card
    assert card.examples == sum(len(song.times) for song in songs)
    assert card.parameters == 4 * 6 + 1


def test_a_bin_that_never_changes_does_no_harm(make_songs: MakeSongs) -> None:
    songs = make_songs(1, 4)
    for song in songs:
        song.frames[:, 2] = -100
    (values,) = Ridge().fit(songs[:2], songs[2:3], seed=0).predict(songs[3:])
    assert np.isfinite(values).all()


def test_songs_without_labels_cannot_be_learned_from(make_songs: MakeSongs) -> None:
    songs = make_songs(1, 2)
    with pytest.raises(ValueError, match="song 1 comes without labels: it is not for training"):
        Ridge().fit([replace(songs[0], labels=None)], songs[1:], seed=0)
