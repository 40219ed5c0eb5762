from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmark.datasets.deam import Deam
from benchmark.evaluation.raters import agreement
from benchmark.records import RaterErrors, Song

MakeSong = Callable[..., Song]
NAN = np.nan


@pytest.fixture
def rated(make_song: MakeSong) -> Callable[..., Song]:
    """Return a maker of songs from ratings (n_raters, n_labels); labels are their mean."""

    def make(ratings: object, name: str = "1", labels: object = None) -> Song:
        given = np.array(ratings, dtype=float)
        known = np.isfinite(given)
        mean = np.where(known, given, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        return replace(
            make_song(name),
            times=15 + 0.5 * np.arange(given.shape[1]),
            labels={"arousal": mean if labels is None else np.array(labels, dtype=float)},
            ratings={"arousal": given},
        )

    return make


def of(song: Song) -> RaterErrors:
    return agreement([song], "arousal")[song.id]


def rms(square: float, n: int) -> float:
    return (square / n) ** 0.5


def test_four_raters_by_hand(rated: Callable[..., Song]) -> None:
    """Ratings 0, 0, 0.4, 0.8: mean 0.3, squares about it 0.44."""
    errors = of(rated([[0.0], [0.0], [0.4], [0.8]]))
    assert errors.n_labels == 1
    # SD squared 0.44 / 3, and of a mean of four a quarter of that.
    assert errors.of_mean == pytest.approx(0.44 / 3 / 4)
    # The others' means are 0.4, 0.4, 0.8 / 3, 0.4 / 3.
    alone = 0.4**2 + 0.4**2 + (0.4 - 0.8 / 3) ** 2 + (0.8 - 0.4 / 3) ** 2
    assert errors.of_one == pytest.approx(alone / 4)
    # Halves of two and two: {0, 0 | .4, .8}, and {0, .4 | 0, .8} or {0, .8 | 0, .4}.
    assert 0.2**2 <= errors.between_halves <= 0.6**2


def test_one_rater_is_further_from_the_others_than_from_the_mean_of_all(
    rated: Callable[..., Song],
) -> None:
    """Leaving oneself out: n / (n - 1) times the distance from the mean of all."""
    ratings = np.random.default_rng(0).normal(size=(5, 30))
    spread = np.square(ratings - ratings.mean(axis=0)).mean(axis=0).sum()
    assert of(rated(ratings)).of_one == pytest.approx(spread * (5 / 4) ** 2)


def test_errors_are_summed_over_labels(rated: Callable[..., Song]) -> None:
    ratings = np.random.default_rng(0).normal(size=(4, 3))
    both, parts = of(rated(ratings)), [of(rated(ratings[:, [label]])) for label in range(3)]
    assert both.n_labels == 3
    assert both.of_mean == pytest.approx(sum(part.of_mean for part in parts))
    assert both.of_one == pytest.approx(sum(part.of_one for part in parts))


def test_who_did_not_rate_a_label_is_left_out_there(rated: Callable[..., Song]) -> None:
    ratings = np.random.default_rng(1).normal(size=(6, 8))
    holes = ratings.copy()
    holes[[0, 3], 2] = NAN
    expected = sum(
        of(rated(np.delete(ratings, [0, 3] if label == 2 else [], axis=0)[:, [label]])).of_one
        for label in range(8)
    )
    errors = of(rated(holes))
    assert errors.n_labels == 8
    assert errors.of_one == pytest.approx(expected)
    variance = [np.nanvar(holes[:, n], ddof=1) / np.isfinite(holes[:, n]).sum() for n in range(8)]
    assert errors.of_mean == pytest.approx(sum(variance))
    assert np.isfinite(errors.between_halves)


def test_a_rater_who_said_nothing_changes_nothing(rated: Callable[..., Song]) -> None:
    ratings = np.random.default_rng(2).normal(size=(5, 8))
    with_silent = np.concatenate([ratings, np.full((1, 8), NAN)])
    one, other = of(rated(ratings)), of(rated(with_silent))
    assert one.of_mean == pytest.approx(other.of_mean)
    assert one.of_one == pytest.approx(other.of_one)


def test_labels_with_fewer_than_four_raters_do_not_count(rated: Callable[..., Song]) -> None:
    ratings = np.random.default_rng(0).normal(size=(5, 4))
    ratings[:2, 1] = NAN
    ratings[:1, 2] = NAN
    assert of(rated(ratings)).n_labels == 3
    assert agreement([rated(ratings[:3])], "arousal") == {}
    assert of(rated(ratings, labels=[0, 0, NAN, 0])).n_labels == 2


def test_songs_of_which_it_is_not_known_are_left_out(
    rated: Callable[..., Song], make_song: MakeSong
) -> None:
    ratings = np.random.default_rng(0).normal(size=(5, 4))
    songs = [make_song("1"), rated(ratings, "2"), rated(ratings[:2], "3")]
    assert agreement(songs, "arousal").keys() == {"2"}
    assert agreement(songs, "valence") == {}


def test_halves_are_drawn_alike_every_time(rated: Callable[..., Song]) -> None:
    ratings = np.random.default_rng(0).normal(size=(7, 6))
    songs = [rated(ratings, "1"), rated(ratings, "2")]
    first, again = agreement(songs, "arousal"), agreement(songs[::-1], "arousal")
    assert first == again
    assert first["1"].between_halves != first["2"].between_halves


@pytest.mark.parametrize(("n_raters", "factor"), [(4, 4.0), (10, 4.0), (5, 5 * (1 / 2 + 1 / 3))])
def test_halves_differ_by_twice_the_standard_error(
    rated: Callable[..., Song], n_raters: int, factor: float
) -> None:
    """Raters who differ by chance alone: halves of n/2 have variances of 2/n each.

    So the squared difference is four times the squared standard error of the mean of all.
    """
    ratings = np.random.default_rng(3).normal(size=(n_raters, 4000))
    errors = of(rated(ratings))
    assert errors.of_mean / 4000 == pytest.approx(1 / n_raters, rel=0.05)
    assert errors.between_halves / errors.of_mean == pytest.approx(factor, rel=0.05)


def test_halves_are_of_those_who_rated_the_label(rated: Callable[..., Song]) -> None:
    """Half of the ratings are missing here and there; the halves are of four all the same."""
    ratings = np.random.default_rng(4).normal(size=(16, 4000))
    gone = np.random.default_rng(5).permuted(np.arange(16)[:, None] + np.zeros(4000), axis=0) < 8
    errors = of(rated(np.where(gone, NAN, ratings)))
    assert errors.n_labels == 4000
    assert errors.between_halves / 4000 == pytest.approx(1 / 4 + 1 / 4, rel=0.05)


def test_a_single_rater_of_vgmidi_is_worse_than_a_constant(shared_datasets: Path) -> None:
    """Pooled over labels. Of 30 raters 0.41 apart the mean has a standard error of 0.075."""
    songs = Deam(root=shared_datasets / "vgmidi").load().songs
    assert all(song.ratings for song in songs)
    for target, alone, of_mean in [("arousal", 0.416, 0.075), ("valence", 0.399, 0.072)]:
        found = agreement(songs, target).values()
        n_labels = sum(song.n_labels for song in found)
        assert rms(sum(song.of_one for song in found), n_labels) == pytest.approx(alone, abs=0.01)
        assert rms(sum(song.of_mean for song in found), n_labels) == pytest.approx(
            of_mean, abs=0.001
        )
