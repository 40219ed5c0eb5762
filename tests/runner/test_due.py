from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmark.config import Experiment
from benchmark.evaluation import versions
from benchmark.execution import Pool
from benchmark.models.mean import Mean
from benchmark.records import JobRecord
from benchmark.runner import Crew, Workspace, run

Make = Callable[..., Experiment]


@pytest.fixture
def said(tmp_path: Path, ear: Any) -> Callable[..., list[str]]:
    """Return a function that runs an experiment and returns what it said of records."""

    def runner(experiment: Experiment, *, fresh: bool = False) -> list[str]:
        ear.notes.clear()
        crew = Crew(here=Pool(1), jobs=Pool(1))
        run([experiment], Workspace(tmp_path / "here"), crew=crew, fresh=fresh, listener=ear)
        return list(ear.notes)

    return runner


@pytest.fixture
def records(tmp_path: Path) -> Path:
    return tmp_path / "here" / "mlruns" / "records"


def test_what_is_new_needs_no_words_and_neither_does_a_look_up(said: Any, experiment: Make) -> None:
    assert said(experiment()) == []
    assert said(experiment()) == []


def test_a_changed_parameter_is_named(said: Any, experiment: Make) -> None:
    said(experiment(models="[ridge, mean]"))
    assert said(experiment(models="[{name: ridge, alphas: [1, 2]}, mean]")) == [
        "3 of 6 jobs are taken from records",
        "3 of 6 jobs to run: changed since the last run: "
        "model.parameters.alphas [10.0, 100.0, 1000.0, 10000.0, 100000.0] -> [1.0, 2.0]",
    ]


def test_a_changed_component_is_named(
    said: Any, experiment: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    said(experiment())
    monkeypatch.setattr(Mean, "version", 7)
    first, *failures = said(experiment())
    assert first == "3 of 3 jobs to run: changed since the last run: model.version 1 -> 7"
    assert len(failures) == 3, "the worker process has the version as it is, and refuses"


def test_a_changed_library_is_named(
    said: Any, experiment: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "_version", lambda name: "0.1")
    said(experiment())
    monkeypatch.undo()
    (note,) = said(experiment())
    assert note.startswith(
        "3 of 3 jobs to run: changed since the last run: libraries.numpy 0.1 -> "
    )


def test_changed_labels_are_named(said: Any, experiment: Make, deam_folder: Any) -> None:
    said(experiment())
    table = deam_folder.table("arousal")
    header, first, *rest = table.read_text().splitlines()
    table.write_text("\n".join([header, first.rpartition(",")[0] + ",0.5", *rest, ""]))
    (note,) = said(experiment())
    assert note == (
        "3 of 3 jobs to run: changed since the last run: the data (songs, labels or audio)"
    )


def test_fresh_is_a_reason(said: Any, experiment: Make) -> None:
    said(experiment())
    assert said(experiment(), fresh=True) == ["3 of 3 jobs to run: --fresh"]


def test_a_failure_and_a_damaged_record_are_reasons(
    said: Any, experiment: Make, records: Path
) -> None:
    said(experiment())
    store = Workspace(records.parents[1]).records
    failed, damaged, whole = sorted(path.name for path in records.iterdir() if path.name[0] != ".")
    store.write(JobRecord(failed, {}, error="out of luck\nTraceback ..."))
    (records / damaged / "predictions.npz").write_bytes(b"half")
    notes = said(experiment())
    assert notes[0] == "1 of 3 jobs are taken from records"
    assert notes[1] == "1 of 3 jobs to run: failed the last time: out of luck"
    assert notes[2] == "1 of 3 jobs to run: the record is damaged"
    assert said(experiment()) == []
    assert store.read(whole).finished


def test_a_job_that_cannot_be_told_from_two_earlier_ones_is_new(
    said: Any, experiment: Make
) -> None:
    said(experiment(models="[{name: ridge, alphas: [1]}, {name: ridge, alphas: [2]}]"))
    assert said(experiment(models="[{name: ridge, alphas: [3]}]")) == []
