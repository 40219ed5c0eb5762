from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from benchmark.errors import DataError
from benchmark.protocols.holdout import Holdout
from benchmark.protocols.seed_split import SeedSplit
from benchmark.records import Song

MakeSubsets = Callable[[Sequence[str]], list[Song]]


@pytest.mark.parametrize("options", [{}, {"test": 0.5, "seed": 3, "repeats": 3}])
def test_it_tests_the_songs_of_holdout_and_trains_on_all_others(
    make_subsets: MakeSubsets, options: dict[str, float]
) -> None:
    songs = make_subsets(20 * ["a"] + 30 * ["b"])
    seed, fair = SeedSplit(**options).draw(songs), Holdout(**options).draw(songs)
    for one, other in zip(seed, fair, strict=True):
        assert (one.index, one.test) == (other.index, other.test)
        assert set(one.train) == set(other.learned)
        assert list(one.train) == sorted(one.train)


def test_the_test_songs_decide_when_to_stop_and_it_says_so(make_subsets: MakeSubsets) -> None:
    (fold,) = SeedSplit().draw(make_subsets(20 * ["all"]))
    assert fold.validation == fold.test
    assert fold.flaw == SeedSplit().flaw == "optimistic"
    assert fold.learned == fold.train


def test_too_few_songs_are_refused(make_subsets: MakeSubsets) -> None:
    with pytest.raises(DataError, match="2 songs are too few"):
        SeedSplit().draw(make_subsets(2 * ["all"]))
