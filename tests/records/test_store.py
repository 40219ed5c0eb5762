from __future__ import annotations

import errno
import json
import multiprocessing
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmark.errors import RecordError
from benchmark.records import (
    CellPlan,
    JobRecord,
    Manifest,
    Predictions,
    RaterErrors,
    Shared,
    StudyRecord,
    TrainingCard,
    TrialRecord,
    Tuning,
    atomic,
)
from benchmark.records import store as store_module
from benchmark.records.atomic import temporary_sibling
from benchmark.records.job import MANIFEST_VERSION
from benchmark.records.store import RecordStore


@pytest.fixture
def store(tmp_path: Path) -> RecordStore:
    return RecordStore(tmp_path)


@pytest.fixture
def record() -> JobRecord:
    return JobRecord(
        key="ab12",
        description={"targets": ["arousal"], "fold": {"index": 0, "train": ["1", "2"]}, "seed": 3},
        predictions=Predictions(
            songs=np.array(["7", "7", "é"]),
            times=np.array([15.0, 15.5, 15.0]),
            labels=np.array([[0.1], [np.nan], [-1 / 3]]),
            values=np.array([[0.2], [np.pi / 10], [-1.0]]),
        ),
        constants=(1 / 3,),
        card=TrainingCard(
            parameters=10,
            examples=5,
            epochs=2,
            curves={"loss": (0.5, 1e-300), "validation_loss": (0.25, 0.125)},
            notes=("kernel 10x10 clipped to 2x2",),
        ),
        fit_seconds=1.25,
        environment={"python": "3.11"},
    )


@pytest.fixture
def manifest() -> Manifest:
    cell = CellPlan(
        description={"seeds": [0]},
        tracks={"arousal": "t1"},
        jobs=("ab12", "cd34"),
        n_test_songs=2,
        n_training_songs=3.5,
        folds="f0",
        tested="t0",
        subsets=("1-1000", "2001-"),
        shared=Shared(2, 1, 2, test_labels=10, overlapping=3, example="song 1"),
    )
    return Manifest(
        name="baselines",
        arguments=("baselines.yaml", "--set", "seeds=[0]"),
        dataset={"name": "demo"},
        notes=("song 1: silent; kept",),
        cells=(cell,),
        raters={"arousal": {"7": RaterErrors(5, of_mean=0.1, between_halves=1 / 3, of_one=0.5)}},
    )


@pytest.fixture
def study() -> StudyRecord:
    first = TrialRecord(
        0,
        "complete",
        {"model": "ridge", "ridge.seconds": 1 / 3, "mel.n_mels": 96, "scale": True, "max": None},
        feature="mel",
        model="ridge(seconds=0.33)",
        score=0.0,
        steps=((1, 0.5), (10_002, 1e-300)),
        started_at=1e9 + 1 / 3,
        seconds=2.5,
    )
    return StudyRecord(
        key="ef56",
        name="baselines arousal fold 0 [ef56]",
        target="arousal",
        fold=0,
        description={"untuned": 1, "models": [{"search": {"seconds": {"values": [1, 2.5]}}}]},
        trials=(first, TrialRecord(2, "pruned", {}), TrialRecord(3, "failed", {}, reason="é")),
    )


def spoil(path: Path, **fields: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def test_a_record_comes_back_exactly(store: RecordStore, record: JobRecord) -> None:
    store.write(record)
    read = store.read("ab12")
    assert replace(read, predictions=None) == replace(record, predictions=None)
    for name, stored in vars(record.predictions).items():
        np.testing.assert_array_equal(getattr(read.predictions, name), stored)
        assert getattr(read.predictions, name).dtype == stored.dtype


def test_a_failed_job_keeps_its_reason(store: RecordStore) -> None:
    failed = JobRecord("ab12", {"seed": 0}, error="Traceback ...\nValueError: no")
    store.write(failed)
    assert store.read("ab12") == failed
    assert not store.read("ab12").finished


def test_no_record_is_none(store: RecordStore) -> None:
    assert store.read("ab12") is None


def test_a_later_record_replaces_an_earlier_one(store: RecordStore, record: JobRecord) -> None:
    store.write(record)
    store.write(JobRecord("ab12", {}, error="failed"))
    assert store.read("ab12").error == "failed"
    assert not (store.root / "records" / "ab12" / "predictions.npz").exists()


@pytest.mark.parametrize("stage", ["savez", "dumps"])
def test_a_half_written_record_is_never_visible(
    store: RecordStore, record: JobRecord, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    def crash(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    module = store_module.np if stage == "savez" else store_module.json
    monkeypatch.setattr(module, stage, crash)
    with pytest.raises(KeyboardInterrupt):
        store.write(record)
    assert store.read("ab12") is None
    assert not [path for path in store.root.rglob("*") if path.is_file()]


def test_a_crash_while_replacing_leaves_no_torn_record(
    store: RecordStore, record: JobRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    remove = atomic.shutil.rmtree

    def watched(path: Path, **options: bool) -> None:
        """Look at the store at every moment at which files are being removed."""
        for file in sorted(Path(path).rglob("*.npz")):
            file.unlink()
            seen.append(store.read("ab12"))
        remove(path, **options)

    store.write(record)
    monkeypatch.setattr(atomic.shutil, "rmtree", watched)
    store.write(replace(record, fit_seconds=9.0))
    assert [read.fit_seconds for read in seen] == [9.0]


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", "\x00", '{"schema_version": 1}', '{"schema_version": 1, "x": 2}'],
)
def test_an_unreadable_record_is_named(store: RecordStore, record: JobRecord, content: str) -> None:
    store.write(record)
    (store.root / "records" / "ab12" / "record.json").write_text(content)
    with pytest.raises(RecordError, match=r"ab12.record\.json: .*delete it and run again"):
        store.read("ab12")


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"no archive"),
        lambda path: path.write_bytes(path.read_bytes()[:200]),
        lambda path: np.savez(path, songs=np.array(["1"])),
    ],
    ids=["missing", "empty", "text", "truncated", "incomplete"],
)
def test_unreadable_predictions_are_named(
    store: RecordStore, record: JobRecord, damage: Callable[[Path], object]
) -> None:
    store.write(record)
    damage(store.root / "records" / "ab12" / "predictions.npz")
    with pytest.raises(RecordError, match=r"ab12: predictions cannot be read .*run again"):
        store.read("ab12")


def test_stored_code_is_not_run(store: RecordStore, record: JobRecord) -> None:
    store.write(record)
    pickled = {name: np.array([{}], dtype=object) for name in vars(record.predictions)}
    np.savez(store.root / "records" / "ab12" / "predictions.npz", **pickled)
    with pytest.raises(RecordError, match="allow_pickle=False"):
        store.read("ab12")


@pytest.mark.parametrize("version", [0, 2, None, "1"])
def test_another_schema_version_is_refused(
    store: RecordStore, record: JobRecord, version: object
) -> None:
    store.write(record)
    spoil(store.root / "records" / "ab12" / "record.json", schema_version=version)
    with pytest.raises(RecordError, match=f"schema_version {version!r}, this version reads 1"):
        store.read("ab12")


def test_a_manifest_comes_back_exactly(store: RecordStore, manifest: Manifest) -> None:
    store.write_manifest(replace(manifest, notes=("an older run",)))
    store.write_manifest(manifest)
    store.write_manifest(replace(manifest, name="another"))
    assert store.manifests() == (replace(manifest, name="another"), manifest)


def test_an_unreadable_manifest_is_named(store: RecordStore, manifest: Manifest) -> None:
    store.write_manifest(manifest)
    (store.root / "experiments" / "baselines.json").write_text('{"schema_version": 1}')
    with pytest.raises(RecordError, match=r"baselines\.json: .*delete it and run again"):
        store.manifests()


def test_every_unreadable_manifest_is_named_at_once(store: RecordStore, manifest: Manifest) -> None:
    for name in ("damaged", "fine", "old"):
        store.write_manifest(replace(manifest, name=name))
    folder = store.root / "experiments"
    (folder / "damaged.json").write_text("{")
    spoil(folder / "old.json", schema_version=0)
    with pytest.raises(RecordError) as error:
        store.manifests()
    first, second = str(error.value).splitlines()
    assert "damaged.json: cannot be read" in first
    assert f"old.json: schema_version 0, this version reads {MANIFEST_VERSION}" in second


@pytest.mark.parametrize("content", ["{", '{"schema_version": 0}', '{"schema_version": 1}'])
def test_a_manifest_of_another_version_is_written_over(
    store: RecordStore, manifest: Manifest, content: str
) -> None:
    path = store.root / "experiments" / "baselines.json"
    path.parent.mkdir()
    path.write_text(content)
    assert store.write_manifest(manifest) is None
    assert store.manifests() == (manifest,)
    assert store.write_manifest(replace(manifest, notes=())) == manifest


def test_a_manifest_says_how_a_row_was_tuned(store: RecordStore, manifest: Manifest) -> None:
    tuning = Tuning("nested", 50, "tpe", "median", "3 folds by song", ("ef56", "ab78"))
    cells = (replace(manifest.cells[0], tuning=tuning), *manifest.cells)
    tuned = replace(manifest, cells=cells, command="tune")
    store.write_manifest(tuned)
    assert store.manifests() == (tuned,)


def test_a_manifest_from_before_there_was_tuning_can_be_read(
    store: RecordStore, manifest: Manifest
) -> None:
    store.write_manifest(manifest)
    path = store.root / "experiments" / "baselines.json"
    fields = json.loads(path.read_text())
    del fields["command"]
    for cell in fields["cells"]:
        del cell["tuning"]
    path.write_text(json.dumps(fields))
    assert store.manifests() == (manifest,)
    assert manifest.command == "run"
    assert manifest.cells[0].tuning is None


def test_a_study_comes_back_exactly(store: RecordStore, study: StudyRecord) -> None:
    store.write_study(replace(study, trials=()))
    store.write_study(study)
    store.write_study(replace(study, key="ab78", fold=None))
    read = store.read_study("ef56")
    assert read == study
    assert [type(value) for value in read.trials[0].parameters.values()] == [
        str,
        float,
        int,
        bool,
        type(None),
    ]
    assert store.read_study("ab78").fold is None


def test_where_there_is_no_study_there_is_none(store: RecordStore, study: StudyRecord) -> None:
    assert store.read_study("ef56") is None
    store.study_folder("ef56").mkdir(parents=True)
    (store.study_folder("ef56") / "figure.png").touch()
    assert store.read_study("ef56") is None
    store.write_study(study)
    assert (store.study_folder("ef56") / "figure.png").exists()
    assert store.read_study("ef56") == study


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", "\x00", '{"schema_version": 1}', '{"schema_version": 1, "trials": 2}'],
)
def test_an_unreadable_study_is_named(store: RecordStore, study: StudyRecord, content: str) -> None:
    store.write_study(study)
    (store.study_folder("ef56") / "study.json").write_text(content)
    with pytest.raises(RecordError, match=r"ef56.study\.json: cannot be read.*delete it and run"):
        store.read_study("ef56")


@pytest.mark.parametrize(
    "damage",
    [{"trials": [{"number": 0}]}, {"trials": [{"steps": [1]}]}, {"winner": 3}],
    ids=["incomplete", "malformed", "unknown"],
)
def test_a_study_of_other_fields_is_named(
    store: RecordStore, study: StudyRecord, damage: dict[str, object]
) -> None:
    store.write_study(study)
    spoil(store.study_folder("ef56") / "study.json", **damage)
    with pytest.raises(RecordError, match=r"ef56.study\.json: cannot be read.*delete it and run"):
        store.read_study("ef56")


@pytest.mark.parametrize("version", [0, 2, None, "1"])
def test_a_study_of_another_version_is_refused(
    store: RecordStore, study: StudyRecord, version: object
) -> None:
    store.write_study(study)
    spoil(store.study_folder("ef56") / "study.json", schema_version=version)
    with pytest.raises(RecordError, match=f"schema_version {version!r}, this version reads 1"):
        store.read_study("ef56")


def test_a_study_that_could_not_be_written_leaves_the_last_one(
    store: RecordStore, study: StudyRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    store.write_study(study)
    with monkeypatch.context() as patched:
        patched.setattr(store_module, "write_whole", full)
        with pytest.raises(RecordError, match=r"study\.json: cannot be written.*No space left"):
            store.write_study(replace(study, trials=()))
    assert store.read_study("ef56") == study


def test_a_stamp_changes_when_a_study_is_written_again(
    store: RecordStore, study: StudyRecord
) -> None:
    assert store.study_stamp("ef56") is None
    store.write_study(study)
    os.utime(store.study_folder("ef56") / "study.json", (1e9, 1e9))
    before = store.study_stamp("ef56")
    store.write_study(study)
    assert None is not before != store.study_stamp("ef56")


def test_a_temporary_sibling_lies_beside_its_path_and_is_removed(tmp_path: Path) -> None:
    with temporary_sibling(tmp_path / "deep" / "file.txt") as draft:
        draft.write_text("half")
        assert draft.stat().st_dev == tmp_path.stat().st_dev
        assert not (tmp_path / "deep" / "file.txt").exists()
    assert list((tmp_path / "deep").iterdir()) == []


def write_often(root: Path, number: int) -> None:
    for turn in range(40):
        RecordStore(root).write(JobRecord("ab12", {"turn": turn}, error=f"by {number}"))


def test_two_processes_may_write_one_record_at_once(store: RecordStore) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_often, args=(store.root, n)) for n in (1, 2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert store.read("ab12").error in ("by 1", "by 2")
    assert list((store.root / ".drafts").iterdir()) == []


def test_what_a_killed_run_left_half_written_is_swept_away(store: RecordStore) -> None:
    store.write(JobRecord("ab12", {}, error="failed"))
    drafts = store.root / ".drafts"
    for name, age in (("abandoned", 2 * atomic.ABANDONED), ("being-written", 1.0)):
        (drafts / name).mkdir()
        (drafts / name / "record.json").touch()
        os.utime(drafts / name, (time.time() - age,) * 2)
    store.sweep()
    assert [path.name for path in drafts.iterdir()] == ["being-written"]
    assert store.read("ab12").error == "failed"


def test_a_full_disk_is_said_with_the_place(
    store: RecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(store_module, "settle", full)
    with pytest.raises(RecordError, match=r"ab12: cannot be written.*No space left.*is kept"):
        store.write(JobRecord("ab12", {}))
