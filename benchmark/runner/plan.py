"""From an experiment and its loaded songs to cells with jobs. Nothing is fitted here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from benchmark.config import Cell, Experiment
from benchmark.errors import DataError
from benchmark.evaluation.cache import FeatureCache
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
    """An experiment on its data: the folds are drawn, the jobs are known.

    `broken` says, by its label, why a feature could not be computed: its jobs have failed.
    """

    experiment: Experiment
    corpus: Corpus
    cells: tuple[tuple[Cell, tuple[Job, ...]], ...]
    folds: tuple[Fold, ...]
    cache: FeatureCache
    broken: Mapping[str, str] = field(default_factory=dict)

    def jobs(self) -> Iterator[tuple[Cell, Job]]:
        """Return every job with its cell."""
        for cell, jobs in self.cells:
            for job in jobs:
                yield cell, job

    def obstacle(self, job: Job) -> str:
        """Say why a job cannot be run; empty if it can."""
        reason = self.broken.get(job.extractor.label) if job.extractor else None
        return f"feature {job.extractor.label}: {reason}" if job.extractor and reason else ""

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
        tracks = {target: self._track(target) for target in self.experiment.targets}
        n_test_songs = len({song for fold in self.folds for song in fold.test})
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
                    tracks={target: tracks[target] for target in cell.targets},
                    jobs=tuple(job.key for job in jobs),
                    n_test_songs=n_test_songs,
                )
                for cell, jobs in self.cells
            ),
        )

    def _track(self, target: str) -> str:
        """Hash what two rows must share to stand in one table.

        Data, target, and who trains, validates and tests: a row that stopped early on other songs
        has not trained on the same ones.
        """
        folds = [[fold.train, fold.validation, fold.test] for fold in self.folds]
        parts = [self.corpus.fingerprint, target, self.experiment.protocol.describe(), folds]
        return content_hash([json.dumps(part, sort_keys=True) for part in parts])


def draw(experiment: Experiment, corpus: Corpus) -> tuple[Corpus, tuple[Fold, ...]]:
    """Return the songs an experiment can use, and its folds.

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
    notes += [note for target in experiment.targets if (note := _masked(rated, target))]
    corpus = replace(corpus, songs=tuple(rated), notes=(*corpus.notes, *notes))
    try:
        folds = experiment.protocol.draw(rated)
    except DataError as error:
        raise DataError(f"{experiment.file}: protocol: {error}") from error
    return corpus, folds


def make_plan(experiment: Experiment, corpus: Corpus, cache: FeatureCache) -> Plan:
    """Draw the folds of an experiment and list its jobs; raises what `draw` raises."""
    corpus, folds = draw(experiment, corpus)
    digests: dict[tuple[tuple[str, ...], bool], dict[str, str]] = {}
    cells = []
    for cell in experiment.cells():
        read = cell.targets, cell.extractor is not None
        if read not in digests:
            targets, audio = read
            digests[read] = {
                song.id: song.digest(targets, source=None if audio else "") for song in corpus.songs
            }
        drawn = ((fold, seed) for fold in folds for seed in cell.seeds)
        cells.append((cell, tuple(_job(cell, fold, seed, digests[read]) for fold, seed in drawn)))
    return Plan(experiment, corpus, tuple(cells), folds, cache)


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
