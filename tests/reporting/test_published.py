from __future__ import annotations

import re
from dataclasses import replace

import pytest

from benchmark.reporting.published import Conditions, obstacles, published_numbers

MEDIAEVAL = Conditions(
    title="DEAM",
    known_as="deam",
    synthetic=False,
    protocol="mediaeval2015",
    protocol_in_words="431 excerpts train, 58 full songs test",
    n_test_songs=58,
)


def test_malik_comes_first_with_the_numbers_to_beat() -> None:
    malik = published_numbers()[0]
    assert malik.system.startswith("Malik et al. 2017")
    assert (malik.arousal.rmse, malik.arousal.spread) == (0.202, 0.007)
    assert "the abstract itself gives 0.202 and 0.268" in malik.source
    assert (malik.valence.rmse, malik.valence.spread) == (0.267, 0.003)


def test_same_conditions_may_be_compared() -> None:
    assert obstacles(published_numbers()[0], MEDIAEVAL) == ()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"synthetic": True}, "synthetic"),
        ({"known_as": "", "title": "VGMIDI"}, "measured on DEAM, not on VGMIDI"),
        ({"protocol": "song_kfold"}, "trained on 431 excerpts .* tested on 58 full songs"),
        ({"n_test_songs": 57}, "58 test songs, this track has 57"),
    ],
)
def test_each_difference_is_a_reason_in_words(change: dict[str, object], reason: str) -> None:
    (found,) = obstacles(published_numbers()[0], replace(MEDIAEVAL, **change))
    assert re.search(reason, found)


def test_pooled_rmse_is_not_held_against_rmse_per_song() -> None:
    pooled = next(number for number in published_numbers() if number.averaging.startswith("pooled"))
    same = replace(MEDIAEVAL, protocol=pooled.protocol, n_test_songs=pooled.n_test_songs)
    assert obstacles(pooled, same) == (f"its RMSE is averaged otherwise ({pooled.averaging})",)
