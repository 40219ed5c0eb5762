from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.config import Experiment
from benchmark.evaluation.cache import FeatureCache
from benchmark.evaluation.raters import agreement
from benchmark.records import CellPlan, Corpus, Shared, Song
from benchmark.records.store import RecordStore
from benchmark.runner.manifest import manifest_of
from benchmark.runner.material import Material
from benchmark.runner.plan import make_plan

Make = Callable[..., Experiment]
Cells = Callable[..., dict[str, CellPlan]]
N_LABELS = 5


@pytest.fixture
def corpus(make_song: Callable[..., Song]) -> Corpus:
    """Sixteen excerpts of four artists, and four full songs; every song has its own audio."""
    ids = [*range(1001, 1017), *range(2001, 2005)]
    songs = tuple(
        make_song(str(n), artist=f"artist {n % 4}", subset="full" if n > 2000 else "excerpt")
        for n in ids
    )
    songs = tuple(replace(song, audio_hash=f"audio {song.id}") for song in songs)
    return Corpus("tiny", songs, synthetic=True, citation="", licence="", floors={"arousal": 0.1})


@pytest.fixture
def cells(experiment: Make, corpus: Corpus, tmp_path: Path) -> Cells:
    """Return what makes the cells of some protocols: by protocol, or by model for a single one."""

    def make(protocol: str, *, of: Corpus = corpus, **changes: str) -> dict[str, CellPlan]:
        made = experiment(protocol=protocol, **changes)
        manifest = manifest_of(make_plan(made, Material(of), FeatureCache(tmp_path)))
        by = "model_label" if "models" in changes else "protocol_label"
        return {cell.description[by]: cell for cell in manifest.cells}

    return make


def tracks(found: Mapping[str, CellPlan]) -> list[str]:
    return [cell.tracks["arousal"] for cell in found.values()]


def test_the_manifest_lists_every_job(experiment: Make, corpus: Corpus, tmp_path: Path) -> None:
    made = experiment(models="[mean, ridge]", targets="[arousal, valence]", seeds="[0, 1]")
    plan = make_plan(made, Material(corpus), FeatureCache(tmp_path))
    manifest = manifest_of(plan)
    assert [job for cell in manifest.cells for job in cell.jobs] == [
        job.key for _, job in plan.jobs()
    ]
    assert (manifest.name, manifest.dataset["n_songs"]) == ("tiny", 20)
    assert manifest.dataset["floors"] == {"arousal": 0.1}
    assert manifest.arguments == ("tiny.yaml",)
    assert RecordStore(tmp_path).write_manifest(manifest) is None
    assert RecordStore(tmp_path).manifests() == (manifest,)


def test_a_joint_row_is_of_the_tracks_of_both_targets(cells: Cells) -> None:
    joint, apart = (
        list(cells("song_kfold", targets=targets).values())
        for targets in ("joint", "[arousal, valence]")
    )
    (row,) = joint
    assert row.description["targets"] == ["arousal", "valence"]
    assert row.tracks["arousal"] != row.tracks["valence"] == apart[0].tracks["valence"]
    assert row.tracks["arousal"] == cells("song_kfold")["song_kfold"].tracks["arousal"]


def test_rows_with_the_same_test_songs_stand_in_one_table(cells: Cells) -> None:
    """Who trained is a column: also where it is shown that more songs help."""
    one, other = (
        cells(f"{{name: mediaeval2015, train: all, {option}}}")
        for option in ("validation: 0.15", "validation: 0.4, seed: 3")
    )
    assert tracks(one) == tracks(other)
    assert [c.folds for c in one.values()] != [c.folds for c in other.values()]


def test_dev431_and_all_of_deam_stand_in_one_table(
    experiment: Make, shared_datasets: Path, tmp_path: Path
) -> None:
    made = experiment(
        root=str(shared_datasets / "deam"),
        features="[]",
        protocol="[mediaeval2015, {name: mediaeval2015, train: all}]",
    )
    plan = make_plan(made, Material(made.dataset.load()), FeatureCache(tmp_path))
    dev, every = manifest_of(plan).cells
    assert dev.tracks == every.tracks
    assert dev.folds != every.folds
    assert (dev.n_training_songs, every.n_training_songs) == (431, 1744)
    assert dev.n_test_songs == every.n_test_songs == 58
    assert dev.shared.trained_on == every.shared.trained_on == 0


@pytest.mark.parametrize(
    "protocols",
    [
        "[song_kfold, {name: song_kfold, group: artist, folds: 4}]",
        "[{name: song_kfold, folds: 4}, {name: song_kfold, group: artist, folds: 4}]",
        "[holdout, {name: holdout, group: artist}]",
        "[holdout, seed_split]",
        "[holdout, {name: holdout, test: 0.4}, {name: holdout, seed: 1}]",
        "[holdout, {name: holdout, repeats: 2}]",
        "[song_kfold, {name: song_kfold, only: [0]}, {name: song_kfold, repeats: 2}]",
        "[leaky_frames, {name: leaky_frames, seed: 1}, {name: leaky_frames, test: 0.4}]",
        "[leaky_frames, holdout, song_kfold, seed_split]",
    ],
)
def test_rows_with_other_test_labels_or_another_flaw_stand_apart(
    cells: Cells, protocols: str
) -> None:
    found = tracks(cells(protocols))
    assert len(set(found)) == len(found) > 1


def test_seed_split_tests_the_songs_of_holdout_in_another_table(cells: Cells) -> None:
    fair, optimistic = cells("[holdout, seed_split]").values()
    assert fair.tracks != optimistic.tracks
    assert fair.n_test_songs == optimistic.n_test_songs == 6
    assert fair.tested == optimistic.tested
    assert fair.folds != optimistic.folds
    assert (fair.description["flaw"], optimistic.description["flaw"]) == ("", "optimistic")


def test_a_track_is_of_the_data_the_target_and_the_folds(cells: Cells, corpus: Corpus) -> None:
    first, *rest = corpus.songs
    first = replace(first, labels={**first.labels, "valence": first.labels["valence"] / 2})
    other = replace(corpus, songs=(first, *rest))
    plain = cells("song_kfold", models="[mean, ridge]")
    assert len(set(tracks(plain))) == 1
    valence = cells("song_kfold", targets="[valence]")["song_kfold"].tracks["valence"]
    different = [
        *tracks(cells("song_kfold")),
        valence,
        *tracks(cells("{name: song_kfold, folds: 2}")),
        *tracks(cells("song_kfold", of=other)),
    ]
    assert len(set(different)) == 4
    assert tracks(plain)[0] == different[0]


def test_the_hash_of_the_folds_changes_with_the_draw(cells: Cells, corpus: Corpus) -> None:
    protocols = [
        "song_kfold",
        "{name: song_kfold, seed: 1}",
        "{name: song_kfold, folds: 4}",
        "{name: song_kfold, validation: 0.4}",
        "{name: song_kfold, group: artist, folds: 4}",
        "holdout",
        "seed_split",
        "leaky_frames",
        "{name: leaky_frames, seed: 1}",
    ]
    found = [cell.folds for protocol in protocols for cell in cells(protocol).values()]
    assert len(set(found)) == len(protocols)
    (again,) = cells("song_kfold").values()
    (shuffled,) = cells("song_kfold", of=replace(corpus, songs=corpus.songs[::-1])).values()
    assert found[0] == again.folds == shuffled.folds


@pytest.mark.parametrize(
    "other",
    ["{name: holdout, seed: 1}", "{name: holdout, test: 0.4}", "{name: holdout, repeats: 2}"],
)
def test_which_songs_are_tested_is_told_fold_by_fold(cells: Cells, other: str) -> None:
    one, same, apart = cells(f"[holdout, {{name: holdout, validation: 0.4}}, {other}]").values()
    assert one.tested == same.tested != apart.tested
    assert one.folds != same.folds


def test_the_subsets_are_those_of_the_test_songs(cells: Cells) -> None:
    (every,) = cells("song_kfold").values()
    assert every.subsets == ("excerpt", "full")
    (full,) = cells("{name: mediaeval2015, train: all}").values()
    assert full.subsets == ("full",)


def test_songs_are_counted_on_both_sides(cells: Cells) -> None:
    kfold = cells("{name: song_kfold, folds: 5, only: [0, 2]}")
    (cell,) = kfold.values()
    assert (cell.n_test_songs, cell.n_training_songs) == (8, 16)
    (cell,) = cells("{name: holdout, test: 0.25, repeats: 3}").values()
    assert 5 <= cell.n_test_songs <= 15
    assert cell.n_training_songs == 15
    (cell,) = cells("{name: seed_split, test: 0.25}").values()
    assert (cell.n_test_songs, cell.n_training_songs) == (5, 15)
    (cell,) = cells("leaky_frames").values()
    assert (cell.n_test_songs, cell.n_training_songs) == (20, 20)


def test_what_the_sides_share_is_in_the_manifest(cells: Cells) -> None:
    (fair,) = cells("holdout").values()
    assert fair.shared == Shared(test_songs=6, test_labels=6 * N_LABELS)
    (optimistic,) = cells("seed_split").values()
    assert optimistic.shared == Shared(test_songs=6, test_labels=6 * N_LABELS, chosen_on=6)
    leaky = cells("leaky_frames", models="[mean, {name: ridge, seconds: 60}]")
    mean, ridge = (cell.shared for cell in leaky.values())
    assert mean.trained_on == ridge.trained_on == mean.chosen_on == 20
    assert mean.overlapping == 0, "it sees no audio"
    assert 0 < ridge.overlapping <= ridge.test_labels < 20 * N_LABELS


def test_how_far_a_model_sees_is_its_view_and_the_support_of_its_feature(cells: Cells) -> None:
    """Half a second apart with 1 s between the middles of stretches: a frame's support decides."""
    counts = {}
    for n_fft in (512, 24_000):
        found = cells(
            "{name: leaky_frames, test: 0.6}",
            models="[{name: ridge, seconds: 0.4}]",
            features=f"[{{name: mel, n_mels: 4, n_fft: {n_fft}}}]",
        )
        (counts[n_fft],) = (cell.shared.overlapping for cell in found.values())
    assert counts[512] == 0
    assert counts[24_000] > 0


def test_the_same_audio_under_another_id_is_found(cells: Cells, corpus: Corpus) -> None:
    """A full song that is an excerpt's file, should preparing ever miss it."""
    *others, last = corpus.songs
    twin = replace(corpus, songs=(*others, replace(last, audio_hash="audio 1001")))
    found = cells(
        "{name: mediaeval2015, train: all}", of=twin, models="[mean, {name: ridge, seconds: 6}]"
    )
    mean, ridge = (cell.shared for cell in found.values())
    assert (mean.trained_on, ridge.trained_on) == (0, 1)
    assert ridge.overlapping == N_LABELS
    assert ridge.example == f"song {last.id}, the same recording as song 1001"


def test_raters_are_in_the_manifest_where_they_are_known(
    experiment: Make, corpus: Corpus, tmp_path: Path
) -> None:
    ratings: dict[str, Any] = {"arousal": np.random.default_rng(0).normal(size=(5, N_LABELS))}
    first, *rest = corpus.songs
    known = replace(corpus, songs=(replace(first, ratings=ratings), *rest))
    made = experiment(targets="[arousal, valence]")
    manifest = manifest_of(make_plan(made, Material(known), FeatureCache(tmp_path)))
    assert manifest.raters == {"arousal": agreement(known.songs, "arousal"), "valence": {}}
    assert manifest.raters["arousal"].keys() == {"1001"}
