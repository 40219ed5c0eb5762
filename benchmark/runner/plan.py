"""From an experiment and its loaded songs to cells with jobs. Nothing is fitted here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmark.config import Cell, Experiment
from benchmark.errors import DataError
from benchmark.evaluation.features import FeatureCache
from benchmark.evaluation.job import Job, SongInput
from benchmark.records import CellPlan, Corpus, Fold, Manifest, Song
from benchmark.records.song import content_hash


@dataclass(frozen=True)
class Task:
    """What travels to a worker: a job and its songs."""

    job: Job
    songs: Mapping[str, SongInput]


@dataclass(frozen=True)
class Plan:
    """An experiment on its data: the folds are drawn, the jobs are known."""

    experiment: Experiment
    corpus: Corpus
    cells: tuple[tuple[Cell, tuple[Job, ...]], ...]
    folds: tuple[Fold, ...]
    cache: FeatureCache

    def jobs(self) -> Iterator[tuple[Cell, Job]]:
        for cell, jobs in self.cells:
            for job in jobs:
                yield cell, job

    def task(self, job: Job) -> Task:
        """Join a job with its songs."""
        wanted = {*job.fold.train, *job.fold.validation, *job.fold.test}
        inputs = {}
        for song in self.corpus.songs:
            if song.id in wanted:
                frames = self.cache.path(song.audio_hash, job.extractor) if job.extractor else None
                inputs[song.id] = SongInput(song.id, song.times, song.values(job.targets), frames)
        return Task(job, inputs)

    def manifest(self) -> Manifest:
        """Say what the experiment consists of, so tables can be made from records alone."""
        return Manifest(
            name=self.experiment.name,
            arguments=_arguments(self.experiment),
            dataset={
                **self.experiment.dataset.describe(),
                "title": self.corpus.title,
                "known_as": self.corpus.known_as,
                "synthetic": self.corpus.synthetic,
                "citation": self.corpus.citation,
                "licence": self.corpus.licence,
                "fingerprint": self.corpus.fingerprint,
                "n_songs": len(self.corpus.songs),
            },
            notes=self.corpus.notes,
            cells=tuple(
                CellPlan(
                    description=cell.describe(),
                    tracks={target: self._track(cell, target) for target in cell.targets},
                    jobs=tuple(job.key for job in jobs),
                )
                for cell, jobs in self.cells
            ),
        )

    def _track(self, cell: Cell, target: str) -> str:
        """Hash what two rows must share to stand in one table: data, protocol, folds, target."""
        folds = [[fold.train, fold.validation, fold.test] for fold in self.folds]
        parts = [self.corpus.fingerprint, target, cell.protocol.describe(), folds]
        return content_hash([json.dumps(part, sort_keys=True) for part in parts])


def make_plan(experiment: Experiment, corpus: Corpus, cache: FeatureCache) -> Plan:
    """Draw the folds of an experiment and list its jobs.

    Songs that lack any rating of one of the experiment's targets are left out with a note.

    Raises
    ------
    DataError
        Where the songs do not suffice for the protocol; names the file.
    """
    rated = [song for song in corpus.songs if _rated(song, experiment.targets)]
    notes = [
        f"song {song.id}: not rated on {' and '.join(experiment.targets)}; left out"
        for song in corpus.songs
        if not _rated(song, experiment.targets)
    ]
    corpus = replace(corpus, songs=tuple(rated), notes=(*corpus.notes, *notes))
    try:
        folds = experiment.protocol.draw(rated)
    except DataError as error:
        raise DataError(f"{experiment.file}: protocol: {error}") from error
    digests = {song.id: song.digest for song in rated}
    cells = tuple(
        (cell, tuple(_job(cell, fold, seed, digests) for fold in folds for seed in cell.seeds))
        for cell in experiment.cells()
    )
    return Plan(experiment, corpus, cells, folds, cache)


def _arguments(experiment: Experiment) -> tuple[str, ...]:
    """Return file and overrides of an experiment, without places on this machine."""
    file = experiment.file.name if experiment.file.is_absolute() else experiment.file.as_posix()
    arguments = [file]
    for setting in experiment.settings:
        key, _, value = setting.partition("=")
        arguments += ["--set", f"{key}={'PATH' if Path(value).is_absolute() else value}"]
    return tuple(arguments)


def _rated(song: Song, targets: tuple[str, ...]) -> bool:
    return all(np.isfinite(song.labels[target]).any() for target in targets)


def _job(cell: Cell, fold: Fold, seed: int, digests: Mapping[str, str]) -> Job:
    songs = (*fold.train, *fold.validation, *fold.test)
    return Job(
        extractor=cell.extractor,
        model=cell.model,
        targets=cell.targets,
        fold=fold,
        seed=seed,
        threads=cell.threads,
        data=content_hash(sorted(digests[song] for song in songs)),
    )
