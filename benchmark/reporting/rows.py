"""A cell on one target: its result with intervals, or why it has none; what speaks against it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from benchmark.evaluation.alarm import Alarm, alarms, kinds, of_folds
from benchmark.evaluation.oracles import Anchor
from benchmark.evaluation.scores import Score, SongTable, evaluate
from benchmark.evaluation.standing import Standing
from benchmark.evaluation.statistics import Bootstrap, Interval, cluster_bootstrap, nadeau_bengio
from benchmark.evaluation.tuned import Studies, TunedRow, tuned_row
from benchmark.records import CellPlan, JobRecord, Manifest
from benchmark.reporting.fits import Fit, fits_of


@dataclass(frozen=True, eq=False)
class Result:
    """What a finished cell reached on one target.

    `over_songs` are bootstrap intervals, `over_folds` is the corrected one of the mean over folds;
    `constant` is the RMSE per song, and pooled, of the constant fitted on the same training songs.
    """

    score: Score
    table: SongTable
    over_songs: Bootstrap
    over_folds: Interval
    constant: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Row:
    """A cell on one target: its result, or why it has none.

    `standing` is None for a row that is not ranked: one without a result, or with an alarm.
    `tuned` says how its parameters were chosen, if a study chose them. `unit` is how many steps of
    the raters' own scale one step of [-1, 1] is.
    """

    experiment: str
    cell: CellPlan
    feature: str
    model: str
    result: Result | None
    seconds: float
    trouble: str = ""
    notes: str = ""
    alarms: tuple[Alarm, ...] = ()
    standing: Standing | None = None
    tuned: TunedRow | None = None
    unit: float = 1.0
    fits: tuple[Fit, ...] = ()

    @property
    def protocol(self) -> str:
        """The label of its protocol: name and parameters."""
        label: str = self.cell.description["protocol_label"]
        return label

    @property
    def is_constant(self) -> bool:
        name: str = self.cell.description["model"]["name"]
        return name == "mean"

    def is_under(self, protocol: str, **parameters: object) -> bool:
        """Say whether it ran under a protocol with these parameters, whatever the others."""
        described = self.cell.description["protocol"]
        return described["name"] == protocol and all(
            described["parameters"].get(name) == value for name, value in parameters.items()
        )

    @property
    def mark(self) -> str:
        """The kinds of its alarms, empty for a row that is to be believed."""
        return kinds(self.alarms)


def row_of(
    manifest: Manifest,
    cell: CellPlan,
    records: Sequence[JobRecord | None],
    target: str,
    *,
    song_mean: Anchor | None,
    studies: Studies,
) -> Row:
    """Return a cell's row on a target; a record that is None has not been computed.

    `song_mean` is that oracle of the row's track, known where all jobs have finished.
    """
    present = [record for record in records if record]
    failed = [record for record in present if not record.finished]
    trouble = ""
    if failed:
        trouble = f"failed in {len(failed)} of {len(records)} jobs: {failed[0].reason}"
    elif len(present) < len(records):
        trouble = f"{len(present)} of {len(records)} jobs done"
    result = None if trouble else result_of(cell, present, target)
    found = of_folds(cell.shared)
    if result:
        assert song_mean
        reached = result.score
        found = alarms(manifest, cell, present, target, reached=reached, song_mean=song_mean)
    return Row(
        experiment=manifest.name,
        cell=cell,
        feature=cell.description["feature_label"],
        model=_model(cell),
        result=result,
        seconds=sum(record.seconds for record in present),
        trouble=trouble,
        notes="; ".join(dict.fromkeys(note for record in present for note in record.card.notes)),
        alarms=found,
        tuned=tuned_row(cell, present, target, studies) if result else None,
        unit=_unit(manifest),
        fits=fits_of(present),
    )


def _unit(manifest: Manifest) -> float:
    low, high = manifest.dataset.get("scale", (-1.0, 1.0))
    return float(high - low) / 2


def is_joint(cell: CellPlan) -> bool:
    """Say whether one fit predicts several targets."""
    return len(cell.description["targets"]) > 1


def _model(cell: CellPlan) -> str:
    """Return the model's label, with targets, seeds and threads where they are not as usual."""
    label: str = cell.description["model_label"]
    if is_joint(cell):
        label += ", both targets"
    if cell.description["seeds"] != [0]:
        label += f", seeds {cell.description['seeds']}"
    if cell.description["threads"] != 1:
        label += f", {cell.description['threads']} threads"
    return label


def result_of(cell: CellPlan, records: Sequence[JobRecord], target: str) -> Result:
    """Return what the finished jobs of a cell reached on a target."""
    evaluation = evaluate(records, target)
    table = evaluation.table
    tested = fmean(len(record.description["fold"]["test"]) for record in records)
    power = table.songs.power
    over_folds = nadeau_bengio(
        [rmse**power for rmse in table.folds], test_share=tested / max(cell.n_training_songs, 1)
    )
    return Result(
        score=evaluation.score,
        table=table,
        over_songs=cluster_bootstrap(table.songs),
        over_folds=over_folds if power == 1 else over_folds.rooted(),
        constant=(
            table.constant,
            math.sqrt(table.songs.constant_squared_error.sum() / table.songs.n_labels.sum()),
        ),
    )
