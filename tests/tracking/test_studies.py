from __future__ import annotations

import json
from pathlib import Path

import pytest
from filling import fill_from, runs
from mlflow.entities import Run
from results import Results, study

from benchmark.tracking.page import STUDY_COLUMNS, page_tags
from benchmark.tracking.store import Store, open_store
from benchmark.tracking.study_contents import of_study

OUTCOMES = (0.5, None, 0.3, "out of memory")


@pytest.fixture
def tuned(tmp_path: Path) -> Results:
    """A row of two folds, each with a study of its own; the first has one trial of each end."""
    made = Results(tmp_path)
    made.add("ridge", error=0.4, studies=(study(0, *OUTCOMES), study(1, 0.6)))
    made.publish(command="tune")
    return made


def project(results: Results) -> Store:
    fill_from(results.root)
    return open_store(results.root)


def parents(store: Store) -> dict[str, Run]:
    """Return the parents by the fold of their study, that of the row by its own name."""
    found, _ = runs(store)
    return {run.data.params.get("fold", run.info.run_name): run for run in found}


def children(store: Store, parent: Run) -> list[Run]:
    """Return the trials of a study, by number."""
    _, found = runs(store)
    mine = [run for run in found if run.data.tags["mlflow.parentRunId"] == parent.info.run_id]
    return sorted(mine, key=lambda run: run.info.start_time)


def ids(store: Store) -> set[str]:
    return {run.info.run_id for part in runs(store) for run in part}


def test_a_study_is_a_parent_that_says_what_won(tuned: Results) -> None:
    found = parents(project(tuned))
    assert found.keys() == {"0", "1", "mel / ridge, tuned / arousal"}
    first = found["0"]
    metrics, params, tags = first.data.metrics, first.data.params, first.data.tags
    assert first.info.run_name == "study: made arousal fold 0 [12345678]"
    assert (first.info.status, first.info.start_time) == ("FINISHED", 2_000_000)
    assert first.info.end_time == 2_035_000
    assert (tags["mer.study"], tags["mer.current"]) == ("study-made-arousal-fold-0", "study")
    assert tags["dataset.fingerprint"] == "f" * 64
    assert metrics == {
        "inner_rmse": 0.3,
        "untuned_inner_rmse": 0.5,
        "trials_complete": 2,
        "trials_pruned": 1,
        "trials_failed": 1,
        "seconds": 20,
    }
    assert params == {
        "target": "arousal",
        "fold": "0",
        "sampler": "tpe",
        "pruner": "median",
        "seed": "7",
        "inner": "song_kfold",
        "best.trial": "2",
        "best.feature": "mel",
        "best.model": "ridge(alpha=100)",
        "best.ridge.alpha": "100.0",
    }


def test_a_trial_is_a_child_with_its_end_its_choice_and_what_was_reported(tuned: Results) -> None:
    store = project(tuned)
    trials = children(store, parents(store)["0"])
    assert [run.info.status for run in trials] == ["FINISHED", "KILLED", "FINISHED", "FAILED"]
    states = ["complete", "pruned", "complete", "failed"]
    assert [run.data.tags["mer.state"] for run in trials] == states
    assert [run.info.run_name for run in trials] == [
        f"trial {number}, {state}" for number, state in enumerate(states)
    ]
    assert [run.data.metrics.get("inner_rmse") for run in trials] == [0.5, None, 0.3, None]
    assert [run.data.tags.get("failure") for run in trials] == [None, None, None, "out of memory"]
    for number, run in enumerate(trials):
        assert run.data.params == {
            "feature": "mel",
            "model": f"ridge(alpha={10**number})",
            "ridge.alpha": f"{10.0**number}",
        }
        assert (run.info.start_time, run.info.end_time) == (
            2_000_000 + 10_000 * number,
            2_005_000 + 10_000 * number,
        )
        reported = store.client.get_metric_history(run.info.run_id, "reported")
        assert [(point.step, point.value) for point in reported] == [(1, 0.9), (3, 0.8)]


def test_a_study_without_a_winner_has_failed(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add(error=0.4, studies=(study(0, None, "broke"), study(1, 0.3), study(None)))
    results.publish(command="tune")
    found = parents(project(results))
    assert found.keys() == {"0", "1", "mel / ridge, tuned / arousal"}, "one has no trial"
    assert (found["0"].info.status, found["1"].info.status) == ("FAILED", "FINISHED")
    assert not {"inner_rmse", "untuned_inner_rmse"} & found["0"].data.metrics.keys()
    assert "tuning_optimism" not in found["mel / ridge, tuned / arousal"].data.metrics


def test_a_study_on_all_songs_says_so(tuned: Results) -> None:
    (manifest,) = tuned.store.manifests()
    content = of_study(manifest, study(None, 0.3, untuned=0), ())
    assert content.params["fold"] == "all songs"
    assert "untuned_inner_rmse" not in content.metrics


def test_figures_of_a_study_are_artifacts_of_its_run(tuned: Results) -> None:
    folder = tuned.store.study_folder("study-made-arousal-fold-0")
    (folder / "history.png").write_bytes(b"drawn")
    (folder / "figures.txt").write_text("4")
    store = project(tuned)
    first, second = (parents(store)[fold].info.run_id for fold in "01")
    assert [one.path for one in store.client.list_artifacts(first)] == ["figures"]
    (figure,) = store.client.list_artifacts(first, "figures")
    assert figure.path == "figures/history.png"
    got = store.client.download_artifacts(first, figure.path)
    assert Path(got).read_bytes() == b"drawn"
    assert store.client.list_artifacts(second) == []


def test_filling_again_leaves_every_run_of_a_study_alone(tuned: Results) -> None:
    before = ids(project(tuned))
    assert len(before) == 3 + 2 + 5
    fill_from(tuned.root, anew=True)
    assert ids(open_store(tuned.root)) == before


def test_more_trials_are_noticed_and_the_study_is_written_anew_once(tuned: Results) -> None:
    """Nothing else has changed: that a study was written again is enough for a second look."""
    before = parents(project(tuned))
    tuned.store.write_study(study(0, *OUTCOMES, 0.2))
    store = project(tuned)
    after = parents(store)
    assert len(runs(store)[0]) == 3, "the old one is gone"
    assert len(runs(store)[1]) == 2 + 5 + 1
    assert before["0"].info.run_id != after["0"].info.run_id
    assert len(children(store, after["0"])) == 5
    assert after["0"].data.metrics["inner_rmse"] == 0.2
    assert after["0"].data.tags["mer.current"] == "study"
    for other in after.keys() - {"0"}:
        assert after[other].info.run_id == before[other].info.run_id
    written = ids(store)
    assert ids(project(tuned)) == written


def test_figures_drawn_later_are_shown_too(tuned: Results) -> None:
    project(tuned)
    folder = tuned.store.study_folder("study-made-arousal-fold-1")
    (folder / "history.png").write_bytes(b"drawn")
    fill_from(tuned.root, anew=True)
    store = open_store(tuned.root)
    assert len(runs(store)[0]) == 3
    (figure,) = store.client.list_artifacts(parents(store)["1"].info.run_id, "figures")
    assert figure.path == "figures/history.png"


def test_studies_of_an_earlier_run_are_history_and_can_come_back(tuned: Results) -> None:
    def current(store: Store) -> dict[str, str]:
        return {
            run.data.tags["mer.study"]: run.data.tags["mer.current"]
            for run in runs(store)[0]
            if "mer.study" in run.data.tags
        }

    olds = {f"study-made-arousal-fold-{fold}": "study" for fold in range(2)}
    news = {f"study-next-arousal-fold-{fold}": "study" for fold in range(2)}
    assert current(project(tuned)) == olds
    first = tuned.cells.copy()
    tuned.cells.clear()
    tuned.add("cnn", error=0.4, studies=[study(fold, 0.5, name="next") for fold in range(2)])
    tuned.publish(command="tune")
    assert current(project(tuned)) == {**dict.fromkeys(olds, "false"), **news}
    tuned.cells[:] = first
    tuned.publish(command="tune")
    assert current(project(tuned)) == {**olds, **dict.fromkeys(news, "false")}


def test_the_view_of_cells_has_no_study_and_that_of_studies_no_cell(tuned: Results) -> None:
    """What MLflow's page searches for, and the columns it shows, are really there."""
    store = project(tuned)
    experiment = store.client.get_experiment_by_name("made")
    found = {}
    for view in ("leaderboard", "study"):
        state = json.loads(experiment.tags[f"mlflow.sharedViewState.{view}"])
        order = f"{state['orderByKey']} {'ASC' if state['orderByAsc'] else 'DESC'}"
        found[view] = store.client.search_runs(
            [experiment.experiment_id], state["searchFilter"], order_by=[order]
        )
    names = {view: [run.info.run_name for run in listed] for view, listed in found.items()}
    assert names == {
        "leaderboard": ["mel / ridge, tuned / arousal"],
        "study": [f"study: made arousal fold {fold} [12345678]" for fold in (0, 1)],
    }
    best = found["study"][0].data
    for column in STUDY_COLUMNS:
        kind, _, name = column.replace("`", "").partition(".")
        assert name in getattr(best, kind), column


def test_only_what_was_tuned_has_a_view_of_studies() -> None:
    assert "mlflow.sharedViewState.study" not in page_tags("7", studies=False)
    assert "viewStateShareKey=study" not in page_tags("7", studies=False)["mlflow.note.content"]
    note = page_tags("7", studies=True)["mlflow.note.content"]
    assert "(#/experiments/7/runs?viewStateShareKey=study)" in note


def test_a_tuned_row_says_how_it_was_tuned_and_what_its_studies_believed(tuned: Results) -> None:
    """Inner 0.3 and 0.6, outer 0.4 in both folds."""
    store = project(tuned)
    parent = parents(store)["mel / ridge, tuned / arousal"]
    metrics, params = parent.data.metrics, parent.data.params
    assert metrics["rmse"] == pytest.approx(0.4)
    assert metrics["inner_rmse"] == pytest.approx(0.45)
    assert metrics["tuning_optimism"] == pytest.approx(0.05)
    assert {name: value for name, value in params.items() if name.startswith("tuning.")} == {
        "tuning.mode": "nested",
        "tuning.trials": "20",
        "tuning.sampler": "tpe",
        "tuning.pruner": "median",
        "tuning.inner": "3 folds by song",
    }
    assert parent.data.tags["mlflow.source.name"].startswith("benchmark tune made.yaml")
    jobs = [run for run in runs(store)[1] if "fold" in run.data.params]
    assert {run.data.tags["mlflow.parentRunId"] for run in jobs} == {parent.info.run_id}
    chosen = {run.data.params["fold"]: run.data.params["model.alpha"] for run in jobs}
    assert chosen == {"0": "100.0", "1": "1.0"}, "what each fold's own study chose"


def test_an_untuned_row_says_nothing_of_tuning(results: Results) -> None:
    (parent,), _ = runs(project(results))
    assert not [name for name in parent.data.params if name.startswith("tuning.")]
    assert not {"tuning_optimism", "inner_rmse"} & parent.data.metrics.keys()
