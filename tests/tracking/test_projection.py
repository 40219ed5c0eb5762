from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from filling import fill_from, runs
from results import Results, many

from benchmark.evaluation.scores import song_table
from benchmark.evaluation.statistics import cluster_bootstrap
from benchmark.records import RaterErrors, Shared
from benchmark.tracking import mark
from benchmark.tracking.contents import of_cell, of_job
from benchmark.tracking.page import page_tags
from benchmark.tracking.store import Store, open_store


def project(results: Results) -> Store:
    fill_from(results.root)
    return open_store(results.root)


def test_one_parent_a_cell_and_one_child_a_job(results: Results) -> None:
    parents, children = runs(project(results))
    (parent,) = parents
    assert parent.info.run_name == "mel / ridge / arousal"
    assert [run.info.status for run in (*parents, *children)] == ["FINISHED"] * 3
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}


def test_parent_carries_scores_costs_parameters_and_origin(results: Results) -> None:
    (parent,), _ = runs(project(results))
    metrics, params, tags = parent.data.metrics, parent.data.params, parent.data.tags
    assert metrics["rmse"] == pytest.approx(0.2)
    assert metrics["rmse_std"] == pytest.approx(0.0, abs=1e-12)
    assert {"rmse_pooled", "pearson", "ccc", "skill"} <= metrics.keys()
    assert metrics["seconds"] == pytest.approx(5.0)
    card = {
        "parameters_total": 10,
        "parameters_trainable": 9,
        "training_windows": 4,
        "epochs_run": 3,
        "patience": 2,
        "training_seconds": 4.0,
    }
    assert {name: metrics[name] for name in card} == card
    assert params["feature.n_mels"] == "96"
    assert tags["dataset.fingerprint"] == "f" * 64
    assert (tags["git_commit"], tags["git_dirty"]) == ("abcdef1234567890", "false")
    assert tags["version.numpy"] == "2.0"
    assert (params["protocol"], params["training_songs"]) == ("song_kfold", "2")
    assert (tags["folds"], tags["track.arousal"]) == ("0123456789abcdef", "track")
    assert not {"mer.alarm", "mer.alarm.words"} & tags.keys()
    (used,) = parent.inputs.dataset_inputs
    assert (used.dataset.name, used.dataset.digest) == ("toy", "f" * 16)


def test_sorting_all_runs_by_rmse_ranks_cells_before_folds(results: Results) -> None:
    results.add("better", error=0.15)
    results.publish()
    store = project(results)
    experiment = store.client.get_experiment_by_name("made")
    ranked = store.client.search_runs([experiment.experiment_id], order_by=["metrics.rmse ASC"])
    assert [run.info.run_name for run in ranked][:2] == [
        "mel / better / arousal",
        "mel / ridge / arousal",
    ]


def test_child_carries_curves_and_predictions(results: Results) -> None:
    store = project(results)
    _, children = runs(store)
    child = next(run for run in children if run.data.params["fold"] == "1")
    curve = store.client.get_metric_history(child.info.run_id, "validation_loss")
    assert [(point.step, point.value) for point in curve] == [(1, 0.4), (2, 0.3), (3, 0.35)]
    assert child.data.metrics["fold_rmse"] == pytest.approx(0.2)
    table = store.client.download_artifacts(child.info.run_id, "predictions.json")
    stored = json.loads(Path(table).read_text(encoding="utf-8"))
    assert stored["columns"] == ["song", "time", "arousal_label", "arousal_prediction"]
    assert stored["data"][0] == ["3", 15.0, 0.5, 0.7]
    assert stored["data"][1][2] is None


def test_filling_twice_leaves_one_parent_a_cell(results: Results) -> None:
    first = runs(project(results))
    again = runs(project(results))
    assert [run.info.run_id for part in again for run in part] == [
        run.info.run_id for part in first for run in part
    ]


def test_a_record_computed_anew_replaces_the_parent(results: Results) -> None:
    project(results)
    results.cells.clear()
    results.add("ridge", error=0.3, started_at=2000.0)
    parents, children = runs(project(results))
    assert [run.data.metrics["rmse"] for run in parents] == [pytest.approx(0.3)]
    assert len(children) == 2


def test_runs_are_written_anew_when_they_should_show_something_else(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    (before,), _ = runs(project(results))
    monkeypatch.setattr(mark, "CONTENTS_VERSION", mark.CONTENTS_VERSION + 1)
    (after,), children = runs(project(results))
    assert after.info.run_id != before.info.run_id
    assert len(children) == 2


def test_a_parent_that_was_interrupted_is_written_anew(results: Results) -> None:
    store = project(results)
    (parent,), _ = runs(store)
    store.client.delete_tag(parent.info.run_id, "mer.records")
    store.client.update_run(parent.info.run_id, "RUNNING")
    parents, children = runs(project(results))
    assert [run.info.status for run in parents] == ["FINISHED"]
    assert len(children) == 2


def test_cells_of_an_earlier_run_are_history_and_can_come_back(results: Results) -> None:
    def current(store: Store) -> list[str]:
        parents, _ = runs(store)
        return [
            run.data.params["model"] for run in parents if run.data.tags["mer.current"] == "true"
        ]

    assert current(project(results)) == ["ridge"]
    first = results.cells.copy()
    results.cells.clear()
    results.add("mean")
    results.publish()
    assert current(project(results)) == ["mean"]
    results.cells.clear()
    results.add("ridge", error=0.3, started_at=2000.0)
    results.publish()
    assert current(project(results)) == ["ridge"]
    results.cells[:] = first
    results.publish()
    assert current(project(results)) == ["ridge"]


def test_failed_cell_is_a_failed_run_with_its_reason(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add(failing=1)
    results.publish()
    (parent,), children = runs(project(results))
    assert parent.info.status == "FAILED"
    assert parent.data.tags["failure"] == "ValueError: too loud"
    assert "rmse" not in parent.data.metrics
    assert sorted(run.info.status for run in children) == ["FAILED", "FINISHED"]


def test_cell_with_a_job_not_yet_run_is_left_out(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add(missing=0)
    results.publish()
    assert runs(project(results)) == ([], [])


def test_a_lost_store_is_filled_again_from_the_records(results: Results) -> None:
    before, _ = runs(project(results))
    (results.root / "mlflow.db").unlink()
    after, _ = runs(project(results))
    assert after[0].data.metrics == before[0].data.metrics


def test_ends_of_the_intervals_over_songs_are_metrics(tmp_path: Path) -> None:
    songs = many(12)
    results = Results(tmp_path, labels=songs, folds=(list(songs)[:6], list(songs)[6:]))
    results.add(error={song: 0.6 + 0.01 * int(song) for song in songs}, constant=1.0)
    results.publish()
    (parent,), children = runs(project(results))
    records = [record for key in results.cells[0].jobs if (record := results.store.read(key))]
    expected = cluster_bootstrap(song_table(records, "arousal").songs)
    metrics = parent.data.metrics
    for name, interval in (("rmse", expected.rmse), ("skill", expected.skill)):
        ends = metrics[f"{name}_low"], metrics[f"{name}_high"]
        assert ends == pytest.approx((interval.low, interval.high))
        assert ends[0] < metrics[name] < ends[1]
    assert not [name for run in children for name in run.data.metrics if "_low" in name]


@pytest.mark.parametrize(
    ("flaw", "shared", "error", "kinds", "words"),
    [
        (
            "",
            Shared(test_songs=4, test_labels=8),
            0.01,
            "too good",
            "too good: pooled RMSE 0.0100 lies below 0.1309 (oracle: song mean)",
        ),
        (
            "optimistic",
            Shared(test_songs=4, test_labels=8, chosen_on=4),
            0.2,
            "optimistic",
            "optimistic: 4 of 4 test songs are handed to the model for its choices",
        ),
        (
            "leaky",
            Shared(test_songs=4, trained_on=4, test_labels=8, overlapping=3, example="song 1"),
            0.01,
            "leaky, too good",
            "leaky: 4 of 4 test songs are also trained on, for example song 1; around 38% of",
        ),
    ],
)
def test_an_alarm_stands_in_tags_and_names(
    tmp_path: Path, flaw: str, shared: Shared, error: float, kinds: str, words: str
) -> None:
    results = Results(tmp_path)
    results.add(error=error, flaw=flaw, shared=shared)
    results.publish()
    (parent,), children = runs(project(results))
    assert parent.data.tags["mer.alarm"] == kinds
    assert parent.data.tags["mer.alarm.words"].startswith(words)
    assert parent.info.run_name == f"⚠ {kinds}: mel / ridge / arousal"
    marked = f"⚠ {flaw}: " if flaw else ""
    assert {run.info.run_name for run in children} == {
        f"{marked}fold {fold}, seed 0" for fold in range(2)
    }


def test_a_failed_cell_of_a_leaky_split_is_marked_all_the_same(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add(flaw="leaky", shared=Shared(test_songs=4, test_labels=8, trained_on=4), failing=0)
    results.publish()
    (manifest,), (cell,) = results.store.manifests(), results.cells
    jobs = [record for key in cell.jobs if (record := results.store.read(key))]
    content = of_cell(manifest, cell, jobs, results.store.read_study)
    assert content.status == "FAILED"
    assert content.tags["mer.alarm"] == "leaky"
    assert not content.metrics
    assert [of_job(cell, job).name for job in jobs] == [
        "⚠ leaky: fold 0, seed 0",
        "⚠ leaky: fold 1, seed 0",
    ]


def test_a_joint_cell_is_one_parent_with_metrics_of_each_target(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add("ridge", error=0.2, target="arousal+valence", track="a+v")
    results.publish(floors={"arousal": 0.3, "valence": 0.3})
    store = project(results)
    experiment = store.client.get_experiment_by_name("made")
    (parent,), children = runs(store)
    assert (parent.data.params["model"], parent.data.params["target"]) == (
        "ridge",
        "arousal+valence",
    )
    assert parent.info.run_name == "⚠ too good: mel / ridge / arousal+valence"
    assert (parent.data.tags["track.arousal"], parent.data.tags["track.valence"]) == ("a", "v")
    words = parent.data.tags["mer.alarm.words"]
    assert words.startswith("too good: arousal: pooled RMSE 0.2000 lies below 0.3000")
    assert "valence" not in words
    metrics = parent.data.metrics
    assert metrics["arousal_rmse"] == pytest.approx(0.2)
    assert metrics["valence_rmse"] == pytest.approx(0.4)
    assert metrics["valence_rmse_low"] <= metrics["valence_rmse"] <= metrics["valence_rmse_high"]
    assert "rmse" not in metrics
    assert metrics["seconds"] == pytest.approx(5.0)
    folds = [run.data.metrics["fold_valence_rmse"] for run in children]
    assert folds == pytest.approx([0.4, 0.4])
    view = json.loads(experiment.tags["mlflow.sharedViewState.leaderboard"])
    assert view["orderByKey"] == "metrics.`arousal_rmse`"
    assert {f"metrics.`{name}`" for name in ("valence_rmse", "arousal_skill", "seconds")} < set(
        view["selectedColumns"]
    )
    assert "Cells sorted by RMSE of arousal" in experiment.tags["mlflow.note.content"]


def test_the_page_shows_the_alarm(tmp_path: Path) -> None:
    view = json.loads(page_tags("7", studies=False)["mlflow.sharedViewState.leaderboard"])
    assert "tags.`mer.alarm`" in view["selectedColumns"]


def test_a_parent_is_written_anew_when_its_alarm_may_have_changed(results: Results) -> None:
    """What the folds share, the floor of the dataset and the raters are in no record of a job."""

    def alarm() -> str | None:
        (parent,), children = runs(project(results))
        assert len(children) == 2
        return parent.data.tags.get("mer.alarm")

    assert alarm() is None
    results.publish(floors={"arousal": 0.25})
    assert alarm() == "too good"
    for error, raised in ((0.3, "too good"), (0.1, None)):
        apart = {str(song): RaterErrors(2, 2 * error**2, 0.1, 0.1) for song in range(1, 5)}
        results.publish(raters={"arousal": apart})
        assert alarm() == raised
    shared = Shared(test_songs=4, test_labels=8, trained_on=4)
    results.cells[0] = replace(results.cells[0], shared=shared)
    results.publish()
    assert alarm() == "leaky"
    results.cells[0] = replace(results.cells[0], shared=Shared(test_songs=4, test_labels=8))
    results.publish()
    assert alarm() is None
