"""An experiment with its studies: one a target and outer fold, on the fold's training songs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchmark.config.search import Search
from benchmark.errors import DataError
from benchmark.execution import Pool
from benchmark.records import Fold
from benchmark.runner.plan import Plan
from benchmark.tuning.bench import Bench
from benchmark.tuning.storage import Storage
from benchmark.tuning.study import Study
from benchmark.tuning.subject import Subject


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is asked for: trials a study (those of the file if None), for so many seconds at most.

    With `apply`, the winners are written as experiment files.
    """

    storage: Storage
    trials: int | None = None
    seconds: float | None = None
    apply: bool = False


@dataclass(frozen=True)
class Campaign:
    """An experiment with its studies, by target and outer fold; that on all songs has none.

    Each is to have `wanted` trials, if `seconds` suffice.
    """

    search: Search
    bench: Bench
    folds: tuple[Fold, ...]
    studies: Mapping[tuple[str, int | None], Study]
    wanted: int
    seconds: float | None = None

    @property
    def plan(self) -> Plan:
        return self.bench.plan


def campaign(plan: Plan, order: Order, pool: Pool) -> Campaign:
    """Open the studies of an experiment.

    Raises
    ------
    DataError
        If it has nothing to search, more folds than `mode: single` can have, or too few training
        songs for the inner folds.
    StorageError
        If the storage cannot be used.
    """
    experiment = plan.experiment
    search = experiment.search
    if search is None:
        raise DataError(f"{experiment.file}: has no search: block; `run` takes it as it is")
    (protocol,) = experiment.protocols
    outer = plan.folds[protocol]
    if search.mode == "single" and len(outer) != 1:
        raise DataError(
            f"{experiment.file}: search.mode: single tunes once and tests once, but "
            f"{protocol.label} has {len(outer)} folds; holdout, mediaeval2015 or song_kfold with "
            f"only: [0] work, or mode: nested"
        )
    learned: dict[int | None, frozenset[str]] = {
        fold.index: frozenset(fold.learned) for fold in outer
    }
    if order.apply and search.mode == "nested":
        learned[None] = frozenset(song.id for song in plan.corpus.songs)
    inner = {index: _inner(plan, search, songs) for index, songs in learned.items()}
    bench = Bench(plan, pool)
    studies = {
        (target, index): Study(
            Subject(
                experiment=experiment.name,
                target=target,
                fold=index,
                search=search,
                folds=inner[index],
                data=bench.content(target, songs),
                seed=experiment.seeds[0],
                threads=experiment.threads,
            ),
            order.storage,
        )
        for target in experiment.targets
        for index, songs in learned.items()
    }
    return Campaign(search, bench, outer, studies, order.trials or search.trials, order.seconds)


def _inner(plan: Plan, search: Search, songs: frozenset[str]) -> tuple[Fold, ...]:
    """Draw the folds that trials are judged on, among these songs and no others."""
    file = plan.experiment.file
    try:
        folds = search.inner.draw([song for song in plan.corpus.songs if song.id in songs])
    except DataError as error:
        raise DataError(f"{file}: search.inner: {error}") from error
    for fold in folds:
        if strangers := {*fold.train, *fold.validation, *fold.test} - songs:
            raise DataError(
                f"{file}: search.inner: {search.inner.name} drew song {min(strangers)}, which is "
                f"none of the training songs; another protocol works"
            )
    return folds
