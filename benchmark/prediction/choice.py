"""Which cells of an experiment are trained: those named, or the best by cross-validation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter

from benchmark.config import Cell
from benchmark.errors import BenchmarkError, did_you_mean
from benchmark.evaluation.job import Job
from benchmark.prediction.trained import deafness
from benchmark.records.store import RecordStore
from benchmark.reporting import tracks
from benchmark.reporting.rows import Row
from benchmark.runner.plan import Plan


class ChoiceError(BenchmarkError):
    """No cell, or more than one, is what was asked for."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A cell with its jobs, its row on the table of each target, and the targets it is to serve.

    There is no row of what has not been run.
    """

    cell: Cell
    jobs: Sequence[Job]
    rows: Mapping[str, Row]
    serves: tuple[str, ...]


def choose(
    plan: Plan, records: RecordStore, *, named: Sequence[str], best: Sequence[str]
) -> tuple[Candidate, ...]:
    """Return the cells that are named, and the best on each target of `best`.

    A cell is named as a preview lists it (`mel / ridge / arousal`). If nothing is asked for, each
    target that has a single cell gets that one. The best on a target serves that target, also if
    it predicts another too; any other cell serves all of its own. Cells are those under the first
    fair protocol of the experiment: scores under different protocols are not compared.

    Raises
    ------
    ChoiceError
        If there is no such cell, if it cannot hear audio or has no score, if there are several, or
        if labels rate whole songs.
    """
    if math.isinf(plan.experiment.dataset.period):
        raise ChoiceError(
            f"{plan.experiment.file}: its labels rate whole songs, and a model of them draws no "
            f"curve; dynamic ratings do (--set dataset.ratings=dynamic)"
        )
    offered = _offered(plan, records)
    chosen = [_best(target, offered, plan, records) for target in best]
    for name in named:
        if name not in offered:
            raise ChoiceError(
                f"{plan.experiment.file}: no cell {name!r}{did_you_mean(name, list(offered))}"
            )
        chosen.append(offered[name])
    for target in () if chosen else plan.experiment.targets:
        alone = [each for each in offered.values() if target in each.cell.targets]
        if len(alone) > 1:
            listed = "\n".join(f"  --cell '{each.cell.label}'" for each in alone)
            raise ChoiceError(
                f"{plan.experiment.file}: {len(alone)} cells on {target}; take the best with "
                f"--best {target}, or name one:\n{listed}"
            )
        chosen += alone
    for each in chosen:
        _check(each, plan)
    return tuple(
        replace(each, serves=tuple(t for t in each.cell.targets if t in _served(each, chosen)))
        for each in {each.cell: each for each in chosen}.values()
    )


def _served(candidate: Candidate, chosen: Sequence[Candidate]) -> set[str]:
    """Return what a cell is to serve, for whatever reasons it was chosen."""
    return {target for each in chosen if each.cell == candidate.cell for target in each.serves}


def _offered(plan: Plan, records: RecordStore) -> Mapping[str, Candidate]:
    """Return the cells under the first fair protocol, by label."""
    rows: dict[tuple[str, ...], dict[str, Row]] = {}
    for track in tracks(records, [plan.experiment.name]):
        for row in track.rows:
            rows.setdefault(row.cell.jobs, {})[track.target] = row
    fair = [(cell, jobs) for cell, jobs in plan.cells if not cell.protocol.flaw]
    if not fair:
        flaws = ", ".join(protocol.label for protocol in plan.experiment.protocols)
        raise ChoiceError(
            f"{plan.experiment.file}: {flaws} gives no fair score to register a model with; a "
            f"file with song_kfold works"
        )
    found = {}
    for cell, jobs in fair:
        if cell.protocol == fair[0][0].protocol:
            mine = rows.get(tuple(job.key for job in jobs), {})
            found[cell.label] = Candidate(cell, jobs, mine, cell.targets)
    return found


def _best(
    target: str, offered: Mapping[str, Candidate], plan: Plan, records: RecordStore
) -> Candidate:
    """Return the candidate with the lowest RMSE that is not flagged; all have to have been run."""
    file = plan.experiment.file
    able = [
        each
        for each in offered.values()
        if target in each.cell.targets and not deafness(each.cell.feature)
    ]
    if not able:
        raise ChoiceError(f"{file}: has no cell on {target} that predicts from audio")
    missing = [
        each.cell.label
        for each in able
        if target not in each.rows or any(records.stamp(job.key) is None for job in each.jobs)
    ]
    if missing:
        raise ChoiceError(
            f"{file}: {len(missing)} of {len(able)} cells on {target} have not been run (first: "
            f"{missing[0]}); python -m benchmark run {file}"
        )
    scored = [
        (result.score.rmse, each)
        for each in able
        if (result := each.rows[target].result) and not each.rows[target].alarms
    ]
    if not scored:
        raise ChoiceError(
            f"{file}: no cell on {target} has a score that is not flagged; --cell trains one all "
            f"the same"
        )
    _, best = min(scored, key=itemgetter(0))
    return replace(best, serves=(target,))


def _check(candidate: Candidate, plan: Plan) -> None:
    place = f"{plan.experiment.file}: {candidate.cell.label}"
    if reason := deafness(candidate.cell.feature):
        raise ChoiceError(f"{place}: {reason}; name another cell")
    for target in candidate.cell.targets:
        row = candidate.rows.get(target)
        if row is None or row.result is None:
            trouble = row.trouble if row else "has not been cross-validated"
            raise ChoiceError(f"{place}: {trouble}; python -m benchmark run {plan.experiment.file}")
