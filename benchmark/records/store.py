"""Records on disk: one folder a job, written whole by an atomic rename."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from benchmark.errors import RecordError
from benchmark.records.atomic import (
    settle,
    settle_names,
    sweep,
    temporary_sibling,
    write_whole,
)
from benchmark.records.job import (
    MANIFEST_VERSION,
    SCHEMA_VERSION,
    JobRecord,
    Manifest,
    Predictions,
)
from benchmark.records.parsing import job_record, load, study_record
from benchmark.records.parsing import manifest as parse_manifest
from benchmark.records.sheet import SHEETS_VERSION, SongSheet, from_json, to_json
from benchmark.records.song import Song
from benchmark.records.study import STUDY_VERSION, StudyRecord


class RecordStore:
    """Job records in `root/records/<key>/`, manifests in `root/experiments/<name>.json`.

    Studies are in `root/studies/<key>/`, sheets of songs in `root/songs/<fingerprint>.json`.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, record: JobRecord) -> None:
        """Store `record`; a reader sees all of it or none of it, and never an older one in part."""
        folder = self._folder(record.key)
        fields = {
            field.name: getattr(record, field.name)
            for field in dataclasses.fields(record)
            if field.name not in ("predictions", "card")
        }
        fields["card"] = dataclasses.asdict(record.card)
        with _writing(folder):
            with temporary_sibling(folder, store=self.root) as draft:
                draft.mkdir()
                if record.predictions is not None:
                    np.savez(draft / "predictions.npz", **_arrays(record.predictions))
                (draft / "record.json").write_text(json.dumps(fields, indent=1), encoding="utf-8")
                settle(draft)
                _replace(draft, folder)
            settle_names(folder.parent)

    def read(self, key: str) -> JobRecord | None:
        """Return the record stored under `key`, or None where there is none."""
        folder = self._folder(key)
        if not (folder / "record.json").exists():
            return None
        record = load(folder / "record.json", job_record, SCHEMA_VERSION)
        if record.error:
            return record
        try:
            with (folder / "predictions.npz").open("rb") as file, np.load(file) as stored:
                return dataclasses.replace(record, predictions=Predictions(**stored))
        except (OSError, EOFError, ValueError, TypeError, AttributeError, BadZipFile) as error:
            raise RecordError(
                f"{folder}: predictions cannot be read ({error}); delete the folder and run again"
            ) from error

    def stamp(self, key: str) -> int | None:
        """Return what changes when the record of a job is written again; None without one."""
        return _written(self._folder(key) / "record.json")

    def study_stamp(self, key: str) -> int | None:
        """Return the same of a study."""
        return _written(self.study_folder(key) / "study.json")

    def write_manifest(self, manifest: Manifest) -> Manifest | None:
        """Store the manifest of an experiment; return that of its last run, now replaced."""
        path = self.root / "experiments" / f"{manifest.name}.json"
        try:
            replaced = load(path, parse_manifest, MANIFEST_VERSION) if path.exists() else None
        except RecordError:
            replaced = None  # damaged or of an earlier version: this one takes its place
        content = json.dumps(dataclasses.asdict(manifest), indent=1)
        with _writing(path):
            write_whole(path, content.encode(), store=self.root)
        return replaced

    def manifests(self) -> tuple[Manifest, ...]:
        """Return the manifests of all experiments, by name.

        Raises
        ------
        RecordError
            If any cannot be read; names them all.
        """
        found, problems = [], []
        for path in sorted((self.root / "experiments").glob("*.json")):
            try:
                found.append(load(path, parse_manifest, MANIFEST_VERSION))
            except RecordError as error:
                problems.append(str(error))
        if problems:
            raise RecordError("\n".join(problems))
        return tuple(found)

    def write_study(self, study: StudyRecord) -> None:
        """Store the record of a study."""
        path = self.study_folder(study.key) / "study.json"
        with _writing(path):
            write_whole(path, json.dumps(dataclasses.asdict(study)).encode(), store=self.root)

    def read_study(self, key: str) -> StudyRecord | None:
        """Return the record of a study, or None where there is none."""
        path = self.study_folder(key) / "study.json"
        return load(path, study_record, STUDY_VERSION) if path.exists() else None

    def study_folder(self, key: str) -> Path:
        """Return where a study has its record and its figures."""
        return self.root / "studies" / key

    def write_sheets(self, fingerprint: str, songs: Iterable[Song]) -> None:
        """Store what pages show of the songs of a dataset."""
        path = self._sheets(fingerprint)
        content = json.dumps(to_json(songs)).encode()
        with _writing(path):
            if not path.exists() or path.read_bytes() != content:
                write_whole(path, content, store=self.root)

    def read_sheets(self, fingerprint: str) -> Mapping[str, SongSheet]:
        """Return the same by song id; nothing where it is unknown or damaged: pages do without."""
        path = self._sheets(fingerprint)
        try:
            return load(path, from_json, SHEETS_VERSION) if path.exists() else {}
        except RecordError:
            return {}

    def sweep(self) -> None:
        """Remove what a killed run left half written."""
        sweep(self.root)

    @property
    def records(self) -> Path:
        """Where the records lie."""
        return self.root / "records"

    def _folder(self, key: str) -> Path:
        return self.records / key

    def _sheets(self, fingerprint: str) -> Path:
        return self.root / "songs" / f"{fingerprint}.json"


def _written(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Say what could not be written where a disk is full, read-only, or gone."""
    try:
        yield
    except OSError as error:
        raise RecordError(
            f"{path}: cannot be written ({error.strerror or error}); what was finished before is "
            f"kept: mend it and run the same command again"
        ) from error


def _arrays(predictions: Predictions) -> dict[str, Any]:
    names = [field.name for field in dataclasses.fields(predictions)]
    return {name: getattr(predictions, name) for name in names}


def _replace(draft: Path, folder: Path) -> None:
    """Put `draft` where `folder` may be; somebody else may be doing the same."""
    for number in count():
        replaced = draft.with_name(f"replaced-{number}")
        with contextlib.suppress(FileNotFoundError):
            folder.rename(replaced)
        try:
            draft.rename(folder)
        except BaseException as error:
            if isinstance(error, OSError) and folder.exists():
                continue  # another process was faster
            if replaced.exists():
                replaced.rename(folder)
            raise
        else:
            return
