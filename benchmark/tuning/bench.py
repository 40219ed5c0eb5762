"""The data of an experiment, ready for whatever a trial comes up with."""

from __future__ import annotations

from dataclasses import replace

from benchmark.config import Cell
from benchmark.errors import DataError
from benchmark.evaluation.job import Job
from benchmark.evaluation.task import Task
from benchmark.execution import Pool
from benchmark.execution.listener import Listener
from benchmark.interfaces import Feature, Precomputed
from benchmark.records import Fold
from benchmark.records.song import content_hash
from benchmark.runner.frames import complete
from benchmark.runner.material import precomputed
from benchmark.runner.plan import Plan, make_job
from benchmark.tuning.space import Configuration


class Bench:
    """A plan whose material grows by the features that trials ask for."""

    def __init__(self, plan: Plan, pool: Pool) -> None:
        self.plan = plan
        self._pool = pool
        self._digests: dict[tuple[tuple[str, ...], Feature | None], dict[str, str]] = {}
        self._ready: set[tuple[Feature, Fold]] = set()

    def cell(self, target: str, configuration: Configuration) -> Cell:
        """Return the cell that a configuration is on a target."""
        experiment = self.plan.experiment
        return Cell(
            dataset=experiment.dataset,
            feature=configuration.feature,
            model=configuration.model,
            targets=(target,),
            protocol=experiment.protocols[0],
            seeds=experiment.seeds,
            threads=experiment.threads,
        )

    def job(self, cell: Cell, fold: Fold, seed: int) -> Job:
        """Return a job of a cell on any fold.

        Raises
        ------
        DataError
            If its feature came with the dataset and cannot be used.
        """
        feature, material = cell.feature, self.plan.material
        if isinstance(feature, Precomputed) and feature not in material.precomputed:
            if reason := material.broken.get(feature.label):
                raise DataError(f"feature {feature.label}: {reason}")
            hashes = precomputed(self.plan.corpus, feature, self.plan.cache)
            material = replace(material, precomputed={**material.precomputed, feature: hashes})
            self.plan = replace(self.plan, material=material)
        return make_job(cell, fold, seed, self._digests_of(cell.targets, feature))

    def task(self, job: Job) -> Task:
        """Return a job with its songs, their frames computed.

        Raises
        ------
        DataError
            If a feature fails on a song.
        """
        if job.feature is not None and (job.feature, job.fold) not in self._ready:
            # Nobody is told: frames that a trial needs are a part of the trial.
            broken = complete([(self.plan, job)], pool=self._pool, listener=Listener())
            for reason in broken.values():
                raise DataError(f"feature {job.feature.label}: {reason}")
            self._ready.add((job.feature, job.fold))
        return self.plan.task(job)

    def content(self, target: str, songs: frozenset[str]) -> str:
        """Return a digest of some songs: their labels, and what any feature would be made of."""
        features: list[Feature | None] = [None, *self.plan.experiment.features]
        digests = [self._digests_of((target,), feature) for feature in features]
        return content_hash([found[song] for found in digests for song in sorted(songs)])

    def _digests_of(self, targets: tuple[str, ...], feature: Feature | None) -> dict[str, str]:
        """Return, by song, what a job reads of it: worked out once, whatever the fold."""
        read = targets, feature
        if read not in self._digests:
            self._digests[read] = self.plan.material.digests(*read)
        return self._digests[read]
