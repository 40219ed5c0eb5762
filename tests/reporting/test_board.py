from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.stats
from results import Results, many
from statsmodels.stats.multitest import multipletests

from benchmark.records import RaterErrors, Shared
from benchmark.reporting import Track, one_table, tracks
from benchmark.reporting.board import TrackError

SONGS = many(12)
ERRORS = {song: 0.6 + 0.01 * place for place, song in enumerate(SONGS)}
"""Above 0.5, which knowing the mean of each song gives."""
WORSE = {song: error + 0.001 * place for place, (song, error) in enumerate(ERRORS.items(), 1)}
LEAKY = Shared(test_songs=12, test_labels=24, trained_on=12, overlapping=20)
PAIR = "oracle: previous label", "oracle: song mean"


def twelve(place: Path, name: str = "twelve") -> Results:
    """Results of twelve songs in three folds, where tests have something to find."""
    ids = list(SONGS)
    return Results(place, name, labels=SONGS, folds=(ids[:4], ids[4:8], ids[8:]))


def only(results: Results) -> Track:
    results.publish()
    (track,) = tracks(results.store)
    return track


def test_rows_are_sorted_by_rmse_and_those_without_come_last(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add("broken", error=0.0, failing=1)
    results.add("worse", error=0.5)
    results.add("better", error=0.4)
    track = only(results)
    assert [row.model for row in track.rows] == ["better", "worse", "broken"]
    assert track.rows[0].result is not None
    assert track.rows[0].result.score.rmse == pytest.approx(0.4)


def test_a_result_by_hand(tmp_path: Path) -> None:
    """Four songs off by 0.6 to 0.63 in each of three folds; the constant is 1 off their mean."""
    results = twelve(tmp_path)
    results.add(error=ERRORS, constant=1.0)
    (row,) = only(results).rows
    assert row.result is not None
    assert row.result.score.rmse == pytest.approx(0.655)
    assert row.result.table.ids == tuple(sorted(SONGS))
    assert row.result.constant == pytest.approx(2 * [np.sqrt((1.5**2 + 0.5**2) / 2)])
    assert row.cell.n_training_songs == 8
    # Folds of 0.615, 0.655 and 0.695, s 0.04, test over training songs 4 / 8, t(2) of 0.975.
    half = 4.302653 * 0.04 * np.sqrt(1 / 3 + 4 / 8)
    assert vars(row.result.over_folds) == pytest.approx({"low": 0.655 - half, "high": 0.655 + half})
    for interval, value in (
        (row.result.over_songs.rmse, row.result.score.rmse),
        (row.result.over_songs.pooled, row.result.score.rmse_pooled),
        (row.result.over_songs.skill, row.result.score.skill),
    ):
        assert interval.low < value < interval.high


def test_a_joint_row_stands_on_both_tables_and_is_ranked_with_the_others(tmp_path: Path) -> None:
    results = twelve(tmp_path)
    results.add(error=WORSE, track="a")
    results.add(error=WORSE, target="valence", track="v")
    results.add(error=ERRORS, target="arousal+valence", track="a+v")
    results.publish()
    arousal, valence = tracks(results.store)
    assert [[row.model for row in track.rows] for track in (arousal, valence)] == [
        ["ridge, both targets", "ridge"],
        ["ridge", "ridge, both targets"],  # there it is off by twice as much
    ]
    (joint, _), (_, doubled) = arousal.rows, valence.rows
    assert joint.cell == doubled.cell
    assert joint.result is not None
    assert doubled.result is not None
    assert doubled.result.score.rmse == pytest.approx(2 * joint.result.score.rmse)
    for track in (arousal, valence):
        second = track.rows[1]
        assert second.standing is not None
        assert second.standing.rank == 2
        assert second.standing.above is not None
        assert second.standing.above.p < 0.01
    assert one_table(results.store, ["twelve"], "valence").rows[1].model == "ridge, both targets"


def test_a_joint_row_that_is_what_one_target_gives_is_not_told_apart(tmp_path: Path) -> None:
    results = twelve(tmp_path)
    results.add("mean", error=ERRORS, track="a")
    results.add("mean", error=ERRORS, target="arousal+valence", track="a+v")
    results.publish()
    one, other = tracks(results.store)[0].rows
    assert {one.model, other.model} == {"mean", "mean, both targets"}
    assert other.standing is not None
    assert other.standing.above is not None
    assert (other.standing.rank, other.standing.above.comparison.n_unequal) == (1, 0)


def test_failed_cell_shows_its_reason_and_no_result(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add(failing=0)
    (row,) = only(results).rows
    assert (row.result, row.standing) == (None, None)
    assert row.trouble == "failed in 1 of 2 jobs: ValueError: too loud"


def test_cell_with_a_job_not_yet_run_has_no_result(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add(missing=1)
    (row,) = only(results).rows
    assert (row.result, row.trouble) == (None, "1 of 2 jobs done")


def test_rows_of_different_tracks_share_no_table(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add("ridge", track="one")
    results.add("ridge", track="other")
    results.publish()
    assert [len(track.rows) for track in tracks(results.store)] == [1, 1]


def test_same_jobs_in_two_files_are_one_row(tmp_path: Path) -> None:
    first = Results(tmp_path)
    first.add()
    first.publish()
    second = Results(tmp_path, name="again", cells=first.cells)
    second.publish()
    (track,) = tracks(first.store)
    assert len(track.rows) == 1
    assert len(track.commands) == 2


def test_real_data_stands_before_synthetic(tmp_path: Path) -> None:
    toy = Results(tmp_path)
    toy.add(track="toy")
    toy.publish(title="A toy")
    real = Results(tmp_path, name="real")
    real.add(track="real")
    real.publish(synthetic=False, title="VGMIDI")
    assert [track.conditions.title for track in tracks(toy.store)] == ["VGMIDI", "A toy"]


def test_flawed_tracks_stand_after_fair_ones_of_the_same_data(tmp_path: Path) -> None:
    for name in ("B", "A"):
        results = Results(tmp_path, name=name)
        for protocol, flaw in (
            ("leaky_frames", "leaky"),
            ("a_split", "optimistic"),
            ("song_kfold", ""),
            ("holdout", ""),
        ):
            results.add(protocol=protocol, flaw=flaw, track=f"{name} {protocol}")
        results.publish(title=name)
    found = [track.conditions for track in tracks(results.store)]
    assert [(conditions.title, conditions.flaw) for conditions in found] == [
        (name, flaw) for name in "AB" for flaw in ("", "", "optimistic", "leaky")
    ]


def test_what_the_most_quoted_number_is_held_against_stands_first(tmp_path: Path) -> None:
    results = twelve(tmp_path)
    results.add(track="many", n_test_songs=1744)
    results.publish(known_as="deam", title="DEAM", synthetic=False)
    full = {str(song): (-0.5, 0.5) for song in range(2001, 2059)}
    few = Results(tmp_path, "full", labels=full, folds=(tuple(full),))
    few.add(track="full", protocol="mediaeval2015")
    few.publish(known_as="deam", title="DEAM", synthetic=False)
    found = [track.conditions.protocol for track in tracks(results.store)]
    assert found == ["mediaeval2015", "song_kfold"]


def test_seconds_are_those_of_all_jobs(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add()
    assert only(results).rows[0].seconds == pytest.approx(2 * 2.5)


def test_rows_with_other_seeds_or_threads_say_so(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add(seeds=(0, 1))
    results.cells[0] = replace(
        results.cells[0], description={**results.cells[0].description, "threads": 2}
    )
    assert only(results).rows[0].model == "ridge, seeds [0, 1], 2 threads"


def test_a_track_without_any_result_still_knows_its_test_songs(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add(missing=0)
    track = only(results)
    assert track.conditions.n_test_songs == 4
    assert track.anchors == ()


def test_notes_of_a_training_are_told_once(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add(notes=("batch of 4", "no pooling"))
    assert only(results).rows[0].notes == "batch of 4; no pooling"


def test_every_table_has_its_constant_and_its_oracles(tmp_path: Path) -> None:
    results = twelve(tmp_path)
    results.add(error=ERRORS, constant=1.0)
    constant, previous, mean = only(results).anchors
    assert (constant.name, previous.name, mean.name) == ("constant, song_kfold", *PAIR)
    assert (constant.rmse, constant.rmse_pooled) == pytest.approx(2 * [np.sqrt(1.25)])
    assert (previous.rmse, previous.rmse_pooled) == pytest.approx((1, 1))
    assert (mean.rmse, mean.rmse_pooled) == pytest.approx((0.5, 0.5))


def test_a_constant_that_ran_as_a_model_needs_no_anchor(tmp_path: Path) -> None:
    results = twelve(tmp_path)
    results.add(error=ERRORS)
    results.add("mean", error=WORSE, seeds=(0, 1))
    assert [anchor.name for anchor in only(results).anchors] == list(PAIR)


def test_a_constant_that_failed_is_an_anchor_all_the_same(tmp_path: Path) -> None:
    results = twelve(tmp_path)
    results.add(error=ERRORS)
    results.add("mean", failing=0)
    assert [anchor.name for anchor in only(results).anchors] == ["constant, song_kfold", *PAIR]


@pytest.mark.parametrize(("known", "count"), [(12, 3), (6, 3), (5, 0)])
def test_raters_are_anchors_where_they_are_known_for_half_of_the_songs(
    tmp_path: Path, known: int, count: int
) -> None:
    results = twelve(tmp_path)
    results.add(error=ERRORS)
    apart = {song: RaterErrors(2, 0.02, 0.08, 0.5) for song in list(SONGS)[:known]}
    results.publish(raters={"arousal": apart, "valence": {}})
    (track,) = tracks(results.store)
    found = [anchor for anchor in track.anchors if anchor.name.startswith("raters")]
    assert [anchor.rmse for anchor in found] == pytest.approx([0.1, 0.2, 0.5][:count])


def test_rows_are_ranked_and_compared_with_the_row_above_and_their_constant(
    tmp_path: Path,
) -> None:
    results = twelve(tmp_path)
    results.add("worse", error=WORSE, constant=1.0)
    results.add("ridge", error=ERRORS, constant=1.0)
    first, second = (row.standing for row in only(results).rows)
    assert first is not None and second is not None
    assert (first.rank, second.rank) == (1, 2)
    assert first.above is None and second.above is not None and first.constant is not None
    # All of twelve songs worse: p 2 / 2**12, of three tests.
    assert second.above.p == pytest.approx(3 * 2 / 2**12)
    assert second.above.comparison.median_difference == pytest.approx(0.0065)
    assert first.constant.comparison.median_difference == pytest.approx(0.655 - np.sqrt(1.25))


def test_a_row_with_an_alarm_is_not_ranked_and_not_among_the_tests(tmp_path: Path) -> None:
    results = twelve(tmp_path)
    results.add("ridge", error=ERRORS)
    results.add("worse", error=WORSE)
    alone = [row.standing for row in only(results).rows]
    results.add("cheat", error=0.01)
    results.add("leak", error=0.65, shared=LEAKY)
    results.add("choosy", error=0.9, shared=Shared(test_songs=12, test_labels=24, chosen_on=12))
    track = only(results)
    assert [(row.model, row.mark) for row in track.rows] == [
        ("ridge", ""),
        ("worse", ""),
        ("cheat", "too good"),
        ("leak", "leaky"),
        ("choosy", "optimistic"),
    ]
    assert [row.standing for row in track.rows] == [*alone, None, None, None]


def test_a_failed_row_of_a_leaky_split_is_marked_all_the_same(tmp_path: Path) -> None:
    results = twelve(tmp_path)
    results.add(failing=0, shared=LEAKY)
    assert only(results).rows[0].mark == "leaky"


def test_the_floor_of_a_dataset_raises_the_alarm(tmp_path: Path) -> None:
    results = twelve(tmp_path)
    results.add(error=ERRORS)
    results.publish(floors={"arousal": 0.7})
    (track,) = tracks(results.store)
    assert track.rows[0].mark == "too good"


def test_standings_of_a_table_are_those_of_scipy_and_statsmodels(tmp_path: Path) -> None:
    """Also where the constants of two training sets differ."""
    results = twelve(tmp_path)
    random = np.random.default_rng(0)
    errors = np.sort(0.6 + 0.05 * random.random((3, 12)) + 0.02 * np.arange(3)[:, None], axis=0)
    constants = (0.5, 0.5, 0.7)
    for place, constant in enumerate(constants):
        planted = dict(zip(SONGS, errors[place], strict=True))
        results.add(f"model {place}", error=planted, constant=constant)
    rows = only(results).rows
    baselines = [np.full(12, np.sqrt(0.25 + constant**2)) for constant in constants]
    p = [scipy.stats.wilcoxon(errors[a], errors[b]).pvalue for a, b in ((1, 0), (2, 0), (2, 1))]
    p += [scipy.stats.wilcoxon(*both).pvalue for both in zip(errors, baselines, strict=True)]
    adjusted = multipletests(p, method="holm")[1]
    for row, above, constant in zip(rows, (None, 0, 2), (3, 4, 5), strict=True):
        assert row.standing is not None and row.standing.constant is not None
        assert row.standing.constant.p == pytest.approx(adjusted[constant])
        if above is None:
            assert row.standing.above is None
        else:
            assert row.standing.above is not None
            assert row.standing.above.p == pytest.approx(adjusted[above])


def test_other_training_songs_share_a_table_with_a_constant_each(tmp_path: Path) -> None:
    results = Results(tmp_path, labels={"2001": (0, 1), "2002": (0, 1)}, folds=(("2001", "2002"),))
    for changed, count, constant in (({}, 431, 0.5), ({"train": "all"}, 1744, 0.0)):
        results.add(
            error=0.6,
            constant=constant,
            protocol="mediaeval2015",
            changed=changed,
            n_training_songs=count,
        )
    track = only(results)
    assert [row.cell.n_training_songs for row in track.rows] == [431, 1744]
    assert [row.protocol for row in track.rows] == ["mediaeval2015", "mediaeval2015(train=all)"]
    assert [(anchor.name, anchor.rmse) for anchor in track.anchors[:-2]] == [
        ("constant, mediaeval2015", pytest.approx(0.5)),
        ("constant, mediaeval2015(train=all)", pytest.approx(np.sqrt(0.5))),
    ]
    assert [words for words, _ in track.protocols] == [
        "mediaeval2015 in words",
        "mediaeval2015(train=all) in words",
    ]
    assert track.conditions.songs == "full"


@pytest.mark.parametrize(
    ("ids", "kind"), [("12", "excerpts"), (("2001", "2002"), "full"), (("1", "2001"), "mixed")]
)
def test_what_kind_of_songs_are_tested_is_seen_by_their_ids(
    tmp_path: Path, ids: tuple[str, str], kind: str
) -> None:
    results = Results(tmp_path, labels=dict.fromkeys(ids, (0.0, 0.5)), folds=(tuple(ids),))
    results.add()
    assert only(results).conditions.songs == kind


def test_experiments_that_share_a_track_can_be_compared(tmp_path: Path) -> None:
    for name, errors in (("one", ERRORS), ("two", WORSE), ("three", 0.9)):
        results = twelve(tmp_path, name)
        results.add(error=errors)
        results.publish()
    track = one_table(results.store, ["two", "one"], "arousal")
    assert [row.experiment for row in track.rows] == ["one", "two"]
    assert [row.standing.rank for row in track.rows if row.standing] == [1, 2]


def test_rows_of_different_tracks_are_refused_with_what_differs(tmp_path: Path) -> None:
    one = Results(tmp_path, "one")
    one.add(track="folds")
    one.publish(title="DEAM")
    two = twelve(tmp_path, "two")
    two.add(track="split", protocol="leaky_frames", flaw="leaky")
    two.publish(title="VGMIDI", fingerprint="a")
    with pytest.raises(TrackError) as error:
        one_table(one.store, ["one", "two"], "arousal")
    first, *differing, last = str(error.value).splitlines()
    assert first.startswith("one, two: rows of 2 tracks share no table")
    assert "differ in data, in test songs fold by fold, or in being optimistic or leaky" in first
    assert differing == [
        "  - one: DEAM [ffffffff], 4 test songs: song_kfold in words [folds 01234567]",
        "  - two: VGMIDI [aaaaaaaa], leaky, 12 test songs: leaky_frames in words [folds 01234567]",
    ]
    assert "python -m benchmark report" in last


def test_an_unknown_experiment_is_named_with_those_known(tmp_path: Path) -> None:
    for name in ("one", "two"):
        results = Results(tmp_path, name)
        results.add()
        results.publish()
    for name in ("three", "tow"):
        with pytest.raises(TrackError, match=f"no experiment '{name}' has been run here") as error:
            one_table(results.store, ["one", name], "arousal")
        assert "two" in str(error.value)


def test_a_target_nothing_ran_on_is_refused(tmp_path: Path) -> None:
    results = Results(tmp_path, "one")
    results.add()
    results.publish()
    with pytest.raises(TrackError, match="one: no rows on valence"):
        one_table(results.store, ["one"], "valence")


def test_an_experiment_without_rows_on_the_target_is_refused_beside_one_that_has_some(
    tmp_path: Path,
) -> None:
    """Or a table of one would pass for a comparison."""
    for name, target in (("one", "arousal"), ("two", "valence")):
        results = twelve(tmp_path, name)
        results.add(error=ERRORS, target=target, track=target)
        results.publish()
    for names in (["one", "two"], ["two", "one"]):
        with pytest.raises(TrackError, match=r"^two: no rows on arousal$"):
            one_table(results.store, names, "arousal")
        with pytest.raises(TrackError, match=r"^one: no rows on valence$"):
            one_table(results.store, names, "valence")


def test_where_nothing_has_run_it_is_said_how_to_run_something(tmp_path: Path) -> None:
    with pytest.raises(TrackError, match="nothing has been run here yet: python -m benchmark run"):
        one_table(Results(tmp_path).store, ["one"], "arousal")


def test_experiments_that_share_jobs_are_compared(tmp_path: Path) -> None:
    first = Results(tmp_path)
    first.add("ridge")
    first.add("mean")
    first.publish()
    Results(tmp_path, name="again", cells=first.cells[:1]).publish()
    track = one_table(first.store, ["made", "again"], "arousal")
    assert [row.model for row in track.rows] == ["mean", "ridge"]
