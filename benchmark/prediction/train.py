"""Fits a cell on all songs of its dataset and registers it with its cross-validated score."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import Any

from benchmark.config import Experiment
from benchmark.errors import BenchmarkError
from benchmark.evaluation.job import Job, fit_job
from benchmark.evaluation.task import Task
from benchmark.interfaces import Extractor, Predictor
from benchmark.prediction import served
from benchmark.prediction.choice import Candidate, choose
from benchmark.prediction.reading import BLOCK
from benchmark.prediction.trained import Origin, Recipe, TrainedModel, write
from benchmark.records import Fold, TrainingCard
from benchmark.reporting.numbers import interval, number
from benchmark.reporting.rows import Row
from benchmark.runner import Crew, Listener, Workspace
from benchmark.runner.frames import complete
from benchmark.runner.plan import Plan, make_job
from benchmark.runner.run import plan as make_plans
from benchmark.tracking import Registered, Submission, register

LOADING = (
    "annotated-types", "av", "mlflow", "numpy", "pandas", "pydantic", "pyyaml", "soundfile", "soxr",
)  # fmt: skip
"""What `served` imports, whatever the model."""


class TrainError(BenchmarkError):
    """A model could not be fitted or saved."""


@dataclass(frozen=True)
class Training:
    """A fit on all songs, as it travels to the process that carries it out."""

    task: Task
    recipe: Recipe
    folder: Path


def train(
    experiment: Experiment,
    workspace: Workspace,
    *,
    named: Sequence[str],
    best: Sequence[str],
    crew: Crew,
    listener: Listener,
) -> tuple[Registered, ...]:
    """Fit the chosen cells of an experiment on all its songs and register them.

    A model that stops training on validation songs gets those of the first fold for it, and trains
    on all others.

    Raises
    ------
    BenchmarkError
        Where there is no such cell, it has no score, or it cannot be fitted, saved or registered.
    """
    (plan,) = make_plans([experiment], workspace, crew=crew, listener=listener)
    chosen = choose(plan, workspace.records, named=named, best=best)
    jobs = {candidate.cell: _job(candidate, plan) for candidate in chosen}
    broken = complete([(plan, job) for job in jobs.values()], pool=crew.here, listener=listener)
    if broken:
        raise TrainError(next(iter(broken.values())))
    listener.stage("models", len(chosen))
    registered: list[Registered] = []
    for candidate in chosen:
        job = jobs[candidate.cell]
        with tempfile.TemporaryDirectory(prefix="mer-benchmark-") as scratch:
            recipe = Recipe(
                feature=job.feature if isinstance(job.feature, Extractor) else None,
                model=job.model,
                targets=job.targets,
                origin=_origin(candidate, job, plan),
            )
            training = Training(plan.task(job), recipe, Path(scratch) / "trained")
            (outcome,) = crew.here.run(_fit, [training], threads=job.threads)
            if outcome.result is None:
                raise TrainError(f"{candidate.cell.label}: {outcome.error}")
            submission = _submission(candidate, training, outcome.result, plan)
            registered += register(submission, workspace.records, workspace.tracking)
        listener.advance(candidate.cell.label)
    return tuple(registered)


def _job(candidate: Candidate, plan: Plan) -> Job:
    """Return the job that has all songs to learn from, and none to test."""
    cell = candidate.cell
    validation = set(plan.folds[cell.protocol][0].validation)
    songs = [song.id for song in plan.corpus.songs]
    fold = Fold(
        0,
        train=tuple(sorted(song for song in songs if song not in validation)),
        validation=tuple(sorted(validation)),
        test=(),
    )
    return make_job(cell, fold, cell.seeds[0], plan.material.digests(cell.targets, cell.feature))


def _fit(training: Training) -> TrainingCard:
    """Fit and save; runs in a process of its own."""
    task = training.task
    predictor: Predictor = fit_job(replace(task.job), task.songs).predictor
    write(training.folder, TrainedModel(training.recipe, predictor))
    return predictor.card


def _origin(candidate: Candidate, job: Job, plan: Plan) -> Origin:
    """Say in words what a model learned from, and how well it did in cross-validation."""
    trained = f"{len(job.fold.train)} songs of {plan.corpus.title}"
    if job.model.validates:
        trained += f", stopped by {len(job.fold.validation)} others"
    else:
        trained = f"all {len(job.fold.learned)} songs of {plan.corpus.title}"
    return Origin(
        experiment=plan.experiment.name,
        cell=candidate.cell.label,
        trained_on=trained,
        cross_validated=_score(candidate),
        ratings_begin=f"{min(song.times[0] for song in plan.corpus.songs):g} s",
        synthetic=plan.corpus.synthetic,
        citation=plan.corpus.citation,
        licence=plan.corpus.licence,
    )


def _score(candidate: Candidate) -> str:
    """Say how well it did; with several targets, on each."""
    targets = candidate.cell.targets
    said = {target: _row_in_words(candidate.rows[target]) for target in targets}
    if len(targets) == 1:
        return said[targets[0]]
    return "; ".join(f"{target} {words}" for target, words in said.items())


def _row_in_words(row: Row) -> str:
    assert row.result
    score = row.result.score
    spread = f" ± {number(score.rmse_std)} (SD over folds)" if score.rmse_std >= 0 else ""
    flags = "; ".join(f"{alarm.kind}: {alarm.words}" for alarm in row.alarms)
    return (
        f"{f'⚠ {flags}. ' if flags else ''}RMSE {number(score.rmse)}{spread}, 95 % over songs "
        f"{interval(row.result.over_songs.rmse, 3)}, skill {number(score.skill, 3)} "
        f"({row.protocol}, {score.n_songs:,} songs)"
    )


def _metrics(candidate: Candidate) -> dict[str, float]:
    """Return the scores by name; with several targets, prefixed, as those of cells are."""
    found = {}
    for target, row in candidate.rows.items():
        assert row.result
        prefix = f"{target}_" if len(candidate.rows) > 1 else ""
        for name in ("rmse", "rmse_std", "skill"):
            found[prefix + name] = getattr(row.result.score, name)
    return found


def _submission(
    candidate: Candidate, training: Training, card: TrainingCard, plan: Plan
) -> Submission:
    cell, origin = candidate.cell, training.recipe.origin
    key = json.dumps(training.task.job.description, sort_keys=True)
    return Submission(
        names=tuple(f"mer-{target}" for target in candidate.serves),
        experiment=plan.experiment.name,
        title=f"{cell.label}, trained on {origin.trained_on}",
        description=(f"{cell.label}: {origin.cross_validated}. Trained on {origin.trained_on}."),
        data=training.folder,
        loader=served.__name__,
        code=Path(__file__).parents[1],
        requirements=_requirements(cell.feature, cell.model),
        input="string",
        outputs={served.PATH: "string", **dict.fromkeys(("time", *cell.targets), "double")},
        example=[str(song.audio.absolute()) for song in plan.corpus.songs[:1] if song.audio],
        params={
            "feature": cell.feature_label,
            "model": cell.model.label,
            "target": "+".join(cell.targets),
            "training_songs": len(training.task.job.fold.learned),
            "block_seconds": BLOCK,
        },
        metrics=_metrics(candidate),
        curves=card.curves,
        tags={
            "mer.trained": hashlib.sha256(key.encode()).hexdigest(),
            "dataset": plan.corpus.title,
            "dataset.fingerprint": plan.corpus.fingerprint,
            "dataset.synthetic": str(plan.corpus.synthetic).lower(),
        },
    )


def _requirements(*components: Any) -> tuple[str, ...]:
    """Return the pinned distributions that loading and predicting import."""
    names = set(LOADING)
    owners = packages_distributions()
    for component in [part for one in components if one is not None for part in one.family()]:
        names.update(component.libraries)
        package = type(component).__module__.partition(".")[0]
        if package != __name__.partition(".")[0]:  # a plug-in
            names.update(owners.get(package, ()))
        if "scikit-learn" in component.libraries:
            names.add("skops")
    return tuple(f"{name}=={version(name)}" for name in sorted(names))
