from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmark.config import Experiment
from benchmark.errors import DataError
from benchmark.evaluation.cache import FeatureCache
from benchmark.records import Corpus
from benchmark.runner.plan import Plan, make_plan

Make = Callable[..., Experiment]
FULL = {
    "models": "[mean, ridge]",
    "features": "[{name: mel, n_mels: 4}, chroma]",
    "targets": "[arousal, valence]",
    "seeds": "[0, 1]",
}


@pytest.fixture
def corpus(experiment: Make) -> Corpus:
    return experiment().dataset.load()


@pytest.fixture
def plan(experiment: Make, corpus: Corpus, tmp_path: Path) -> Plan:
    return make_plan(experiment(**FULL), corpus, FeatureCache(tmp_path))


def test_a_cell_has_a_job_per_fold_and_seed(plan: Plan) -> None:
    assert len(plan.cells) == 2 * (1 + 2)
    for _, jobs in plan.cells:
        assert sorted((job.fold.index, job.seed) for job in jobs) == [
            (fold, seed) for fold in range(3) for seed in (0, 1)
        ]
    assert len({job.key for _, job in plan.jobs()}) == 6 * 6


def test_every_cell_has_the_same_folds(plan: Plan) -> None:
    folds = [tuple(dict.fromkeys(job.fold for job in jobs)) for _, jobs in plan.cells]
    assert folds == [plan.folds] * 6


def test_a_task_holds_the_songs_of_its_fold_and_their_labels(plan: Plan, corpus: Corpus) -> None:
    by_id = {song.id: song for song in corpus.songs}
    for _, job in plan.jobs():
        task = plan.task(job)
        assert task.songs.keys() == {*job.fold.train, *job.fold.validation, *job.fold.test}
        for name, song in task.songs.items():
            np.testing.assert_array_equal(song.labels[:, 0], by_id[name].labels[job.targets[0]])
            assert (song.frames is None) == (job.extractor is None)


def test_planning_again_gives_the_same_keys(
    plan: Plan, experiment: Make, corpus: Corpus, tmp_path: Path
) -> None:
    shuffled = replace(corpus, songs=corpus.songs[::-1])
    again = make_plan(experiment("other", **FULL), shuffled, FeatureCache(tmp_path / "elsewhere"))
    assert [job.key for _, job in again.jobs()] == [job.key for _, job in plan.jobs()]


def test_a_changed_label_changes_the_keys_of_jobs_that_use_it(
    plan: Plan, experiment: Make, corpus: Corpus, tmp_path: Path
) -> None:
    first, *rest = corpus.songs
    first = replace(first, labels={**first.labels, "arousal": first.labels["arousal"] / 2})
    again = make_plan(experiment(**FULL), replace(corpus, songs=(first, *rest)), plan.cache)
    kept = {job.key for _, job in again.jobs()} & {job.key for _, job in plan.jobs()}
    assert kept == {job.key for _, job in plan.jobs() if job.targets == ("valence",)}


def test_other_audio_changes_the_keys_of_jobs_that_hear_it(
    plan: Plan, experiment: Make, corpus: Corpus
) -> None:
    first, *rest = corpus.songs
    first = replace(first, audio_hash="other")
    again = make_plan(experiment(**FULL), replace(corpus, songs=(first, *rest)), plan.cache)
    kept = {job.key for _, job in again.jobs()} & {job.key for _, job in plan.jobs()}
    assert kept == {job.key for _, job in plan.jobs() if job.extractor is None}


def test_missing_labels_are_counted_in_a_note(
    experiment: Make, corpus: Corpus, tmp_path: Path
) -> None:
    first, *rest = corpus.songs
    labels = first.labels["arousal"].copy()
    labels[1:3] = np.nan
    holes = replace(first, labels={**first.labels, "arousal": labels})
    with_holes = replace(corpus, songs=(holes, *rest))
    plan = make_plan(experiment(), with_holes, FeatureCache(tmp_path))
    assert plan.manifest().notes == (
        "arousal: 2 of 30 labels missing, in 1 songs (first: song 1); masked",
    )


def test_rows_share_a_track_only_with_data_folds_and_target_alike(
    plan: Plan, experiment: Make, corpus: Corpus
) -> None:
    def tracks(of: Plan, target: str) -> set[str]:
        cells = of.manifest().cells
        return {cell.tracks[target] for cell in cells if target in cell.tracks}

    assert len(tracks(plan, "arousal")) == len(tracks(plan, "valence")) == 1
    fewer_folds = make_plan(experiment(**{**FULL, "folds": "2"}), corpus, plan.cache)
    first, *rest = corpus.songs
    first = replace(first, labels={**first.labels, "valence": first.labels["valence"] / 2})
    other_data = make_plan(experiment(**FULL), replace(corpus, songs=(first, *rest)), plan.cache)
    different = [
        tracks(plan, "arousal"),
        tracks(plan, "valence"),
        tracks(fewer_folds, "arousal"),
        tracks(other_data, "arousal"),
    ]
    assert len(set.union(*different)) == 4


def test_the_manifest_lists_every_job(plan: Plan) -> None:
    manifest = plan.manifest()
    assert [job for cell in manifest.cells for job in cell.jobs] == [
        job.key for _, job in plan.jobs()
    ]
    assert (manifest.name, manifest.dataset["n_songs"]) == ("tiny", 6)
    assert manifest.arguments == ("tiny.yaml",)


def test_a_song_without_ratings_of_a_target_is_left_out_with_a_note(
    experiment: Make, corpus: Corpus, tmp_path: Path
) -> None:
    first, *rest = corpus.songs
    unrated = {**first.labels, "valence": np.full(len(first.times), np.nan)}
    partly = replace(corpus, songs=(replace(first, labels=unrated), *rest))
    cache = FeatureCache(tmp_path)
    both = make_plan(experiment(targets="[arousal, valence]"), partly, cache)
    assert len(both.corpus.songs) == 5
    assert both.manifest().notes == ("song 1: not rated on arousal and valence; left out",)
    assert len(make_plan(experiment(), partly, cache).corpus.songs) == 6


def test_too_few_songs_name_the_file(experiment: Make, corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"tiny\.yaml: protocol: folds = 7 is more than the 6 son"):
        make_plan(experiment(folds="7"), corpus, FeatureCache(tmp_path))
