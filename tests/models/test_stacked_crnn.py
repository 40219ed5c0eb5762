from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmark.models._sequences import Scaler
from benchmark.models.stacked_crnn import StackedCrnn
from benchmark.records import SongFrames

MakeSongs = Callable[..., list[SongFrames]]
RAW = Scaler(np.float32(0), np.float32(1))
SMALL = StackedCrnn(filters=2, units=2, epochs=1)


def batch_of(model: StackedCrnn, songs: list[SongFrames]) -> tuple[np.ndarray, ...]:
    examples = model._examples(model._rated(songs), RAW)
    (inputs, present), targets, weights = examples.batch(np.arange(examples.count))
    return inputs, present, targets, weights


def parameters(n_bins: int, n_targets: int) -> int:
    """Count: a kernel and a bias a filter; three gates each way, with two biases; two pieces."""
    convolution = 8 * (3 * 3 + 1)
    branch = 2 * 3 * 8 * (8 * n_bins + 8 + 2) + 2 * (2 * 8 + 1)
    return convolution + n_targets * branch


@pytest.mark.parametrize("n_targets", [1, 2])
@pytest.mark.parametrize("n_bins", [12, 96])
def test_it_is_small_and_has_a_branch_a_target(
    make_songs: MakeSongs, n_bins: int, n_targets: int
) -> None:
    songs = make_songs(1, 3, n_bins=n_bins, n_targets=n_targets)
    card = StackedCrnn(epochs=1).fit(songs[:2], songs[2:], seed=0).card
    assert card.parameters == card.trainable_parameters == parameters(n_bins, n_targets) < 80_000
    assert card.notes == ()


@pytest.mark.parametrize(
    ("n_bins", "length", "note"),
    [
        (2, 20, "kernel 3x3 clipped to 3x2"),
        (6, 1, "kernel 3x3 clipped to 1x3"),
        (1, 2, "kernel 3x3 clipped to 2x1"),
    ],
)
def test_kernels_are_clipped_to_small_inputs_and_that_is_said(
    make_songs: MakeSongs, n_bins: int, length: int, note: str
) -> None:
    songs = make_songs(1, 4, n_bins=n_bins)
    predictor = replace(SMALL, sequence_length=length).fit(songs[:2], songs[2:3], seed=0)
    assert predictor.card.notes == (note,)
    assert predictor.predict(songs[3:])[0].shape == (8, 1)


def test_songs_are_cut_into_stretches_after_the_split(make_songs: MakeSongs) -> None:
    (song,) = make_songs(1, 1, n_labels=7)
    model = replace(SMALL, sequence_length=3)
    inputs, present, targets, weights = batch_of(model, [song])
    assert inputs.shape == (3, 3, 6)
    np.testing.assert_array_equal(present, [[1, 1, 1], [1, 1, 1], [1, 0, 0]])
    np.testing.assert_array_equal(weights[..., 0], present)
    np.testing.assert_allclose(targets[present][..., 0], song.labels)
    np.testing.assert_array_equal(inputs[present], model.view.rows(song))


def test_a_label_missing_for_one_target_still_teaches_the_other(make_songs: MakeSongs) -> None:
    (song,) = make_songs(1, 1, n_labels=4, n_targets=2)
    labels = song.labels.copy()
    labels[1, 0] = labels[2, 1] = np.nan
    model = replace(SMALL, sequence_length=4)
    _, present, targets, weights = batch_of(model, [replace(song, labels=labels)])
    np.testing.assert_array_equal(weights, [[[1, 1], [0, 1], [1, 0], [1, 1]]])
    assert present.all()
    assert np.isfinite(targets).all()


def test_the_loss_is_the_mean_over_the_labels_that_are_there(make_songs: MakeSongs) -> None:
    """By hand, from the predictions: with a rate of nothing they are those of the first epoch."""
    train, (held,) = make_songs(1, 2, n_targets=2), make_songs(3, 3, n_labels=7, n_targets=2)
    labels = held.labels.copy()
    labels[1, 0] = labels[2:4, 1] = labels[5] = np.nan
    held = replace(held, labels=labels)
    model = replace(SMALL, sequence_length=3, learning_rate=1e-12)
    predictor = model.fit(train, [held], seed=0)
    (values,) = predictor.predict([held])
    (loss,) = predictor.card.curves["validation_loss"]
    assert loss == pytest.approx(np.nanmean(np.square(values - labels)), rel=1e-5)


def test_what_comes_after_the_last_label_is_not_heard(make_songs: MakeSongs) -> None:
    (song,) = make_songs(1, 1, n_labels=5)
    labels = np.concatenate([[[np.nan]], song.labels[1:3], np.full((2, 1), np.nan)])
    _, present, _, weights = batch_of(SMALL, [replace(song, labels=labels)])
    assert present.sum() == 3
    np.testing.assert_array_equal(weights[0, :3, 0], [0, 1, 1])


def test_stretches_and_songs_without_any_label_are_left_out(make_songs: MakeSongs) -> None:
    one, other = make_songs(1, 2, n_labels=6)
    labels = one.labels.copy()
    labels[2:4] = np.nan
    silent = replace(other, labels=np.full((6, 1), np.nan))
    inputs, *_ = batch_of(replace(SMALL, sequence_length=2), [replace(one, labels=labels), silent])
    assert len(inputs) == 2


@pytest.mark.parametrize("vary", [{"gain": 3.0}, {"shift": 2}])
def test_what_is_learned_from_is_varied_and_nothing_else(
    make_songs: MakeSongs, vary: dict[str, float]
) -> None:
    songs = make_songs(1, 3, n_labels=7)
    model = replace(SMALL, sequence_length=4, **vary)
    plain = model._examples(model._rated(songs), RAW).batch(np.arange(6))
    examples = model._examples(model._rated(songs), RAW, seed=1)
    order, other = np.arange(6), np.array([1, 0, 2, 3, 4, 5])
    once, _, again = (examples.batch(which)[0][0] for which in (order, other, order))
    (inputs, present), *known = examples.batch(order)
    np.testing.assert_array_equal(once, again)
    assert not np.array_equal(once[2:], examples.batch(other)[0][0][2:])
    assert not np.array_equal(once, plain[0][0])
    assert not inputs[~present].any()
    for one, same in zip((present, *known), (plain[0][1], *plain[1:]), strict=True):
        np.testing.assert_array_equal(one, same)


def test_gain_is_one_number_a_stretch_in_the_units_of_the_feature() -> None:
    rows = np.random.default_rng(0).normal(size=(2000, 3, 4)).astype("f4")
    added = replace(SMALL, gain=6.0)._varied(rows, np.random.default_rng(1)) - rows
    np.testing.assert_allclose(added, np.broadcast_to(added[:, :1, :1], added.shape), atol=1e-5)
    assert added[:, 0, 0].std() == pytest.approx(6, rel=0.05)


def test_shift_moves_bins_and_repeats_the_outermost() -> None:
    rows = np.tile(np.arange(5, dtype="f4"), (300, 2, 1))
    moved = replace(SMALL, shift=1)._varied(rows, np.random.default_rng(0))
    kinds = {tuple(row) for row in moved[:, 0].tolist()}
    assert kinds == {(0, 1, 2, 3, 4), (0, 0, 1, 2, 3), (1, 2, 3, 4, 4)}
    np.testing.assert_array_equal(moved[:, 0], moved[:, 1])


def test_a_stretch_is_predicted_by_itself(make_songs: MakeSongs) -> None:
    """As in training, nothing of one reaches another; within one, what comes later counts."""
    songs = make_songs(1, 4)
    predictor = replace(SMALL, sequence_length=3).fit(songs[:2], songs[2:3], seed=0)
    (whole,) = predictor.predict(songs[3:])
    parts = [
        replace(songs[3], times=songs[3].times[part], labels=None)
        for part in (slice(3), slice(3, 6), slice(2))
    ]
    first, second, torn = predictor.predict(parts)
    np.testing.assert_allclose(np.concatenate([first, second]), whole[:6], atol=1e-6)
    assert not np.isclose(torn, whole[:2]).any()


def test_each_branch_learns_its_target(make_songs: MakeSongs) -> None:
    """Labels follow the first and the second bin, which move apart."""
    options = {"n_targets": 2, "n_labels": 12}
    train, validation, test = (
        make_songs(*pair, **options) for pair in ((1, 10), (11, 13), (14, 16))
    )
    model = StackedCrnn(
        sequence_length=6, epochs=40, patience=40, batch_size=4, learning_rate=0.02, dropout=0.0
    )
    predictor = model.fit(train, validation, seed=0)
    labels = np.concatenate([song.labels for song in test])
    error = np.square(np.concatenate(predictor.predict(test)) - labels).mean(axis=0)
    constant = np.square(labels - np.mean([s.labels for s in train], axis=(0, 1))).mean(axis=0)
    assert (error < 0.5 * constant).all()


def test_the_scale_of_a_bin_does_not_matter(make_songs: MakeSongs) -> None:
    songs = make_songs(1, 4)
    scale, offset = np.array([1, 2, 4, 8, 16, 32], "f4"), np.float32(64)
    louder = [
        SongFrames(song.id, song.frames * scale + offset, song.hop, song.times, song.labels)
        for song in songs
    ]
    (plain,), (scaled,) = (
        SMALL.fit(some[:2], some[2:3], seed=0).predict(some[3:]) for some in (songs, louder)
    )
    np.testing.assert_allclose(plain, scaled, atol=1e-3)


def test_same_seed_same_numbers_and_another_others(make_songs: MakeSongs) -> None:
    songs = make_songs(1, 4)
    (one,), (again,), (other,) = (
        SMALL.fit(songs[:2], songs[2:3], seed=seed).predict(songs[3:]) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("n_targets", [1, 2])
def test_it_is_saved_with_its_scale_and_its_stretches(
    make_songs: MakeSongs, tmp_path: Path, n_targets: int
) -> None:
    songs = make_songs(1, 4, n_targets=n_targets)
    model = replace(SMALL, sequence_length=3, pieces=3)
    predictor = model.fit(songs[:2], songs[2:3], seed=0)
    predictor.save(tmp_path)
    (values,) = model.load(tmp_path).predict(songs[3:])
    np.testing.assert_array_equal(values, predictor.predict(songs[3:])[0])


def test_hidden_bins_and_concordance_are_for_learning_only(make_songs: MakeSongs) -> None:
    songs = make_songs(1, 5)
    for changed in (replace(SMALL, mask=0.5), replace(SMALL, loss="ccc")):
        predictor = changed.fit(songs[:3], songs[3:4], seed=0)
        once, again = predictor.predict(songs[4:]), predictor.predict(songs[4:])
        np.testing.assert_array_equal(once, again)
        assert not np.array_equal(once, SMALL.fit(songs[:3], songs[3:4], seed=0).predict(songs[4:]))
