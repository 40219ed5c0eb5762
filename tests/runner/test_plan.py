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
from benchmark.runner.manifest import manifest_of
from benchmark.runner.material import Material
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
    return make_plan(experiment(**FULL), Material(corpus), FeatureCache(tmp_path))


def test_a_cell_has_a_job_per_fold_and_seed(plan: Plan) -> None:
    assert len(plan.cells) == 2 * (1 + 2)
    for _, jobs in plan.cells:
        assert sorted((job.fold.index, job.seed) for job in jobs) == [
            (fold, seed) for fold in range(3) for seed in (0, 1)
        ]
    assert len({job.key for _, job in plan.jobs()}) == 6 * 6


def test_every_cell_has_the_folds_of_its_protocol(plan: Plan) -> None:
    folds = [tuple(dict.fromkeys(job.fold for job in jobs)) for _, jobs in plan.cells]
    (drawn,) = plan.folds.values()
    assert folds == [drawn] * 6


def test_each_of_several_protocols_has_cells_of_its_own(
    experiment: Make, corpus: Corpus, tmp_path: Path
) -> None:
    several = experiment(protocol="[holdout, {name: song_kfold, folds: 2}]", models="[mean, ridge]")
    plan = make_plan(several, Material(corpus), FeatureCache(tmp_path))
    assert len(plan.cells) == 4
    for cell, jobs in plan.cells:
        assert tuple(job.fold for job in jobs) == plan.folds[cell.protocol]
        assert plan.folds[cell.protocol] == cell.protocol.draw(corpus.songs)


def test_jobs_with_the_same_folds_are_the_same_whatever_the_protocol_is_called(
    experiment: Make, corpus: Corpus, tmp_path: Path
) -> None:
    """Songs without artists stand alone: by artist is by song, and is computed once."""
    alone = [replace(song, groups={**song.groups, "artist": ""}) for song in corpus.songs]
    both = "[{name: song_kfold, folds: 3}, {name: song_kfold, folds: 3, group: artist}]"
    plan = make_plan(
        experiment(protocol=both),
        Material(replace(corpus, songs=tuple(alone))),
        FeatureCache(tmp_path),
    )
    one, other = ([job.key for job in jobs] for _, jobs in plan.cells)
    assert one == other


def test_a_task_holds_the_songs_of_its_fold_and_their_labels(plan: Plan, corpus: Corpus) -> None:
    by_id = {song.id: song for song in corpus.songs}
    for _, job in plan.jobs():
        task = plan.task(job)
        assert task.songs.keys() == {*job.fold.train, *job.fold.validation, *job.fold.test}
        for name, song in task.songs.items():
            np.testing.assert_array_equal(song.labels[:, 0], by_id[name].labels[job.targets[0]])
            assert (song.frames is None) == (job.feature is None)


def test_planning_again_gives_the_same_keys(
    plan: Plan, experiment: Make, corpus: Corpus, tmp_path: Path
) -> None:
    shuffled = replace(corpus, songs=corpus.songs[::-1])
    again = make_plan(
        experiment("other", **FULL), Material(shuffled), FeatureCache(tmp_path / "elsewhere")
    )
    assert [job.key for _, job in again.jobs()] == [job.key for _, job in plan.jobs()]


def test_a_changed_label_changes_the_keys_of_jobs_that_use_it(
    plan: Plan, experiment: Make, corpus: Corpus, tmp_path: Path
) -> None:
    first, *rest = corpus.songs
    first = replace(first, labels={**first.labels, "arousal": first.labels["arousal"] / 2})
    again = make_plan(
        experiment(**FULL), Material(replace(corpus, songs=(first, *rest))), plan.cache
    )
    kept = {job.key for _, job in again.jobs()} & {job.key for _, job in plan.jobs()}
    assert kept == {job.key for _, job in plan.jobs() if job.targets == ("valence",)}


def test_other_audio_changes_the_keys_of_jobs_that_hear_it(
    plan: Plan, experiment: Make, corpus: Corpus
) -> None:
    first, *rest = corpus.songs
    first = replace(first, audio_hash="other")
    again = make_plan(
        experiment(**FULL), Material(replace(corpus, songs=(first, *rest))), plan.cache
    )
    kept = {job.key for _, job in again.jobs()} & {job.key for _, job in plan.jobs()}
    assert kept == {job.key for _, job in plan.jobs() if job.feature is None}


def test_missing_labels_are_counted_in_a_note(
    experiment: Make, corpus: Corpus, tmp_path: Path
) -> None:
    first, *rest = corpus.songs
    labels = first.labels["arousal"].copy()
    labels[1:3] = np.nan
    holes = replace(first, labels={**first.labels, "arousal": labels})
    with_holes = replace(corpus, songs=(holes, *rest))
    plan = make_plan(experiment(), Material(with_holes), FeatureCache(tmp_path))
    assert manifest_of(plan).notes == (
        "arousal: 2 of 30 labels missing, in 1 songs (first: song 1); masked",
    )


def test_a_song_without_ratings_of_a_target_is_left_out_with_a_note(
    experiment: Make, corpus: Corpus, tmp_path: Path
) -> None:
    first, *rest = corpus.songs
    unrated = {**first.labels, "valence": np.full(len(first.times), np.nan)}
    partly = replace(corpus, songs=(replace(first, labels=unrated), *rest))
    cache = FeatureCache(tmp_path)
    both = make_plan(experiment(targets="[arousal, valence]"), Material(partly), cache)
    assert len(both.corpus.songs) == 5
    assert manifest_of(both).notes == ("song 1: not rated on arousal and valence; left out",)
    assert len(make_plan(experiment(), Material(partly), cache).corpus.songs) == 6


def test_joint_targets_are_one_job_a_fold_on_the_songs_rated_on_both(
    experiment: Make, corpus: Corpus, tmp_path: Path
) -> None:
    first, *rest = corpus.songs
    unrated = {**first.labels, "valence": np.full(len(first.times), np.nan)}
    partly = replace(corpus, songs=(replace(first, labels=unrated), *rest))
    joint, apart = (
        make_plan(experiment(targets=targets), Material(partly), FeatureCache(tmp_path))
        for targets in ("joint", "[arousal, valence]")
    )
    ((_, jobs),) = joint.cells
    assert [job.fold for job in jobs] == [job.fold for job in apart.cells[0][1]]
    assert {job.targets for job in jobs} == {("arousal", "valence")}
    assert joint.corpus.notes == apart.corpus.notes != ()
    song = joint.task(jobs[0]).songs["2"]
    np.testing.assert_array_equal(song.labels, rest[0].values(("arousal", "valence")))
    assert not {job.key for job in jobs} & {job.key for _, job in apart.jobs()}


def test_too_few_songs_name_the_file(experiment: Make, corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"tiny\.yaml: protocol song_kfold: folds = 7 is more than the 6 son"
    ):
        make_plan(experiment(folds=7), Material(corpus), FeatureCache(tmp_path))
