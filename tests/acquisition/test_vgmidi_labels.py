from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from benchmark.acquisition.vgmidi.labels import label
from benchmark.acquisition.vgmidi.ratings import Piece, Rater
from benchmark.errors import DataError


def rated(
    *curves: Sequence[float], valence: Sequence[float] | None = None, measures: int = 10
) -> Piece:
    """Return a piece rated by some; valence is 0.5 unless it is given for all."""
    raters = (
        Rater(f"r{n}", tuple(curve), tuple(valence or [0.5] * len(curve)))
        for n, curve in enumerate(curves)
    )
    return Piece(1, 1, "Title", "a_b_c_d.mid", measures, 20.0, tuple(raters))


RISING = [part / 10 for part in range(10)]


def test_a_label_takes_the_value_of_the_part_it_begins_in() -> None:
    # Ten parts of 2.1 s: part 7 is 14.7-16.8 s, part 8 16.8-18.9 s, part 9 18.9-21 s.
    labels = label(rated(RISING, RISING), 21.0, 45.0)
    assert labels.starts == range(15_000, 20_501, 500)
    np.testing.assert_allclose(labels.mean("arousal"), [0.7] * 4 + [0.8] * 4 + [0.9] * 4)
    np.testing.assert_allclose(labels.mean("valence"), 0.5)


@pytest.mark.parametrize(
    ("length", "limit", "last"),
    [(20.0, 45.0, 19_500), (20.4, 45.0, 19_500), (20.5, 45.0, 20_000), (90.0, 45.0, 44_500)],
)
def test_labels_end_with_the_piece_or_where_it_is_cut(
    length: float, limit: float, last: int
) -> None:
    assert label(rated(RISING, RISING), length, limit).starts[-1] == last


def test_the_same_share_of_the_piece_has_the_same_label_at_any_tempo() -> None:
    fast, slow = (label(rated(RISING, RISING), length, 45.0) for length in (20.0, 40.0))
    at = dict(zip(slow.starts, slow.mean("arousal"), strict=True))
    for start, value in zip(fast.starts, fast.mean("arousal"), strict=True):
        assert at[2 * start] == value


def test_mean_and_deviation_are_those_over_raters() -> None:
    labels = label(rated([0.1] * 10, [0.2] * 10, [0.6] * 10), 20.0, 45.0)
    np.testing.assert_allclose(labels.mean("arousal"), 0.3)
    np.testing.assert_allclose(labels.deviation("arousal"), np.sqrt((0.04 + 0.01 + 0.09) / 2))


def test_zero_for_both_is_no_rating_and_zero_for_one_is() -> None:
    unrated = [0.4] * 9 + [0.0]
    both = label(rated(unrated, [0.2] * 10, [0.2] * 10, valence=unrated), 20.0, 45.0)
    assert np.isnan(both.values["arousal"][0]).tolist() == [False] * 6 + [True] * 4
    assert np.isnan(both.values["valence"][0]).tolist() == [False] * 6 + [True] * 4
    np.testing.assert_allclose(both.mean("arousal")[-4:], 0.2)
    one = label(rated(unrated, [0.2] * 10, [0.2] * 10), 20.0, 45.0)
    np.testing.assert_allclose(one.mean("arousal")[-4:], 0.4 / 3)


def test_a_part_that_fewer_than_half_rated_has_no_label() -> None:
    stopped = Rater("stopped", (0.5,) * 9 + (0.0,), (0.5,) * 9 + (0.0,))
    going = Rater("going", tuple(RISING), (0.5,) * 10)
    few = label(replace(rated(), raters=(stopped,) * 3 + (going,) * 2), 20.0, 45.0)
    assert np.isnan(few.mean("arousal")).tolist() == [False] * 6 + [True] * 4
    assert np.isnan(few.deviation("valence")).tolist() == [False] * 6 + [True] * 4
    half = label(replace(rated(), raters=(stopped,) * 2 + (going,) * 2), 20.0, 45.0)
    np.testing.assert_allclose(half.mean("arousal")[-4:], 0.9)


def test_a_rater_whose_values_do_not_fit_the_piece_is_left_out() -> None:
    labels = label(rated([0.9] * 11, [0.1] * 10, [0.9] * 9, [0.3] * 10), 20.0, 45.0)
    assert labels.raters == ("r1", "r3")
    np.testing.assert_allclose(labels.mean("arousal"), 0.2)


@pytest.mark.parametrize(
    ("piece", "length", "reason"),
    [
        (rated(), 20.0, "too few ratings"),
        (rated(RISING), 20.0, "too few ratings"),
        (rated([0.0] * 10, [0.0] * 10, valence=[0.0] * 10), 20.0, "too few ratings"),
        (rated(RISING, RISING), 15.2, "lasts 15.2 s; labels begin at 15.0 s"),
    ],
)
def test_a_piece_without_a_label_is_refused(piece: Piece, length: float, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        label(piece, length, 45.0)
