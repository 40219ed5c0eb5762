"""From experiments to plans: songs loaded and decoded once, unusable ones left out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from benchmark.audio import FORMATS
from benchmark.config import Experiment
from benchmark.errors import DataError
from benchmark.evaluation.cache import FeatureCache
from benchmark.evaluation.preparation import Preparation, length_note, same_audio
from benchmark.evaluation.versions import versions
from benchmark.execution import Pool
from benchmark.execution.listener import Listener
from benchmark.interfaces import Dataset, Extractor, Feature, Precomputed
from benchmark.records import Corpus
from benchmark.runner.frames import compute, ordered
from benchmark.runner.material import Material, take_over
from benchmark.runner.plan import Plan, draw, make_plan


def make_plans(
    experiments: Sequence[Experiment],
    cache: FeatureCache,
    *,
    pool: Pool,
    listener: Listener,
) -> tuple[Plan, ...]:
    """Load each dataset once, decode songs never heard before, and plan every experiment.

    What is decoded is also asked for all features that the experiments want. Of other songs,
    features are computed when it is known which jobs need them. A feature that came with a dataset
    and cannot be used is noted: only jobs that want it fail.

    Raises
    ------
    DataError
        If a dataset cannot be used, has too few usable songs for a protocol, or a worker fails
        while decoding. What was computed so far stays in the cache.
    BenchmarkError
        If a package that a feature needs is not installed.
    """
    wanted: dict[Dataset, set[Feature]] = {}
    for experiment in experiments:
        features = {cell.feature for cell in experiment.cells() if cell.feature}
        wanted.setdefault(experiment.dataset, set()).update(features)
        versions(*features)  # a package that is not installed is said before anything is read
    corpora = {}
    listener.stage("datasets", len(wanted))
    for dataset in wanted:
        corpora[dataset] = dataset.load()
        listener.advance(corpora[dataset].title)
    for experiment in experiments:
        # Too few songs are found out before hours of decoding; usable songs are only fewer.
        draw(experiment, corpora[experiment.dataset])
    material = {}
    for dataset, features in wanted.items():
        material[dataset] = ready = _prepared(
            corpora[dataset], features, cache, pool=pool, listener=listener
        )
        for label, reason in ready.broken.items():
            listener.note(f"{label} cannot be used, jobs that want it fail: {reason}")
    plans = tuple(
        make_plan(experiment, material[experiment.dataset], cache) for experiment in experiments
    )
    for note in dict.fromkeys(note for plan in plans for note in plan.corpus.notes):
        listener.note(note)
    return plans


def _prepared(
    corpus: Corpus,
    features: Collection[Feature],
    cache: FeatureCache,
    *,
    pool: Pool,
    listener: Listener,
) -> Material:
    """Decode what is new, take over what was precomputed, and leave out unusable songs.

    Which songs are usable depends on their audio alone, not on what is wanted of it, so a file has
    the same folds whatever runs beside it.
    """
    extractors = ordered(feature for feature in features if isinstance(feature, Extractor))
    ready = tuple(feature for feature in features if isinstance(feature, Precomputed))
    if all(song.audio is None for song in corpus.songs):
        if extractors:
            raise DataError(
                f"{corpus.title}: has no audio, which {extractors[0].label} needs: no file named "
                f"<song_id> with one of {', '.join(FORMATS)}; a model without features (mean) "
                f"would run"
            )
        return take_over(corpus, ready, cache)
    preparations = [Preparation(song, extractors, cache) for song in corpus.songs]
    new = [preparation for preparation in preparations if not preparation.heard]
    computed = compute(corpus.title, new, pool=pool, listener=listener)
    notes, usable = [], []
    known = {song.id: cache.facts(song.audio_hash) for song in corpus.songs}
    twins = same_audio(song for song in corpus.songs if known[song.id])
    for song in corpus.songs:
        facts = known[song.id]
        if facts is None:
            reason = computed.unusable.get(song.id, f"song {song.id}: not decoded")
            notes.append(f"{reason}; left out")
        elif song.id in twins:
            notes.append(f"song {song.id}: the same audio as song {twins[song.id]}; left out")
        else:
            keep, note = length_note(song, facts)
            notes.extend([note] if note else [])
            usable.extend([song] if keep else [])
    corpus = replace(corpus, songs=tuple(usable), notes=(*corpus.notes, *notes))
    return take_over(corpus, ready, cache, computed.broken)
