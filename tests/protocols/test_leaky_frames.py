from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.errors import DataError
from benchmark.protocols.leaky_frames import LeakyFrames
from benchmark.records import Song
from benchmark.records.fold import PARTS

MakeSubsets = Callable[[Sequence[str]], list[Song]]


def test_every_song_is_in_every_part_and_it_says_so(make_subsets: MakeSubsets) -> None:
    (fold,) = LeakyFrames().draw(make_subsets(3 * ["all"]))
    assert fold.train == fold.validation == fold.test == ("0", "1", "2")
    assert fold.flaw == LeakyFrames().flaw == "leaky"


@given(
    n_labels=st.integers(0, 60),
    test=st.floats(0.01, 0.99),
    validation=st.floats(0.01, 0.99),
    seed=st.integers(0, 5),
)
def test_every_label_is_in_exactly_one_part(
    make_subsets: MakeSubsets, n_labels: int, test: float, validation: float, seed: int
) -> None:
    protocol = LeakyFrames(test=test, validation=validation, seed=seed, repeats=2)
    for fold in protocol.draw(make_subsets(["all"])):
        masks = np.array([fold.known(part, "0", n_labels) for part in PARTS])
        np.testing.assert_array_equal(masks.sum(axis=0), 1)


def test_shares_are_of_the_labels(make_subsets: MakeSubsets) -> None:
    (fold,) = LeakyFrames(test=0.4, validation=0.5).draw(make_subsets(["all"]))
    shares = [fold.known(part, "0", 20_000).mean() for part in PARTS]
    np.testing.assert_allclose(shares, [0.3, 0.3, 0.4], atol=0.02)


def test_each_repeat_deals_the_labels_anew(make_subsets: MakeSubsets) -> None:
    folds = LeakyFrames(repeats=3).draw(make_subsets(["all"]))
    assert len({fold.known("test", "0", 50).tobytes() for fold in folds}) == 3


def test_no_songs_are_refused() -> None:
    with pytest.raises(DataError, match="there are no songs"):
        LeakyFrames().draw([])
