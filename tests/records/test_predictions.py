from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from benchmark.records import Predictions


@pytest.mark.parametrize(
    ("songs", "starts"),
    [
        (["7"], [0]),
        (["7", "7", "é", "12", "12"], [0, 2, 3]),
        ([], []),
    ],
)
def test_where_the_labels_of_each_song_begin(songs: Sequence[str], starts: list[int]) -> None:
    columns = np.zeros((len(songs), 1))
    predictions = Predictions(np.array(songs, dtype=str), columns[:, 0], columns, columns)
    np.testing.assert_array_equal(predictions.starts, starts)
