"""What tuning was worth: what studies believed of their winners, and what test songs say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from benchmark.evaluation.scores import score
from benchmark.records import CellPlan, JobRecord, StudyRecord, Tuning

Studies = Callable[[str], StudyRecord | None]
"""Returns the record of a study, by its key."""


@dataclass(frozen=True, eq=False)
class TunedFold:
    """A study, and the RMSE per song that its winner reached on the test songs of its fold."""

    study: StudyRecord
    outer: float

    @property
    def inner(self) -> float:
        """What the study believed of its winner."""
        assert self.study.best is not None
        assert self.study.best.score is not None
        return self.study.best.score

    @property
    def untuned(self) -> float | None:
        """The same of what it tried first, the file as it stands."""
        first = self.study.untuned
        return first.score if first else None


@dataclass(frozen=True, eq=False)
class TunedRow:
    """The studies of a row, fold by fold."""

    tuning: Tuning
    folds: tuple[TunedFold, ...]

    @property
    def key(self) -> str:
        return self.tuning.key

    @property
    def inner(self) -> float:
        """The best inner score, mean over folds."""
        return fmean(fold.inner for fold in self.folds)

    @property
    def outer(self) -> float:
        """The RMSE per song on test songs, mean over folds."""
        return fmean(fold.outer for fold in self.folds)

    @property
    def optimism(self) -> float:
        """The best inner score less the outer score: negative where studies believed too much."""
        return fmean(fold.inner - fold.outer for fold in self.folds)

    @property
    def untuned(self) -> float | None:
        """The inner score of what was tried first: the file as it stands; None if it was not."""
        scores = [fold.untuned for fold in self.folds]
        known = [value for value in scores if value is not None]
        return fmean(known) if len(known) == len(scores) else None


def tuned_row(
    cell: CellPlan, records: Sequence[JobRecord], target: str, studies: Studies
) -> TunedRow | None:
    """Return how the parameters of a finished cell were chosen; None if they were not."""
    if cell.tuning is None:
        return None
    found = [studies(key) for key in cell.tuning.studies]
    folds = []
    for study in found:
        if study is None or study.best is None:
            return None
        mine = [record for record in records if record.description["fold"]["index"] == study.fold]
        folds.append(TunedFold(study, score(mine, target).rmse))
    return TunedRow(cell.tuning, tuple(folds))
