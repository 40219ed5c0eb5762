"""The metrics of a run, from records: scores, intervals, costs, and what tuning believed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from statistics import fmean

from benchmark.evaluation.scores import score, song_table
from benchmark.evaluation.statistics import cluster_bootstrap
from benchmark.evaluation.tuned import Studies, tuned_row
from benchmark.records import CellPlan, JobRecord

CARD = {
    "parameters": "parameters_total",
    "trainable_parameters": "parameters_trainable",
    "examples": "training_windows",
    "epochs": "epochs_run",
    "patience": "patience",
}
"""Fields of a training card and the metrics they become (means over the jobs of a cell)."""


def scores(cell: CellPlan, jobs: Sequence[JobRecord]) -> dict[str, float]:
    """Return the scores by name; with several targets, prefixed by target."""
    targets = cell.description["targets"]
    metrics = {
        name if len(targets) == 1 else f"{target}_{name}": float(value)
        for target in targets
        for name, value in asdict(score(jobs, target)).items()
    }
    return {name: value for name, value in metrics.items() if not math.isnan(value)}


def intervals(cell: CellPlan, jobs: Sequence[JobRecord]) -> dict[str, float]:
    """Return the ends of the 95 % intervals over songs; with several targets, prefixed."""
    targets = cell.description["targets"]
    metrics = {}
    for target in targets:
        prefix = "" if len(targets) == 1 else f"{target}_"
        bootstrap = cluster_bootstrap(song_table(jobs, target).songs)
        for name, interval in (("rmse", bootstrap.rmse), ("skill", bootstrap.skill)):
            metrics[f"{prefix}{name}_low"] = interval.low
            metrics[f"{prefix}{name}_high"] = interval.high
    return {name: value for name, value in metrics.items() if not math.isnan(value)}


def costs(jobs: Sequence[JobRecord]) -> dict[str, float]:
    """Return what jobs cost: seconds, all together, and the mean of each count."""
    costs = {
        "seconds": sum(job.seconds for job in jobs),
        "training_seconds": sum(job.fit_seconds for job in jobs),
    }
    for name, metric in CARD.items():
        values = [value for job in jobs if (value := getattr(job.card, name)) is not None]
        if values:
            costs[metric] = fmean(values)
    return costs


def optimism(cell: CellPlan, jobs: Sequence[JobRecord], studies: Studies) -> dict[str, float]:
    """Return what tuning believed and how much too much; nothing of a row that was not tuned."""
    found = tuned_row(cell, jobs, cell.description["targets"][0], studies)
    return {"tuning_optimism": found.optimism, "inner_rmse": found.inner} if found else {}
