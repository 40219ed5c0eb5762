from __future__ import annotations

import random
import shutil
import signal
import time
import uuid
from collections.abc import Mapping
from itertools import count
from pathlib import Path

import pytest
from filling import assert_everything_once, at_each_request, fill_from, runs, start
from mlflow import MlflowClient
from mlflow.entities import Experiment, Run
from mlflow.exceptions import MlflowException
from results import Results

from benchmark.errors import TrackingError
from benchmark.tracking import runs as tracked_runs
from benchmark.tracking import writing
from benchmark.tracking.contents import Content
from benchmark.tracking.store import Store, open_store

FOREIGN = {"mer.writer": "another:machine"}


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store is one that others fill as well."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")


def plant(store: Store, tags: Mapping[str, str], *, children: int = 1) -> str:
    """Write a parent, and children, as another process would."""
    experiment = store.client.get_experiment_by_name("made").experiment_id
    parent: str = store.client.create_run(experiment, tags=dict(tags)).info.run_id
    for _ in range(children):
        child = {"mlflow.parentRunId": parent, "mer.job": "job"}
        store.client.create_run(experiment, tags=child)
    return parent


def names(store: Store) -> set[str]:
    return {run.info.run_id for part in runs(store) for run in part}


def began(seconds_ago: float) -> dict[str, str]:
    return {"mer.begun": f"{time.time() - seconds_ago:.0f}"}


def test_half_written_parents_go_whatever_they_show(results: Results) -> None:
    fill_from(results.root)
    store = open_store(results.root)
    whole = names(store)
    plant(store, {"mer.cell": "of an earlier version of the file"})
    plant(store, {"mer.cell": "other", **FOREIGN, **began(0)})
    fill_from(results.root)
    assert names(store) == whole


@pytest.mark.usefixtures("shared")
def test_on_a_shared_store_only_the_dead_go(results: Results) -> None:
    fill_from(results.root)
    store = open_store(results.root)
    whole = names(store)
    plant(store, {"mer.cell": "mine", "mer.writer": store.writer, **began(0)})
    plant(store, {"mer.cell": "late", **FOREIGN, **began(3700)})
    plant(store, {"mer.cell": "of an unknown age", **FOREIGN})
    alive = plant(store, {"mer.cell": "alive", **FOREIGN, **began(60)})
    theirs = names(store) - whole
    fill_from(results.root)
    left = names(store) - whole
    assert alive in left < theirs
    assert len(left) == 2


@pytest.mark.usefixtures("shared")
def test_children_without_a_parent_go(results: Results) -> None:
    fill_from(results.root)
    store = open_store(results.root)
    whole = names(store)
    store.client.delete_run(plant(store, {"mer.cell": "other", "mer.records": "x"}))
    experiment = store.client.get_experiment_by_name("made").experiment_id
    lost = {"mlflow.parentRunId": "0" * 32, "mer.job": "job"}
    store.client.create_run(experiment, tags=lost)
    mine = store.client.create_run(experiment, tags={"mlflow.parentRunId": "0" * 32})
    fill_from(results.root)
    assert names(store) == whole | {mine.info.run_id}


def test_an_interrupted_cell_leaves_nothing_running(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(writing, "_end", interrupt)
        with pytest.raises(KeyboardInterrupt):
            fill_from(results.root)
    assert names(open_store(results.root)) == set()
    fill_from(results.root)
    assert_everything_once(results.root, 1)


def test_an_artifact_that_cannot_be_written_leaves_nothing_running(results: Results) -> None:
    (results.root / "artifacts").write_text("in the way")
    with pytest.raises(TrackingError, match=r"could not be filled \(.*artifacts.*records are safe"):
        fill_from(results.root)
    assert names(open_store(results.root)) == set()


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("smaller", [True, False])
def test_of_parents_written_at_once_the_smallest_stays(
    results: Results, monkeypatch: pytest.MonkeyPatch, smaller: bool
) -> None:
    """Another process finishes its parent of the cell after this one had looked for it."""
    written: dict[str, str] = {}
    settle = tracked_runs.settle

    def meanwhile(store: Store, experiment: str, **settings: str) -> None:
        ids = count(0 if smaller else 2**128 - 10)
        tags = {"mer.cell": settings["cell"], "mer.current": "true", **FOREIGN}
        with monkeypatch.context() as patch:
            patch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=next(ids)))
            written["theirs"] = plant(store, {**tags, "mer.records": "x"}, children=2)
            plant(store, {**tags, "mer.records": "y"}, children=1)
            written["being written"] = plant(store, {**tags, **began(0)}, children=1)
        written["mine"] = settings["parent"]
        settle(store, experiment, **settings)

    monkeypatch.setattr(tracked_runs, "settle", meanwhile)
    fill_from(results.root)
    parents, children = runs(open_store(results.root))
    kept = written["theirs" if smaller else "mine"]
    assert {run.info.run_id for run in parents} == {kept, written["being written"]}
    family = [run.data.tags["mlflow.parentRunId"] for run in children]
    assert sorted(family) == sorted([kept, kept, written["being written"]])


@pytest.mark.usefixtures("shared")
def test_runs_made_by_a_request_that_was_sent_twice_go(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a server takes a request and dies before it answers."""
    create = MlflowClient.create_run

    def twice(*arguments: object, **settings: object) -> Run:
        create(*arguments, **settings)
        return create(*arguments, **settings)

    monkeypatch.setattr(MlflowClient, "create_run", twice)
    fill_from(results.root)
    assert_everything_once(results.root, 1)


@pytest.mark.parametrize("where", ["default", "shared"])
def test_a_cell_that_is_deleted_while_it_is_written_is_written_again(
    results: Results, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, where: str
) -> None:
    if where == "shared":
        request.getfixturevalue("shared")
    end = writing._end
    deleted = []

    def late(store: Store, run: str, content: Content) -> None:
        if not deleted:
            parent = store.client.get_run(run).data.tags["mlflow.parentRunId"]
            deleted.append(parent)
            store.client.delete_run(parent)
        end(store, run, content)

    monkeypatch.setattr(writing, "_end", late)
    fill_from(results.root)
    assert_everything_once(results.root, 1)


@pytest.mark.usefixtures("shared")
def test_a_data_set_that_another_adds_at_once_is_no_error(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen on PostgreSQL: the later of two gets a violation of `dataset_pk`."""
    log = MlflowClient.log_inputs
    refused = []

    def at_once(*arguments: object) -> None:
        if not refused:
            refused.append(arguments)
            raise MlflowException("duplicate key value violates unique constraint")
        log(*arguments)

    monkeypatch.setattr(MlflowClient, "log_inputs", at_once)
    fill_from(results.root)
    assert_everything_once(results.root, 1)


@pytest.mark.usefixtures("shared")
def test_a_parent_deleted_by_another_is_not_marked(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_from(results.root)
    results.cells.clear()
    results.add("mean")
    results.publish()
    find = tracked_runs.find

    def meanwhile(store: Store, experiment: str, words: str = "") -> dict[str, Run]:
        found = find(store, experiment, words)
        if not words:
            for name in found:
                store.client.delete_run(name)
        return found

    monkeypatch.setattr(tracked_runs, "find", meanwhile)
    fill_from(results.root)
    monkeypatch.undo()
    assert_everything_once(results.root, 1)


@pytest.mark.usefixtures("shared")
def test_an_experiment_that_another_creates_meanwhile_is_taken(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_from(results.root)
    get = MlflowClient.get_experiment_by_name
    first = iter([None])

    def not_yet(client: MlflowClient, name: str) -> Experiment | None:
        return next(first, get(client, name))

    monkeypatch.setattr(MlflowClient, "get_experiment_by_name", not_yet)
    results.add("mean")
    results.publish()
    fill_from(results.root)
    assert_everything_once(results.root, 2)


def test_an_experiment_comes_back_without_what_was_replaced_in_it(results: Results) -> None:
    """MLflow restores all runs of an experiment, those deleted before it as well."""
    fill_from(results.root)
    results.cells.clear()
    results.add("ridge", error=0.3, started_at=2000.0)
    fill_from(results.root)
    store = open_store(results.root)
    (parent,), _ = runs(store)
    store.client.delete_experiment(parent.info.experiment_id)
    fill_from(results.root)
    assert_everything_once(results.root, 1)
    assert runs(store)[0][0].info.run_id == parent.info.run_id


@pytest.mark.slow
def test_a_fill_that_is_killed_is_finished_by_the_next(tmp_path: Path) -> None:
    """At random moments; once the file changed before the next fill."""
    results = Results(tmp_path)
    for model in ("mean", "ridge", "extra_trees"):
        results.add(model)
    results.publish()
    requests = 0

    def count_one() -> None:
        nonlocal requests
        requests += 1

    whole = tmp_path / "whole"
    shutil.copytree(tmp_path, whole, ignore=lambda *_: ["whole"])
    with at_each_request(count_one):
        fill_from(whole)
    moments = random.sample(range(requests // 20, requests // 3), 2)
    for moment in moments:
        process = start(tmp_path, "--die-at", str(moment))
        _, said = process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL, said
        if moment == moments[1]:
            results.cells.pop()
            results.publish()
    fill_from(tmp_path)
    assert_everything_once(tmp_path, 2)


@pytest.mark.slow
def test_two_processes_make_and_fill_one_store(results: Results, tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").unlink()
    meeting = tmp_path / "meeting"
    meeting.mkdir()
    both = [start(tmp_path, "--meet", meeting) for _ in range(2)]
    said = [process.communicate(timeout=60)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert_everything_once(tmp_path, 1)
