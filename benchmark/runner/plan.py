"""From an experiment and its loaded songs to cells with jobs. Nothing is fitted here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmark.config import Cell, Experiment
from benchmark.errors import DataError
from benchmark.evaluation.cache import FeatureCache
from benchmark.evaluation.job import Job, SongInput
from benchmark.evaluation.task import Task
from benchmark.interfaces import Feature, Protocol
from benchmark.records import Corpus, Fold, Song
from benchmark.records.song import content_hash
from benchmark.runner.material import Material

Folds = Mapping[Protocol, tuple[Fold, ...]]


@dataclass(frozen=True)
class Plan:
    """An experiment on its data, the folds are drawn, the jobs are known.

    `command` and its `options` are what brought it about.
    """

    experiment: Experiment
    material: Material
    cells: tuple[tuple[Cell, tuple[Job, ...]], ...]
    folds: Folds
    cache: FeatureCache
    command: str = "run"
    options: tuple[str, ...] = ()

    @property
    def corpus(self) -> Corpus:
        return self.material.corpus

    def jobs(self) -> Iterator[tuple[Cell, Job]]:
        """Return every job with its cell."""
        for cell, jobs in self.cells:
            for job in jobs:
                yield cell, job

    def task(self, job: Job) -> Task:
        """Join a job with its songs."""
        wanted = {*job.fold.train, *job.fold.validation, *job.fold.test}
        inputs = {}
        for song in self.corpus.songs:
            if song.id in wanted:
                source = self.material.source(song, job.feature)
                frames = self.cache.path(source, job.feature) if job.feature else None
                inputs[song.id] = SongInput(song.id, song.times, song.values(job.targets), frames)
        return Task(job, job.description, inputs)


def draw(experiment: Experiment, corpus: Corpus) -> tuple[Corpus, Folds]:
    """Return the songs an experiment can use, and the folds of each of its protocols.

    Songs that lack any rating of one of the experiment's targets are left out with a note.

    Raises
    ------
    DataError
        Where the songs do not suffice for a protocol; names the file.
    """
    rated = [song for song in corpus.songs if _rated(song, experiment.targets)]
    notes = [
        f"song {song.id}: not rated on {' and '.join(experiment.targets)}; left out"
        for song in corpus.songs
        if not _rated(song, experiment.targets)
    ]
    notes += [note for target in experiment.targets if (note := _masked(rated, target))]
    corpus = replace(corpus, songs=tuple(rated), notes=(*corpus.notes, *notes))
    folds = {}
    for protocol in experiment.protocols:
        try:
            folds[protocol] = protocol.draw(rated)
        except DataError as error:
            raise DataError(f"{experiment.file}: protocol {protocol.name}: {error}") from error
    return corpus, folds


def make_plan(experiment: Experiment, material: Material, cache: FeatureCache) -> Plan:
    """Draw the folds of an experiment and list its jobs; raises what `draw` raises."""
    corpus, folds = draw(experiment, material.corpus)
    material = replace(material, corpus=corpus)
    digests: dict[tuple[tuple[str, ...], Feature | None], dict[str, str]] = {}
    cells = []
    for cell in experiment.cells():
        read = cell.targets, cell.feature
        if read not in digests:
            digests[read] = material.digests(cell.targets, cell.feature)
        drawn = ((fold, seed) for fold in folds[cell.protocol] for seed in cell.seeds)
        cells.append(
            (cell, tuple(make_job(cell, fold, seed, digests[read]) for fold, seed in drawn))
        )
    return Plan(experiment, material, tuple(cells), folds, cache)


def _rated(song: Song, targets: tuple[str, ...]) -> bool:
    return all(np.isfinite(song.labels[target]).any() for target in targets)


def _masked(songs: Sequence[Song], target: str) -> str:
    """Say how many labels are missing among those of songs that are rated."""
    missing = {song.id: int(np.isnan(song.labels[target]).sum()) for song in songs}
    affected = [song for song, count in missing.items() if count]
    total = sum(len(song.times) for song in songs)
    return (
        f"{target}: {sum(missing.values())} of {total} labels missing, in {len(affected)} songs "
        f"(first: song {affected[0]}); masked"
        if affected
        else ""
    )


def make_job(cell: Cell, fold: Fold, seed: int, digests: Mapping[str, str]) -> Job:
    """Return the job of a cell on a fold; `digests` are those of all songs."""
    songs = {*fold.train, *fold.validation, *fold.test}
    return Job(
        feature=cell.feature,
        model=cell.model,
        targets=cell.targets,
        fold=fold,
        seed=seed,
        threads=cell.threads,
        data=content_hash(sorted(digests[song] for song in songs)),
        period=cell.dataset.period,
    )
