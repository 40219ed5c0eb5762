"""Records from what lies on disk: damage and other versions are named, not guessed around."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from benchmark.errors import RecordError
from benchmark.records.job import (
    CellPlan,
    JobRecord,
    Manifest,
    RaterErrors,
    Shared,
    TrainingCard,
    Tuning,
)
from benchmark.records.study import StudyRecord, TrialRecord

T = TypeVar("T")


def load(path: Path, build: Callable[[dict[str, Any]], T], version: int) -> T:
    """Build what a JSON file holds; a file that is damaged or of another schema is named."""
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        if fields.get("schema_version") == version:
            return build(fields)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise RecordError(f"{path}: cannot be read ({error}); delete it and run again") from error
    raise RecordError(
        f"{path}: schema_version {fields.get('schema_version')!r}, this version reads "
        f"{version}; delete it and run again"
    )


def job_record(fields: dict[str, Any]) -> JobRecord:
    """Build the record of a job, without its predictions."""
    card = fields["card"]
    curves = {name: tuple(values) for name, values in card["curves"].items()}
    card = TrainingCard(**{**card, "curves": curves, "notes": tuple(card["notes"])})
    return JobRecord(**{**fields, "card": card, "constants": tuple(fields["constants"])})


def manifest(fields: dict[str, Any]) -> Manifest:
    """Build a manifest."""
    cells = tuple(
        CellPlan(
            **{
                **cell,
                "jobs": tuple(cell["jobs"]),
                "subsets": tuple(cell["subsets"]),
                "shared": Shared(**cell["shared"]),
                "tuning": _tuning(cell.get("tuning")),
            }
        )
        for cell in fields["cells"]
    )
    raters = {
        target: {song: RaterErrors(**errors) for song, errors in songs.items()}
        for target, songs in fields["raters"].items()
    }
    return Manifest(
        **{
            **fields,
            "arguments": tuple(fields["arguments"]),
            "notes": tuple(fields["notes"]),
            "cells": cells,
            "raters": raters,
        }
    )


def _tuning(fields: dict[str, Any] | None) -> Tuning | None:
    return Tuning(**{**fields, "studies": tuple(fields["studies"])}) if fields else None


def study_record(fields: dict[str, Any]) -> StudyRecord:
    """Build the record of a study."""
    trials = tuple(
        TrialRecord(**{**trial, "steps": tuple(map(tuple, trial["steps"]))})
        for trial in fields["trials"]
    )
    return StudyRecord(**{**fields, "trials": trials})
