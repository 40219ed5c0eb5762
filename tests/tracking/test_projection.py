from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from mlflow.entities import Run
from results import Results

from benchmark.errors import TrackingError
from benchmark.tracking import fill, projection
from benchmark.tracking.store import Store, open_store


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store without runs, made once: its tables take seconds."""
    folder = tmp_path_factory.mktemp("empty")
    open_store(folder)
    return folder / "mlflow.db"


@pytest.fixture(autouse=True)
def _default_store(tmp_path: Path, empty_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    shutil.copy(empty_database, tmp_path)


@pytest.fixture
def results(tmp_path: Path) -> Results:
    made = Results(tmp_path)
    made.add("ridge", error=0.1)
    made.publish()
    return made


def project(results: Results) -> Store:
    fill(results.store, results.root, advance=lambda _: None)
    return open_store(results.root)


def runs(store: Store, name: str = "made") -> tuple[list[Run], list[Run]]:
    """Return parents and children."""
    experiment = store.client.get_experiment_by_name(name)
    found = store.client.search_runs([experiment.experiment_id])
    children = [run for run in found if "mlflow.parentRunId" in run.data.tags]
    return [run for run in found if run not in children], children


def test_one_parent_a_cell_and_one_child_a_job(results: Results) -> None:
    parents, children = runs(project(results))
    (parent,) = parents
    assert parent.info.run_name == "mel / ridge / arousal"
    assert [run.info.status for run in (*parents, *children)] == ["FINISHED"] * 3
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}


def test_parent_carries_scores_costs_parameters_and_origin(results: Results) -> None:
    (parent,), _ = runs(project(results))
    metrics, params, tags = parent.data.metrics, parent.data.params, parent.data.tags
    assert metrics["rmse"] == pytest.approx(0.1)
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
    (used,) = parent.inputs.dataset_inputs
    assert (used.dataset.name, used.dataset.digest) == ("toy", "f" * 16)


def test_sorting_all_runs_by_rmse_ranks_cells_before_folds(results: Results) -> None:
    results.add("better", error=0.05)
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
    assert child.data.metrics["fold_rmse"] == pytest.approx(0.1)
    table = store.client.download_artifacts(child.info.run_id, "predictions.json")
    stored = json.loads(Path(table).read_text(encoding="utf-8"))
    assert stored["columns"] == ["song", "time", "arousal_label", "arousal_prediction"]
    assert stored["data"][0] == ["3", 15.0, 0.5, 0.6]
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
    results.add("ridge", error=0.2, started_at=2000.0)
    parents, children = runs(project(results))
    assert [run.data.metrics["rmse"] for run in parents] == [pytest.approx(0.2)]
    assert len(children) == 2


def test_runs_are_written_anew_when_they_should_show_something_else(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    (before,), _ = runs(project(results))
    monkeypatch.setattr(projection, "CONTENTS_VERSION", projection.CONTENTS_VERSION + 1)
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
    results.add("ridge", error=0.2, started_at=2000.0)
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


def test_a_store_that_cannot_be_used_leaves_the_records_and_says_so(results: Results) -> None:
    (results.root / "mlflow.db").write_bytes(b"no database at all, but long enough to be one")
    with pytest.raises(TrackingError, match="records are safe"):
        project(results)
    assert all(results.store.read(key) for cell in results.cells for key in cell.jobs)
