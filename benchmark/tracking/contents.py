"""What a run shows: parameters, tags, metrics and tables, made from records. Knows no client.

`CONTENTS_VERSION` (in `mark`, which does without pandas and MLflow) is raised when this changes.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from mlflow.entities import Dataset, DatasetInput, InputTag

from benchmark.evaluation.alarm import alarms, kinds, of_folds
from benchmark.evaluation.oracles import song_mean
from benchmark.evaluation.scores import score
from benchmark.evaluation.tuned import Studies
from benchmark.records import CellPlan, JobRecord, Manifest
from benchmark.tracking.measures import costs, intervals, optimism, scores


@dataclass(frozen=True)
class Content:
    """Everything that is logged to one run; times in seconds since the epoch, curves by step."""

    name: str
    started_at: float
    ended_at: float
    params: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    curves: Mapping[str, Sequence[tuple[int, float]]] = field(default_factory=dict)
    dataset: DatasetInput | None = None
    table: pd.DataFrame | None = None
    figures: Sequence[Path] = ()
    status: Literal["FINISHED", "FAILED", "KILLED"] = "FINISHED"


def of_cell(
    manifest: Manifest, cell: CellPlan, jobs: Sequence[JobRecord], studies: Studies
) -> Content:
    """Return the content of a parent run: scores over all jobs, or why there are none."""
    failures = [job for job in jobs if not job.finished]
    description = cell.description
    target = "+".join(description["targets"])
    found = _alarms(manifest, cell, [] if failures else jobs)
    name = f"{description['feature_label']} / {description['model_label']} / {target}"
    return Content(
        name=f"⚠ {found['mer.alarm']}: {name}" if found else name,
        started_at=min(job.started_at for job in jobs),
        ended_at=max(_ended(job) for job in jobs),
        params={
            "feature": description["feature_label"],
            "model": description["model_label"],
            "target": target,
            "protocol": description["protocol_label"],
            "training_songs": f"{cell.n_training_songs:g}",
            "seeds": description["seeds"],
            "threads": description["threads"],
            **_parameters("feature", description["feature"]),
            **_parameters("model", description["model"]),
            **_parameters("protocol", description["protocol"]),
            **_tuning(cell),
        },
        tags={
            "dataset": manifest.dataset["title"],
            "dataset.fingerprint": manifest.dataset["fingerprint"],
            "dataset.synthetic": str(manifest.dataset["synthetic"]).lower(),
            "protocol": description["protocol_in_words"],
            "mlflow.source.name": shlex.join(["benchmark", manifest.command, *manifest.arguments]),
            "mlflow.source.type": "LOCAL",
            **{f"track.{name}": track for name, track in cell.tracks.items()},
            "folds": cell.folds,
            **found,
            **_origin(jobs),
            **({"failure": failures[0].reason} if failures else {}),
            **_notes(jobs),
        },
        metrics={}
        if failures
        else {
            **scores(cell, jobs),
            **intervals(cell, jobs),
            **costs(jobs),
            **optimism(cell, jobs, studies),
        },
        dataset=_dataset(manifest),
        status="FAILED" if failures else "FINISHED",
    )


def of_job(cell: CellPlan, job: JobRecord) -> Content:
    """Return the content of a child run: one fold and seed.

    Its metrics have names of their own (`fold_rmse`): MLflow's table sorts all runs by a metric,
    and sorting by `rmse` is to rank the cells.
    """
    fold, seed = job.description["fold"], job.description["seed"]
    name = f"fold {fold['index']}, seed {seed}"
    metrics = {**scores(cell, [job]), **costs([job])} if job.finished else {}
    return Content(
        name=f"⚠ {flaw}: {name}" if (flaw := cell.description["flaw"]) else name,
        started_at=job.started_at,
        ended_at=_ended(job),
        params={
            "fold": fold["index"],
            "seed": seed,
            **{f"{part}_songs": len(fold[part]) for part in ("train", "validation", "test")},
            **(_chosen(job) if cell.tuning else {}),
        },
        tags={
            "mer.job": job.key,
            **_origin([job]),
            **_notes([job]),
            **({"failure": job.error} if job.error else {}),
        },
        metrics={f"fold_{name}": value for name, value in metrics.items()},
        curves={name: list(enumerate(curve, 1)) for name, curve in job.card.curves.items()},
        table=_predictions(job) if job.finished else None,
        status="FINISHED" if job.finished else "FAILED",
    )


def _parameters(part: str, description: Mapping[str, Any] | None) -> dict[str, Any]:
    parameters = description["parameters"] if description else {}
    return {f"{part}.{name}": value for name, value in parameters.items()}


def _tuning(cell: CellPlan) -> dict[str, Any]:
    """Return how parameters were chosen, if they were."""
    if cell.tuning is None:
        return {}
    how = {name: value for name, value in asdict(cell.tuning).items() if name != "studies"}
    return {f"tuning.{name}": value for name, value in how.items()}


def _chosen(job: JobRecord) -> dict[str, Any]:
    """Return what a study chose for this fold."""
    described = {part: job.description[part] for part in ("feature", "model")}
    return {
        **{part: found["name"] if found else "none" for part, found in described.items()},
        **{k: v for part, found in described.items() for k, v in _parameters(part, found).items()},
    }


def _origin(jobs: Sequence[JobRecord]) -> dict[str, str]:
    """Return commit, versions and machine; where jobs differ, each value once."""
    tags: dict[str, list[str]] = {}
    for job in jobs:
        versions = {f"version.{name}": v for name, v in job.description["libraries"].items()}
        for name, value in {**job.environment, **versions}.items():
            if value not in tags.setdefault(name, []):
                tags[name].append(value)
    return {name: ", ".join(values) for name, values in tags.items()}


def _notes(jobs: Sequence[JobRecord]) -> dict[str, str]:
    notes = list(dict.fromkeys(note for job in jobs for note in job.card.notes))
    return {"training.notes": "; ".join(notes)} if notes else {}


def _alarms(manifest: Manifest, cell: CellPlan, jobs: Sequence[JobRecord]) -> dict[str, str]:
    """Return the tag that says why a cell is not to be believed; none for one that is."""
    found = list(of_folds(cell.shared))
    for target in cell.tracks if jobs else ():
        of_target = alarms(
            manifest,
            cell,
            jobs,
            target,
            reached=score(jobs, target),
            song_mean=song_mean(jobs, target),
        )
        mine = [alarm for alarm in of_target if alarm not in of_folds(cell.shared)]
        if len(cell.tracks) > 1:
            mine = [replace(alarm, words=f"{target}: {alarm.words}") for alarm in mine]
        found += mine
    if not found:
        return {}
    lines = dict.fromkeys(f"{alarm.kind}: {alarm.words}" for alarm in found)
    return {"mer.alarm": kinds(found), "mer.alarm.words": "; ".join(lines)}


def _ended(job: JobRecord) -> float:
    return job.started_at + job.seconds


def _dataset(manifest: Manifest) -> DatasetInput:
    dataset = manifest.dataset
    source = {"name": dataset["name"], "parameters": dataset["parameters"]}
    return DatasetInput(
        Dataset(
            name=dataset["title"],
            digest=dataset["fingerprint"][:16],
            source_type="local",
            source=json.dumps(source),
            profile=json.dumps({"songs": dataset["n_songs"], "citation": dataset["citation"]}),
        ),
        [InputTag("mlflow.data.context", "cross-validation")],
    )


def _predictions(job: JobRecord) -> pd.DataFrame:
    """Return every label of every test song beside its prediction."""
    stored = job.predictions
    assert stored is not None
    table: dict[str, Any] = {"song": stored.songs, "time": stored.times}
    for index, target in enumerate(job.description["targets"]):
        table[f"{target}_label"] = stored.labels[:, index]
        table[f"{target}_prediction"] = stored.values[:, index]
    return pd.DataFrame(table)
