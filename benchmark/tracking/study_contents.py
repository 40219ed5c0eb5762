"""What the runs of a study show: a parent with its figures, a child per trial."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from benchmark.records import Manifest, StudyRecord, TrialRecord
from benchmark.tracking.contents import Content

STATUS: dict[str, Literal["FINISHED", "FAILED", "KILLED"]] = {
    "complete": "FINISHED",
    "failed": "FAILED",
    "pruned": "KILLED",
}


def of_study(manifest: Manifest, study: StudyRecord, figures: Sequence[Path]) -> Content:
    """Return the content of a study's parent run: what it chose from, what won."""
    best, untuned = study.best, study.untuned
    description = study.description
    started = [trial.started_at for trial in study.trials]
    scores = {
        "inner_rmse": best and best.score,
        "untuned_inner_rmse": untuned and untuned.score,
    }
    return Content(
        name=f"study: {study.name}",
        started_at=min(started),
        ended_at=max(trial.started_at + trial.seconds for trial in study.trials),
        params={
            "target": study.target,
            "fold": "all songs" if study.fold is None else study.fold,
            **{name: description[name] for name in ("sampler", "pruner", "seed")},
            "inner": description["inner"]["name"],
            **({"best.trial": best.number, **_parameters(best, "best.")} if best else {}),
        },
        tags={
            "mer.study": study.key,
            "dataset": manifest.dataset["title"],
            "dataset.fingerprint": manifest.dataset["fingerprint"],
        },
        metrics={
            **{name: value for name, value in scores.items() if isinstance(value, float)},
            **{f"trials_{state}": float(study.count(state)) for state in STATUS},  # type: ignore[arg-type]
            "seconds": sum(trial.seconds for trial in study.trials),
        },
        figures=figures,
        status="FINISHED" if best else "FAILED",
    )


def of_trial(study: StudyRecord, trial: TrialRecord) -> Content:
    """Return the content of a trial's run. `reported` is what the pruner saw, at its steps."""
    return Content(
        name=f"trial {trial.number}, {trial.state}",
        started_at=trial.started_at,
        ended_at=trial.started_at + trial.seconds,
        params=_parameters(trial, ""),
        tags={
            "mer.job": f"{study.key} {trial.number}",
            "mer.state": trial.state,
            **({"failure": trial.reason} if trial.reason else {}),
        },
        metrics={
            "seconds": trial.seconds,
            **({} if trial.score is None else {"inner_rmse": trial.score}),
        },
        curves={"reported": trial.steps} if trial.steps else {},
        status=STATUS[trial.state],
    )


def _parameters(trial: TrialRecord, prefix: str) -> dict[str, object]:
    chosen = {"feature": trial.feature, "model": trial.model, **trial.parameters}
    return {f"{prefix}{name}": value for name, value in chosen.items()}
