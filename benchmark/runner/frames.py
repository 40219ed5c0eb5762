"""Frames that are missing, computed: one decode of a song serves all features that want it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmark.errors import CacheError, DataError
from benchmark.evaluation.job import Job
from benchmark.evaluation.preparation import Preparation, Prepared, prepare
from benchmark.execution import Pool
from benchmark.execution.listener import Listener
from benchmark.execution.worker import LONG_LIFE
from benchmark.interfaces import Dataset, Extractor
from benchmark.records import Song
from benchmark.runner.plan import Plan

Broken = Mapping[tuple[Dataset, str], str]
"""Why a feature of a dataset, by its label, could not be computed."""


@dataclass(frozen=True)
class Computed:
    """What went wrong: songs without usable audio, and, by label, features that failed."""

    unusable: Mapping[str, str] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)


def compute(
    title: str, preparations: Sequence[Preparation], *, pool: Pool, listener: Listener
) -> Computed:
    """Decode songs and extract what is missing of them.

    Raises
    ------
    DataError
        If decoding ends its process or fails in a way that says nothing about the song: whether it
        is usable, and so the folds, would depend on the machine.
    CacheError
        If what was computed cannot be kept.
    """
    unusable: dict[str, str] = {}
    broken: dict[str, str] = {}
    if preparations:
        listener.stage(f"features of {title}", len(preparations))
    # Nobody else holds what yields the outcomes: an error that leaves this loop ends its processes.
    for outcome in (
        pool.run(_prepare, preparations, threads=1, life=LONG_LIFE) if preparations else ()
    ):
        preparation = outcome.task
        name = preparation.song.id
        if outcome.result is None:
            reason = f"song {name}: {outcome.error.splitlines()[0]}"
            if not preparation.heard:
                raise DataError(f"{reason}; what was computed is kept, run again")
            for extractor in preparation.missing():
                broken.setdefault(extractor.label, reason)
        elif isinstance(outcome.result, CacheError):
            raise outcome.result
        else:
            if outcome.result.unusable:
                unusable[name] = outcome.result.unusable
            for label, reason in outcome.result.failures.items():
                broken.setdefault(label, reason)
        listener.advance(name)
    return Computed(unusable, broken)


def _prepare(preparation: Preparation) -> Prepared | CacheError:
    """Prepare a song; that a disk is full says nothing about the song, and ends the run."""
    try:
        return prepare(preparation)
    except CacheError as error:
        return error


def complete(jobs: Sequence[tuple[Plan, Job]], *, pool: Pool, listener: Listener) -> Broken:
    """Compute the frames that jobs need and the cache has not; return what failed of them."""
    songs: dict[Dataset, dict[str, Song]] = defaultdict(dict)
    wanted: dict[tuple[Dataset, str], set[Extractor]] = defaultdict(set)
    broken: dict[tuple[Dataset, str], str] = {}
    caches, titles = {}, {}
    for plan in {id(plan): plan for plan, _ in jobs}.values():
        dataset = plan.experiment.dataset
        titles[dataset], caches[dataset] = plan.corpus.title, plan.cache
        songs[dataset].update((song.id, song) for song in plan.corpus.songs)
    for plan, job in jobs:
        dataset = plan.experiment.dataset
        if job.feature and (why := plan.material.broken.get(job.feature.label)):
            broken[dataset, job.feature.label] = why
        elif isinstance(job.feature, Extractor):
            for song in (*job.fold.train, *job.fold.validation, *job.fold.test):
                wanted[dataset, song].add(job.feature)
    for dataset, title in titles.items():
        preparations = [
            Preparation(song, ordered(wanted[dataset, song.id]), caches[dataset])
            for song in songs[dataset].values()
            if wanted[dataset, song.id]
        ]
        missing = [preparation for preparation in preparations if preparation.missing()]
        computed = compute(title, missing, pool=pool, listener=listener)
        broken.update(((dataset, label), why) for label, why in computed.broken.items())
        for song, why in computed.unusable.items():  # it was usable a moment ago
            broken.update(((dataset, feature.label), why) for feature in wanted[dataset, song])
    return broken


def ordered(extractors: Iterable[Extractor]) -> tuple[Extractor, ...]:
    """Sort extractors by label: what a song is asked for does not depend on the day."""
    return tuple(sorted(extractors, key=lambda extractor: extractor.label))
