"""Records on disk: one folder a job, written whole by an atomic rename."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.errors import RecordError
from benchmark.records.job import (
    SCHEMA_VERSION,
    CellPlan,
    JobRecord,
    Manifest,
    Predictions,
    TrainingCard,
)


class RecordStore:
    """Job records under `root/records/<key>/` and manifests under `root/experiments/<name>.json`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, record: JobRecord) -> None:
        """Store `record`; a reader sees all of it or none of it, and never an older one in part."""
        folder = self._folder(record.key)
        with temporary_sibling(folder) as draft:
            draft.mkdir()
            fields = {
                field.name: getattr(record, field.name)
                for field in dataclasses.fields(record)
                if field.name not in ("predictions", "card")
            }
            fields["card"] = dataclasses.asdict(record.card)
            if record.predictions is not None:
                np.savez(draft / "predictions.npz", **vars(record.predictions))
            (draft / "record.json").write_text(json.dumps(fields, indent=1), encoding="utf-8")
            if folder.exists():
                shutil.rmtree(folder)
            draft.rename(folder)

    def read(self, key: str) -> JobRecord | None:
        """Return the record stored under `key`, or None where there is none."""
        folder = self._folder(key)
        if not (folder / "record.json").exists():
            return None
        fields = _load_json(folder / "record.json")
        card = dict(fields.pop("card"))
        card["curves"] = {name: tuple(values) for name, values in card["curves"].items()}
        card["notes"] = tuple(card["notes"])
        fields["constants"] = tuple(fields["constants"])
        predictions = None
        if not fields["error"]:
            try:
                with np.load(folder / "predictions.npz") as stored:
                    predictions = Predictions(**stored)
            except (OSError, ValueError, TypeError) as error:
                raise RecordError(
                    f"{folder}: predictions cannot be read ({error}); delete the folder and run again"
                ) from error
        return JobRecord(**fields, card=TrainingCard(**card), predictions=predictions)

    def write_manifest(self, manifest: Manifest) -> None:
        """Store the manifest of an experiment, replacing that of its last run."""
        path = self.root / "experiments" / f"{manifest.name}.json"
        with temporary_sibling(path) as draft:
            draft.write_text(json.dumps(dataclasses.asdict(manifest), indent=1), encoding="utf-8")
            draft.replace(path)

    def manifests(self) -> tuple[Manifest, ...]:
        """Return the manifests of all experiments, by name."""
        return tuple(
            _manifest(_load_json(path)) for path in sorted((self.root / "experiments").glob("*.json"))
        )

    def _folder(self, key: str) -> Path:
        return self.root / "records" / key


@contextmanager
def temporary_sibling(path: Path) -> Iterator[Path]:
    """Yield an unused path beside `path` (so a rename to it is atomic); remove what is left of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    holder = Path(tempfile.mkdtemp(prefix=f".{path.name}-{os.getpid()}-", dir=path.parent))
    try:
        yield holder / path.name
    finally:
        shutil.rmtree(holder, ignore_errors=True)


def _load_json(path: Path) -> dict[str, Any]:
    try:
        fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RecordError(f"{path}: cannot be read ({error}); delete it and run again") from error
    if fields.get("schema_version") != SCHEMA_VERSION:
        raise RecordError(
            f"{path}: schema_version {fields.get('schema_version')!r}, this version reads "
            f"{SCHEMA_VERSION}; delete it and run again"
        )
    return fields


def _manifest(fields: Mapping[str, Any]) -> Manifest:
    cells = tuple(CellPlan(**{**cell, "jobs": tuple(cell["jobs"])}) for cell in fields["cells"])
    return Manifest(**{**fields, "notes": tuple(fields["notes"]), "cells": cells})
