"""What an experiment consists of, so that tables can be made from records alone."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmark.config import Cell, Experiment
from benchmark.evaluation.job import Job
from benchmark.evaluation.leakage import shared
from benchmark.evaluation.raters import agreement
from benchmark.interfaces import Extractor, Feature, Protocol
from benchmark.records import CellPlan, Manifest, Shared
from benchmark.records.song import content_hash
from benchmark.runner.plan import Plan

SCORING_VERSION = 1
"""Raise it when scores of the same predictions change their meaning: tracks start anew."""


def manifest_of(plan: Plan) -> Manifest:
    """Say what the experiment consists of, so tables can be made from records alone."""
    return Manifest(
        command=plan.command,
        name=plan.experiment.name,
        arguments=(*_arguments(plan.experiment), *plan.options),
        dataset={
            **plan.experiment.dataset.describe(),
            "title": plan.corpus.title,
            "known_as": plan.corpus.known_as,
            "synthetic": plan.corpus.synthetic,
            "citation": plan.corpus.citation,
            "licence": plan.corpus.licence,
            "fingerprint": plan.corpus.fingerprint,
            "n_songs": len(plan.corpus.songs),
            "floors": dict(plan.corpus.floors),
            "scale": list(plan.corpus.scale),
            "rated": "songs" if math.isinf(plan.experiment.dataset.period) else "half seconds",
        },
        notes=plan.corpus.notes,
        cells=_cells(plan),
        raters={target: agreement(plan.corpus.songs, target) for target in plan.experiment.targets},
    )


def _cells(plan: Plan) -> tuple[CellPlan, ...]:
    """Return the cells; what several have in common is found once."""
    sides = {protocol: _sides(plan, protocol) for protocol in plan.experiment.protocols}
    found: dict[tuple[Any, ...], Shared] = {}
    cells = []
    for cell, jobs in plan.cells:
        features = tuple(dict.fromkeys(job.feature for job in jobs))
        reach = max(_reach(job) for job in jobs)
        heard = cell.protocol, cell.targets, features, reach
        if heard not in found:
            found[heard] = _shared(plan, cell, features, reach)
        cells.append(
            replace(
                sides[cell.protocol],
                description=cell.describe(),
                tracks={target: _track(plan, cell.protocol, target) for target in cell.targets},
                jobs=tuple(job.key for job in jobs),
                shared=found[heard],
                tuning=cell.tuning,
            )
        )
    return tuple(cells)


def _sides(plan: Plan, protocol: Protocol) -> CellPlan:
    """Return what a cell has of its protocol alone: who trains, who tests."""
    folds = plan.folds[protocol]
    tested = {song for fold in folds for song in fold.test}
    subsets = {song.groups.get("subset", "") for song in plan.corpus.songs if song.id in tested}
    return CellPlan(
        description={},
        tracks={},
        jobs=(),
        n_test_songs=len(tested),
        n_training_songs=fmean(len(set(fold.learned)) for fold in folds),
        folds=content_hash([json.dumps(fold.describe(), sort_keys=True) for fold in folds]),
        tested=content_hash([json.dumps(fold.test) for fold in folds]),
        subsets=tuple(sorted(subsets)),
    )


def _shared(plan: Plan, cell: Cell, features: Sequence[Feature | None], reach: float) -> Shared:
    """Look for what is on both sides; several features, where each fold has chosen its own."""
    chosen = plan.experiment.chosen_on
    sources = {
        song.id: " ".join(plan.material.source(song, feature) for feature in features)
        for song in plan.corpus.songs
    }
    return shared(
        plan.folds[cell.protocol],
        plan.corpus.songs,
        cell.targets,
        sources,
        reach=reach,
        decided=chosen.songs if chosen and chosen.knows(plan.corpus) else (),
    )


def _track(plan: Plan, protocol: Protocol, target: str) -> str:
    """Hash what two rows must share to stand in one table.

    Data, target, who tests fold by fold, and what is wrong with the protocol, if anything is.
    Who trained is a column.
    """
    tested = [
        [fold.test, asdict(fold.labels) if fold.labels else None] for fold in plan.folds[protocol]
    ]
    parts = [SCORING_VERSION, plan.corpus.fingerprint, target, protocol.flaw, tested]
    return content_hash([json.dumps(part, sort_keys=True) for part in parts])


def _reach(job: Job) -> float:
    """Return the seconds of audio that decide an input, on either side of a label's middle."""
    if job.feature is None or job.model.view is None:
        return 0.0
    if math.isinf(job.feature.hop):
        return math.inf
    support = job.feature.support if isinstance(job.feature, Extractor) else 0.0
    return job.model.view.reach + support / 2


def _arguments(experiment: Experiment) -> tuple[str, ...]:
    """Return file and overrides of an experiment, without places on this machine."""
    file = experiment.file.name if experiment.file.is_absolute() else experiment.file.as_posix()
    arguments = [file]
    for setting in experiment.settings:
        key, _, value = setting.partition("=")
        arguments += ["--set", f"{key}={'PATH' if Path(value).is_absolute() else value}"]
    return tuple(arguments)
