from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from results import Results

from benchmark.reporting import tracks


def test_rows_are_sorted_by_rmse_and_those_without_come_last(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add("broken", error=0.0, failing=1)
    results.add("worse", error=0.3)
    results.add("better", error=0.1)
    results.publish()
    (track,) = tracks(results.store)
    assert [row.model for row in track.rows] == ["better", "worse", "broken"]
    assert track.rows[0].score is not None
    assert track.rows[0].score.rmse == pytest.approx(0.1)


def test_failed_cell_shows_its_reason_and_no_score(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add(failing=0)
    results.publish()
    (track,) = tracks(results.store)
    assert track.rows[0].score is None
    assert track.rows[0].trouble == "failed in 1 of 2 jobs: ValueError: too loud"


def test_cell_with_a_job_not_yet_run_has_no_score(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add(missing=1)
    results.publish()
    (track,) = tracks(results.store)
    assert (track.rows[0].score, track.rows[0].trouble) == (None, "1 of 2 jobs done")


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


def test_real_data_stands_before_synthetic(tmp_path: Path) -> None:
    toy = Results(tmp_path)
    toy.add(track="toy")
    toy.publish()
    real = Results(tmp_path, name="real")
    real.add(track="real")
    real.publish(synthetic=False, title="VGMIDI")
    assert [track.conditions.title for track in tracks(toy.store)] == ["VGMIDI", "toy"]


def test_seconds_are_those_of_all_jobs(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add()
    results.publish()
    (track,) = tracks(results.store)
    assert track.rows[0].seconds == pytest.approx(2 * 2.5)


def test_rows_with_other_seeds_or_threads_say_so(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add()
    results.cells[0] = replace(
        results.cells[0],
        description={**results.cells[0].description, "seeds": [0, 1], "threads": 2},
    )
    results.publish()
    (track,) = tracks(results.store)
    assert track.rows[0].model == "ridge, seeds [0, 1], 2 threads"


def test_a_track_without_any_score_still_knows_its_test_songs(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add(missing=0)
    results.publish()
    (track,) = tracks(results.store)
    assert track.conditions.n_test_songs == 4
