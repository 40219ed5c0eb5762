from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace

import numpy as np

from benchmark.models._rows import averaged_rows, labelled_rows
from benchmark.models.xgboost_context import XgboostContext
from benchmark.models.xgboost_summary import XgboostSummary
from benchmark.records import SongFrames
from benchmark.views import Scales

MakeSongs = Callable[..., list[SongFrames]]


def test_it_learns_what_can_be_seen_in_statistics(make_songs: MakeSongs) -> None:
    train, test = make_songs(1, 12), make_songs(13, 15)
    model = XgboostContext(n_estimators=60, seconds=(1.0, 3.0), every=0.5)
    predictor = model.fit(train, [], seed=0)
    error = np.concatenate(predictor.predict(test)) - np.concatenate([s.labels for s in test])
    constant = np.concatenate([s.labels for s in test]) - np.mean([s.labels for s in train])
    assert np.square(error).mean() < 0.5 * np.square(constant).mean()
    assert predictor.card.examples == 12 * 8


def test_it_sees_several_lengths_of_time() -> None:
    assert XgboostContext().view == Scales((3.0, 15.0, 40.0, "song"))


def test_without_averaging_it_is_the_summary_model_on_that_view(make_songs: MakeSongs) -> None:
    songs = make_songs(1, 6)
    model = XgboostContext(n_estimators=10, every=0.5)
    same = {name: value for name, value in asdict(model).items() if name != "every"}
    (found,), (expected,) = (
        either.fit(songs[:5], [], seed=3).predict(songs[5:])
        for either in (model, XgboostSummary(**same))
    )
    np.testing.assert_array_equal(found, expected)


def test_a_row_counts_by_its_labels_and_all_as_one_each(make_songs: MakeSongs) -> None:
    songs, model = make_songs(1, 3, n_labels=7), XgboostContext(every=1.0)
    rows = model.rows(songs)
    np.testing.assert_allclose(rows.weights, 3 * [8 / 7, 8 / 7, 8 / 7, 4 / 7])
    averaged = averaged_rows(model.view, songs, 1.0)
    np.testing.assert_array_equal(rows.inputs, averaged.inputs)
    np.testing.assert_array_equal(rows.labels, averaged.labels)


def test_another_length_of_averaging_gives_other_rows(make_songs: MakeSongs) -> None:
    songs, model = make_songs(1, 3), XgboostContext()
    assert len(model.rows(songs).inputs) == 3 * 2
    assert len(replace(model, every=0.5).rows(songs).inputs) == 3 * 8
    full = labelled_rows(model.view, songs)
    np.testing.assert_allclose(replace(model, every=0.5).rows(songs).inputs, full.inputs)
