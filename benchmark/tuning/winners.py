"""What won the studies of an experiment, as a row: a job a fold, each with its own parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from optuna.trial import FixedTrial

from benchmark.config import Cell
from benchmark.config.experiment import about
from benchmark.config.search import Candidate, Search
from benchmark.interfaces import Feature, Model
from benchmark.records import StudyRecord, Tuning
from benchmark.runner.plan import Plan
from benchmark.tuning.campaign import Campaign
from benchmark.tuning.space import Configuration, suggested

Records = Mapping[tuple[str, int | None], StudyRecord]
"""The studies of a campaign, by target and outer fold."""


@dataclass(frozen=True, kw_only=True)
class TunedCell(Cell):
    """A row whose feature and model are those of the winner in each fold."""

    search: Search

    @property
    def feature_label(self) -> str:
        return _labels(self.search.features)

    @property
    def label(self) -> str:
        return f"{self.feature_label} / {self.model_label} / {'+'.join(self.targets)}"

    @property
    def model_label(self) -> str:
        return f"{_labels(self.search.models)}, tuned"

    def describe(self) -> dict[str, Any]:
        """Return what the row is; of each part what all folds have in common."""
        return {
            **super().describe(),
            "feature": _common(self.search.features),
            "feature_label": self.feature_label,
            "model": _common(self.search.models) or {"name": "tuned", "parameters": {}},
            "model_label": self.model_label,
            "about": {
                group: about(candidate.component for candidate in candidates)
                for group, candidates in (
                    ("features", self.search.features),
                    ("models", self.search.models),
                )
            },
        }


def tuned(campaign: Campaign, records: Records) -> Plan:
    """Return the plan that tests what won; a target with a study without a winner is left out."""
    plan, search = campaign.plan, campaign.search
    experiment = plan.experiment
    cells = []
    for target in experiment.targets:
        studies = [records[target, fold.index] for fold in campaign.folds]
        if not all(study.best for study in studies):
            continue
        cell = TunedCell(
            dataset=experiment.dataset,
            feature=_first(search.features, Feature),
            model=_first(search.models, Model),
            targets=(target,),
            protocol=experiment.protocols[0],
            seeds=experiment.seeds,
            threads=experiment.threads,
            search=search,
            tuning=Tuning(
                mode=search.mode,
                trials=campaign.wanted,
                sampler=search.sampler,
                pruner=search.pruner,
                inner=search.inner.in_words,
                studies=tuple(study.key for study in studies),
            ),
        )
        chosen = [campaign.bench.cell(target, configuration(search, study)) for study in studies]
        jobs = [
            campaign.bench.job(one, fold, seed)
            for one, fold in zip(chosen, campaign.folds, strict=True)
            for seed in experiment.seeds
        ]
        cells.append((cell, tuple(jobs)))
    return replace(
        campaign.plan,  # not as above: its material has grown by what won
        experiment=replace(experiment, name=f"{experiment.name}+tuned"),
        cells=tuple(cells),
        command="tune",
        options=_options(campaign),
    )


def _options(campaign: Campaign) -> tuple[str, ...]:
    """Return the options of the command that decide how many trials there are."""
    options: list[str] = []
    if campaign.wanted != campaign.search.trials:
        options += ["--trials", str(campaign.wanted)]
    if campaign.seconds is not None:
        options += ["--timeout", f"{campaign.seconds:g}"]
    return tuple(options)


def configuration(search: Search, study: StudyRecord) -> Configuration:
    """Return what won a study."""
    assert study.best is not None
    return suggested(search, FixedTrial(dict(study.best.parameters)))


def without_winner(records: Records) -> tuple[str, ...]:
    """Say of each study that has no winner why not."""
    return tuple(_trouble(record) for record in records.values() if not record.best)


def _trouble(record: StudyRecord) -> str:
    if not record.trials:
        return f"{record.name}: no trial has ended"
    reasons = [f"{count} failed: {reason}" for reason, count in record.failures.most_common()]
    reasons += [f"{pruned} pruned"] if (pruned := record.count("pruned")) else []
    return (
        f"{record.name}: none of {len(record.trials)} trials has a score ({'; '.join(reasons)}); "
        f"mend the reason and give more --trials, or another search.seed"
    )


def _labels(group: Sequence[Candidate]) -> str:
    """Return the labels of candidates, but for what is chosen anyway."""
    labels = [candidate.component.label_without(candidate.free) for candidate in group]
    return " or ".join(dict.fromkeys(labels)) or "none"


def _common(group: Sequence[Candidate]) -> dict[str, Any] | None:
    """Return the description of the only candidate, without what was free; None of several."""
    if len(group) != 1:
        return None
    described = group[0].component.describe()
    parameters = described["parameters"].items()
    fixed = {name: value for name, value in parameters if name not in group[0].free}
    return {**described, "parameters": fixed}


def _first(group: Sequence[Candidate], base: type[Any]) -> Any:
    return next((one.component for one in group if isinstance(one.component, base)), None)
