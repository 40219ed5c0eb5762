"""A real MLflow server, on PostgreSQL where that is installed: what only shows over a network."""

from __future__ import annotations

import json
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from filling import assert_everything_once, fill_from, runs, start
from results import Results
from servers import MlflowServer, mlflow_server, postgresql

from benchmark.errors import TrackingError
from benchmark.records.store import RecordStore
from benchmark.tracking import fill, writing
from benchmark.tracking.contents import Content
from benchmark.tracking.store import Store, open_store

pytestmark = pytest.mark.slow
READS = ("/get", "/get-by-name", "/search", "/health")


@pytest.fixture(scope="module")
def database() -> Iterator[str | None]:
    with postgresql() as uri:
        yield uri


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, database: str | None
) -> Iterator[MlflowServer]:
    with mlflow_server(tmp_path_factory.mktemp("server"), database) as server:
        yield server


@pytest.fixture
def server(running: MlflowServer, monkeypatch: pytest.MonkeyPatch) -> MlflowServer:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", running.address)
    return running


@pytest.fixture
def named(tmp_path: Path, request: pytest.FixtureRequest) -> Results:
    """Records of two cells in an experiment that the server does not know."""
    made = Results(tmp_path, name=request.node.name)
    made.add("mean")
    made.add("ridge")
    made.publish()
    return made


def test_a_server_is_filled_once(
    server: MlflowServer,
    named: Results,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    tracked = fill_from(named.root)
    assert capfd.readouterr() == ("", "")
    assert tracked.uri == server.address
    assert_everything_once(named.root, 2, name=named.name)
    store = open_store(named.root)
    _, children = runs(store, named.name)
    table = store.client.download_artifacts(children[0].info.run_id, "predictions.json")
    columns = json.loads(Path(table).read_text(encoding="utf-8"))["columns"]
    assert columns == ["song", "time", "arousal_label", "arousal_prediction"]
    assert (server.folder / "artifacts").is_dir()
    assert not (named.root / "artifacts").exists()
    asked = []
    send = requests.Session.send

    def listening(*arguments: object, **settings: object) -> object:
        asked.append(arguments[1].path_url.partition("?")[0])
        return send(*arguments, **settings)

    monkeypatch.setattr(requests.Session, "send", listening)
    fill_from(named.root)
    assert asked
    assert [path for path in asked if not path.endswith(READS)] == []


def test_two_who_fill_a_server_at_once_show_a_cell_once(
    server: MlflowServer, named: Results, tmp_path: Path
) -> None:
    """Neither finds the experiment; of one cell they have different records."""
    other = Results(tmp_path / "other", name=named.name)
    other.add("mean")
    other.add("ridge", started_at=2000.0)
    other.publish()
    meeting = tmp_path / "meeting"
    meeting.mkdir()
    folders = (named.root, other.root)
    both = [start(folder, "--meet", meeting, store=server.address) for folder in folders]
    said = [process.communicate(timeout=60)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert_everything_once(named.root, 2, name=named.name)


def test_a_fill_that_is_killed_is_finished_by_the_next(
    server: MlflowServer, named: Results
) -> None:
    for moment in random.sample(range(8, 26), 2):
        process = start(named.root, "--die-at", str(moment), store=server.address)
        _, said = process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL, said
    named.cells.pop(0)
    named.publish()
    fill_from(named.root)
    assert_everything_once(named.root, 1, name=named.name)


def test_a_fill_survives_a_server_that_is_stopped_and_started(
    server: MlflowServer, named: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = writing._end
    ended = 0

    def stop_in_the_second_cell(store: Store, run: str, content: Content) -> None:
        nonlocal ended
        ended += 1
        if ended == 5:
            server.stop()
        end(store, run, content)

    with monkeypatch.context() as patch:
        patch.setattr(writing, "_end", stop_in_the_second_cell)
        done: list[str] = []
        begun = time.monotonic()
        with pytest.raises(TrackingError, match=r"Connection refused.*records are safe") as caught:
            fill(RecordStore(named.root), named.root, advance=done.append)
        assert time.monotonic() - begun < 15
        assert server.address in str(caught.value)
    assert len(done) == 1
    server.start()
    parents, _ = runs(open_store(named.root), named.name)
    assert {run.info.status for run in parents} == {"FINISHED", "RUNNING"}
    fill_from(named.root)
    assert_everything_once(named.root, 2, name=named.name)


def test_a_database_can_be_named_itself(
    database: str | None, named: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database is None:
        pytest.skip("PostgreSQL or psycopg2 is not installed")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", database)
    fill_from(named.root)
    fill_from(named.root)
    assert_everything_once(named.root, 2, name=named.name)
    assert len(list((named.root / "artifacts").rglob("predictions.json"))) == 4
    assert list(elsewhere.iterdir()) == []
