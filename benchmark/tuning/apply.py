"""The winner of a study as an experiment file that `run` takes.

It says on which songs its parameters were chosen: a row that is tested on any of them is marked
optimistic, and ranked in no table.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from benchmark.config import Experiment
from benchmark.config.components import entry_of
from benchmark.config.overrides import apply as override_apply
from benchmark.config.overrides import parse_overrides
from benchmark.errors import ConfigError, Problem
from benchmark.interfaces import Component
from benchmark.records import StudyRecord
from benchmark.records.atomic import write_whole
from benchmark.tuning.campaign import Campaign
from benchmark.tuning.winners import Records, configuration

WRITTEN = "# Written by `python -m benchmark tune --apply`"


def places(experiment: Experiment) -> dict[str, Path]:
    """Return where the file of each target will lie: beside that of the experiment.

    Raises
    ------
    ConfigError
        If there is such a file that was not written by `apply`.
    """
    file = experiment.file
    found = {
        target: file.with_name(f"{file.stem}_tuned_{target}.yaml") for target in experiment.targets
    }
    message = "is there already, and not by tune --apply; rename or remove it"
    foreign = [
        Problem(path, "", message)
        for path in found.values()
        if path.exists() and not path.read_text(encoding="utf-8").startswith(WRITTEN)
    ]
    if foreign:
        raise ConfigError(foreign)
    return found


def apply(campaign: Campaign, records: Records) -> Iterator[Path]:
    """Write a file per target, and yield its path; raises what `places` does.

    In `mode: nested` the parameters are those of a study on all songs, as the winners of the outer
    folds may differ; in `mode: single` those that were tested.
    """
    experiment = campaign.plan.experiment
    single = campaign.search.mode == "single"
    for target, path in places(experiment).items():
        study = records[target, campaign.folds[0].index if single else None]
        if study.best is None:
            continue
        write_whole(path, _text(campaign, study, f"{experiment.name}_tuned_{target}").encode())
        yield path


def _text(campaign: Campaign, study: StudyRecord, name: str) -> str:
    assert study.best is not None
    experiment = campaign.plan.experiment
    raw = yaml.safe_load(experiment.file.read_text(encoding="utf-8"))
    for override in parse_overrides(experiment.settings, []):
        override_apply(raw, override)
    chosen = configuration(campaign.search, study)
    fold = next((fold for fold in campaign.folds if fold.index == study.fold), None)
    corpus, before = campaign.plan.corpus, experiment.chosen_on
    songs = set(fold.learned if fold else [song.id for song in corpus.songs])
    if before and before.knows(corpus):  # what is not chosen now was chosen then
        songs.update(before.songs)
    content = {
        **{key: value for key, value in raw.items() if key not in ("search", "chosen_on")},
        "name": name,
        "features": [_entry(chosen.feature)] if chosen.feature else [],
        "models": [_entry(chosen.model)],
        "targets": [study.target],
        "chosen_on": {
            "dataset": corpus.title,
            "fingerprint": corpus.fingerprint,
            "songs": sorted(songs),
        },
    }
    head = (
        f"{WRITTEN}: trial {study.best.number} of {len(study.trials)}\n"
        f"# of study {study.name!r}, inner RMSE {study.best.score:.4f}\n"
        f"# ({campaign.search.inner.in_words}).\n"
        f"# Rows tested on the songs of chosen_on are optimistic, and marked so.\n"
    )
    body = yaml.safe_dump(content, sort_keys=False, width=100, default_flow_style=None)
    return head + body


def _entry(component: Component) -> dict[str, Any]:
    """Return the entry of a component: its name, and what differs from its defaults."""
    described = component.describe()
    defaults, entry = component.defaults(), entry_of(described)
    changed = [name for name, value in described["parameters"].items() if value != defaults[name]]
    return {name: entry[name] for name in ("name", *changed)}
