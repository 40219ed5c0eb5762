from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.config import Experiment
from benchmark.errors import ClusterError, DataError, RecordError
from benchmark.execution import Cluster, Pool
from benchmark.records import JobRecord
from benchmark.records.store import RecordStore
from benchmark.runner import Crew, Summary, Workspace, run
from benchmark.runner.claims import Claims

Make = Callable[..., Experiment]
THREE = {"models": "[mean, ridge, {name: xgboost_summary, n_estimators: 5, min_child_weight: 1}]"}


def records_of(workspace: Workspace, name: str = "tiny") -> dict[str, JobRecord]:
    (manifest,) = [found for found in workspace.records.manifests() if found.name == name]
    keys = [key for cell in manifest.cells for key in cell.jobs]
    return {key: workspace.records.read(key) for key in keys}


@pytest.fixture
def start(tmp_path: Path, ear: Any) -> Callable[..., Summary]:
    def runner(
        *experiments: Experiment, workers: int = 1, fresh: bool = False, place: str = "here"
    ) -> Summary:
        workspace = Workspace(tmp_path / place)
        crew = Crew(here=Pool(workers), jobs=Pool(workers))
        return run(experiments, workspace, crew=crew, fresh=fresh, listener=ear)

    return runner


@pytest.fixture
def here(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "here")


def test_every_job_is_recorded_and_taken_from_records_next_time(
    start: Any, experiment: Make, here: Workspace, ear: Any
) -> None:
    assert start(experiment(**THREE)) == Summary(computed=9, recorded=0, failures=())
    first = records_of(here)
    assert all(record.finished and record.environment["python"] for record in first.values())
    assert ear.stages[-1] == ("jobs", 9)
    ear.stages.clear()
    assert start(experiment(**THREE)) == Summary(computed=0, recorded=9, failures=())
    assert "jobs" not in dict(ear.stages)
    assert {key: record.started_at for key, record in records_of(here).items()} == {
        key: record.started_at for key, record in first.items()
    }


def test_the_same_job_in_two_files_is_computed_once(
    start: Any, experiment: Make, here: Workspace
) -> None:
    one, two = experiment("one"), experiment("two", models="[mean, ridge]")
    assert start(one, two) == Summary(computed=6, recorded=0, failures=())
    assert records_of(here, "one").keys() < records_of(here, "two").keys()


def test_joint_targets_are_fitted_once_and_found_again(
    start: Any, experiment: Make, here: Workspace
) -> None:
    joint = {"models": "[mean, ridge]", "targets": "joint"}
    apart = experiment("apart", models="[mean]", targets="[arousal, valence]")
    assert start(experiment(**joint), apart) == Summary(computed=12, recorded=0, failures=())
    assert start(apart, experiment(**joint)) == Summary(computed=0, recorded=12, failures=())
    records = records_of(here)
    assert {record.predictions.values.shape for record in records.values()} == {(10, 2)}
    constant = [record for record in records.values() if record.description["feature"] is None]
    alone = list(records_of(here, "apart").values())
    for fold, record in enumerate(constant):
        arousal, valence = alone[fold], alone[fold + 3]
        assert record.constants == pytest.approx((*arousal.constants, *valence.constants))
        for one, column in zip((arousal, valence), record.predictions.values.T, strict=True):
            np.testing.assert_allclose(column, one.predictions.values[:, 0])


def test_fresh_computes_again_and_gives_the_same_numbers(
    start: Any, experiment: Make, here: Workspace
) -> None:
    start(experiment(models="[ridge]"))
    first = records_of(here)
    assert start(experiment(models="[ridge]"), fresh=True).computed == 3
    for key, record in records_of(here).items():
        assert record.started_at > first[key].started_at
        np.testing.assert_array_equal(record.predictions.values, first[key].predictions.values)


def test_one_and_two_workers_give_the_same_numbers(
    start: Any, experiment: Make, tmp_path: Path
) -> None:
    start(experiment(**THREE), workers=1, place="one")
    start(experiment(**THREE), workers=2, place="two")
    one, two = (records_of(Workspace(tmp_path / place)) for place in ("one", "two"))
    assert one.keys() == two.keys()
    for key, record in one.items():
        np.testing.assert_array_equal(record.predictions.values, two[key].predictions.values)
        assert record.constants == two[key].constants


def test_a_failing_model_does_not_lose_the_others_and_is_tried_again(
    start: Any, experiment: Make, here: Workspace, ear: Any, tmp_path: Path, plugin: None
) -> None:
    consolation = tmp_path / "consolation"
    tiny = experiment(models=f'[{{name: moody, consolation: "{consolation}"}}, mean]')
    summary = start(tiny)
    assert (summary.computed, summary.recorded, len(summary.failures)) == (3, 0, 3)
    assert all("ArithmeticError: not today" in failure for failure in summary.failures)
    assert sorted(note for note in ear.notes) == sorted(f"failed: {f}" for f in summary.failures)
    failed = [record for record in records_of(here).values() if not record.finished]
    assert len(failed) == 3
    assert all("Traceback" in record.error for record in failed)

    consolation.touch()
    assert start(tiny) == Summary(computed=3, recorded=3, failures=())
    assert all(record.finished for record in records_of(here).values())


def test_an_installed_feature_meets_the_models_of_the_house(
    start: Any, experiment: Make, here: Workspace, plugin: None
) -> None:
    assert start(experiment(features="[loudness]", models="[ridge]")).failures == ()
    assert len(records_of(here)) == 3


def test_data_that_cannot_be_used_is_said_before_anything_is_fitted(
    start: Any, experiment: Make, here: Workspace
) -> None:
    with pytest.raises(DataError, match="folds = 7 is more than the 6 songs"):
        start(experiment(), experiment("other", folds=7))
    assert here.records.manifests() == ()


def test_another_manifest_that_cannot_be_read_is_said_before_anything_is_fitted(
    start: Any, experiment: Make, here: Workspace, ear: Any
) -> None:
    """The report after it would fail: found out before hours of fitting."""
    folder = here.records.root / "experiments"
    folder.mkdir(parents=True)
    for name in ("old", "tiny"):
        (folder / f"{name}.json").write_text('{"schema_version": 0}')
    with pytest.raises(RecordError, match=r"old\.json: schema_version 0.*delete it") as error:
        start(experiment())
    assert "tiny.json" not in str(error.value), "its own is written anew"
    assert "jobs" not in dict(ear.stages)
    assert not (here.records.root / "records").exists()
    (folder / "old.json").unlink()
    assert start(experiment()).computed == 3


def test_a_fold_of_which_no_test_label_is_rated_is_a_failed_job(
    start: Any, experiment: Make, here: Workspace, deam_folder: Any
) -> None:
    """It says so, and the other fold and the other model are there all the same."""
    tiny = experiment(protocol="{name: leaky_frames, repeats: 2}", models="[mean, ridge]")
    songs = tiny.dataset.load().songs
    first, second = tiny.protocols[0].draw(songs)
    assert first.describe() != second.describe()
    tested = {song.id: first.known("test", song.id, len(song.times)) for song in songs}
    header, *lines = deam_folder.table("arousal").read_text().splitlines()
    rows = [line.split(",") for line in lines]
    blanked = [
        [name, *("" if gone else cell for cell, gone in zip(cells, tested[name], strict=True))]
        for name, *cells in rows
    ]
    text = "\n".join([header, *map(",".join, blanked)])
    deam_folder.table("arousal").write_text(text)
    summary = start(tiny)
    assert (summary.computed, len(summary.failures)) == (2, 2)
    for failed in (record for record in records_of(here).values() if not record.finished):
        assert failed.description["fold"]["index"] == 0
        assert "fold 0: no label of its test songs has a rating" in failed.error


def test_a_feature_that_fails_is_recorded_and_loses_no_other_cell(
    start: Any, experiment: Make, here: Workspace
) -> None:
    broken = "{name: mel, n_mels: 500}"
    summary = start(experiment(features=f"[{broken}, chroma]", models="[ridge, mean]"))
    assert (summary.computed, len(summary.failures)) == (6, 3)
    assert all("mel bands are empty with n_fft = 512" in reason for reason in summary.failures)
    failed = [record for record in records_of(here).values() if not record.finished]
    assert all(record.error.startswith("feature mel(n_mels=500): song 1") for record in failed)


def test_replacing_the_table_of_another_file_is_said(
    start: Any, experiment: Make, ear: Any, tmp_path: Path
) -> None:
    start(experiment("one"))
    other = experiment("two")
    start(replace(other, name="one"))
    assert ear.notes == ["one: replaces the table of one.yaml"]


def test_the_table_of_a_run_is_there_in_its_end(
    start: Any, experiment: Make, here: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run of the same file, with other settings, wrote its own meanwhile."""
    other = experiment("one", seeds="[7]")
    start(other)
    (manifest,) = here.records.manifests()
    write = RecordStore.write

    def meanwhile(store: RecordStore, record: JobRecord) -> None:
        write(store, record)
        store.write_manifest(manifest)

    monkeypatch.setattr(RecordStore, "write", meanwhile)
    start(experiment("one"))
    assert {record.description["seed"] for record in records_of(here, "one").values()} == {0}


def test_a_record_that_is_removed_while_the_run_waits_for_its_turn_is_made_again(
    start: Any, experiment: Make, here: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(experiment())
    take = Claims.take

    def removing(claims: Claims, key: str) -> bool:
        shutil.rmtree(here.records.records / key, ignore_errors=True)
        return take(claims, key)

    monkeypatch.setattr(Claims, "take", removing)
    assert start(experiment(), fresh=True) == Summary(3, 0, ())


def test_a_cluster_that_is_not_there_is_found_out_before_anything_is_decoded(
    experiment: Make, here: Workspace, ear: Any
) -> None:
    crew = Crew(here=Pool(1), jobs=Cluster("tcp://127.0.0.1:9"))
    with pytest.raises(ClusterError, match="no Dask scheduler"):
        run([experiment()], here, crew=crew, fresh=False, listener=ear)
    assert ear.stages == []


def test_all_protocols_of_a_file_are_run(start: Any, experiment: Make, here: Workspace) -> None:
    protocols = "[{name: song_kfold, folds: 2}, holdout, seed_split, leaky_frames]"
    assert start(experiment(models="[mean, ridge]", protocol=protocols)) == Summary(10, 0, ())
    (manifest,) = here.records.manifests()
    assert [len(cell.jobs) for cell in manifest.cells] == [2, 2, 1, 1, 1, 1, 1, 1]
    for cell in manifest.cells:
        records = [here.records.read(key) for key in cell.jobs]
        tested = {str(song) for record in records for song in record.predictions.songs}
        assert len(tested) == cell.n_test_songs
        assert {record.description["fold"].get("flaw", "") for record in records} == {
            cell.description["flaw"]
        }


def test_seeds_are_jobs_of_their_own(start: Any, experiment: Make, here: Workspace) -> None:
    assert start(experiment(seeds="[0, 1]")).computed == 6
    seeds = [record.description["seed"] for record in records_of(here).values()]
    assert sorted(seeds) == [0, 0, 0, 1, 1, 1]


@pytest.mark.slow
def test_a_network_that_diverges_is_recorded_as_failed(
    start: Any, experiment: Make, here: Workspace
) -> None:
    model = "{name: arousal_cnn, learning_rate: 1e30, epochs: 3, seconds: 0.5}"
    summary = start(experiment(models=f"[{model}, mean]", folds=2))
    assert summary.computed == 2
    assert len(summary.failures) == 2
    assert all("training diverged in epoch" in failure for failure in summary.failures)
