"""From experiments to plans: songs loaded once, features computed once, unusable songs left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from benchmark.config import Experiment
from benchmark.errors import DataError
from benchmark.evaluation.features import FeatureCache, Preparation, length_note, prepare
from benchmark.execution.pool import run_tasks
from benchmark.interfaces import Dataset, Extractor
from benchmark.records import Corpus
from benchmark.runner.listener import Listener
from benchmark.runner.plan import Plan, make_plan


def make_plans(
    experiments: Sequence[Experiment], cache: FeatureCache, *, workers: int, listener: Listener
) -> tuple[Plan, ...]:
    """Load each dataset once, compute the features that are missing, and plan every experiment.

    Raises
    ------
    DataError
        If a dataset cannot be used, or has too few usable songs for a protocol. What was computed
        so far stays in the cache.
    """
    wanted: dict[Dataset, set[Extractor]] = {}
    for experiment in experiments:
        extractors = {cell.extractor for cell in experiment.cells() if cell.extractor}
        wanted.setdefault(experiment.dataset, set()).update(extractors)
    corpora = {}
    listener.stage("datasets", len(wanted))
    for dataset in wanted:
        corpora[dataset] = dataset.load()
        listener.advance(corpora[dataset].title)
    for experiment in experiments:
        # Too few songs are found out before hours of decoding; usable songs are only fewer.
        make_plan(experiment, corpora[experiment.dataset], cache)
    for dataset, extractors in wanted.items():
        ordered = tuple(sorted(extractors, key=lambda extractor: extractor.label))
        corpora[dataset] = _with_features(
            corpora[dataset], ordered, cache, workers=workers, listener=listener
        )
    return tuple(
        make_plan(experiment, corpora[experiment.dataset], cache) for experiment in experiments
    )


def _with_features(
    corpus: Corpus,
    extractors: tuple[Extractor, ...],
    cache: FeatureCache,
    *,
    workers: int,
    listener: Listener,
) -> Corpus:
    """Compute what is missing; return the corpus without the songs whose audio cannot be used."""
    if not extractors:
        return corpus
    if all(song.audio is None for song in corpus.songs):
        raise DataError(
            f"{corpus.title}: has no audio, which {extractors[0].label} needs; a model without "
            f"features (mean) would run"
        )
    preparations = [Preparation(song, extractors, cache) for song in corpus.songs]
    missing = [preparation for preparation in preparations if not preparation.done]
    unusable: dict[str, str] = {}
    if missing:
        listener.stage(f"features of {corpus.title}", len(missing))
        for outcome in run_tasks(prepare, missing, workers=workers, threads=1):
            song = outcome.task.song
            reason = outcome.error or outcome.result
            if reason:
                unusable[song.id] = reason
            listener.advance(song.id)
    notes, usable = [], []
    for song in corpus.songs:
        facts = cache.facts(song.audio_hash)
        if song.id in unusable or facts is None:
            notes.append(f"{unusable.get(song.id, f'song {song.id}: not prepared')}; left out")
            continue
        keep, note = length_note(song, facts)
        notes.extend([note] if note else [])
        usable.extend([song] if keep else [])
    for note in notes:
        listener.note(note)
    return replace(corpus, songs=tuple(usable), notes=(*corpus.notes, *notes))
