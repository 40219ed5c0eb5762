"""Tuning that does not leak: what a study chose is tested on songs that took no part in it.

A study has the training songs of one outer fold and judges its trials on folds within them; its
winner is fitted on all of them and tested once, as any other job (nested cross-validation: Varma &
Simon 2006, https://doi.org/10.1186/1471-2105-7-91).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.config import Experiment
from benchmark.records.store import RecordStore
from benchmark.runner import Crew, Listener, Summary, Workspace
from benchmark.runner.plan import Plan
from benchmark.runner.run import carry_out, plan
from benchmark.tuning.apply import apply, places
from benchmark.tuning.campaign import Campaign, Order, campaign
from benchmark.tuning.figures import draw
from benchmark.tuning.searching import Searching
from benchmark.tuning.winners import tuned, without_winner


@dataclass(frozen=True)
class Tuned:
    """What came of it: the jobs of the winners, studies that have none, files that were written."""

    jobs: Summary
    without_winner: tuple[str, ...]
    files: tuple[Path, ...]


def tune(
    experiments: Sequence[Experiment],
    workspace: Workspace,
    order: Order,
    *,
    crew: Crew,
    listener: Listener,
) -> Tuned:
    """Run the studies of experiments, then test what won.

    Trials that have ended are kept, whatever happens; the same call goes on where one was stopped.

    Raises
    ------
    BenchmarkError
        Where an experiment has nothing to search, or data, records or studies cannot be used.
    """
    store = workspace.records
    for experiment in experiments if order.apply else ():
        places(experiment)  # one that is taken is found out before hours of searching
    plans = plan(experiments, workspace, crew=crew, listener=listener)
    campaigns = [campaign(each, order, crew.here) for each in plans]
    for each in campaigns:
        for study in each.studies.values():
            if news := study.news():
                listener.note(news)
    Searching(campaigns, store, crew.jobs, order, listener).search()
    listener.stage("studies", sum(len(each.studies) for each in campaigns))
    records = []
    for each in campaigns:
        found = {}
        for place, study in each.studies.items():
            found[place] = record = study.record(each.wanted)
            draw([study], record.name, store.study_folder(record.key))
            store.write_study(record)
            listener.advance(record.name)
        records.append(found)
    winners = [tuned(*each) for each in zip(campaigns, records, strict=True)]
    for each, won in zip(campaigns, winners, strict=True):
        _draw_rows(each, won, store)
    summary = carry_out(
        [won for won in winners if won.cells], store, crew=crew, fresh=False, listener=listener
    )
    files = [
        file
        for each, found in zip(campaigns, records, strict=True)
        if order.apply
        for file in apply(each, found)
    ]
    lost = [reason for found in records for reason in without_winner(found)]
    return Tuned(summary, tuple(lost), tuple(files))


def _draw_rows(campaign: Campaign, won: Plan, store: RecordStore) -> None:
    """Draw the studies of each row together."""
    for cell, _ in won.cells:
        assert cell.tuning is not None
        (target,) = cell.targets
        studies = [campaign.studies[target, fold.index] for fold in campaign.folds]
        draw(studies, f"{cell.label}", store.study_folder(cell.tuning.key))
