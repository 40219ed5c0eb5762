"""Which cell is trained: the best that is to be believed, or the one that is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.config import load_experiments
from benchmark.evaluation.cache import FeatureCache
from benchmark.features.opensmile_means import OpensmileMeans
from benchmark.prediction.choice import Candidate, ChoiceError, choose
from benchmark.records import JobRecord, Predictions
from benchmark.records.store import RecordStore
from benchmark.runner.manifest import manifest_of
from benchmark.runner.material import Material
from benchmark.runner.plan import Plan, make_plan

TEXT = """\
version: 1
name: tiny
dataset: {{name: deam, root: "{root}"}}
features: {features}
models: [mean, ridge]
targets: {targets}
protocol: {protocol}
"""
FAIR = "{name: song_kfold, folds: 3}"
ERRORS = {"none / mean": 0.3, "mel / ridge": 0.2, "chroma / ridge": 0.25}


class Bench:
    """A planned experiment whose jobs get records as they are wanted."""

    def __init__(self, folder: Path, root: str, **settings: str) -> None:
        self.records = RecordStore(folder / "mlruns")
        path = folder / "tiny.yaml"
        values = {"features": "[mel, chroma]", "targets": "[arousal]", "protocol": FAIR}
        path.write_text(TEXT.format(root=root, **{**values, **settings}))
        (experiment,) = load_experiments([path])
        corpus = experiment.dataset.load()
        hashes = dict.fromkeys((song.id for song in corpus.songs), "0")
        material = Material(corpus, {OpensmileMeans(): hashes})
        self.plan: Plan = make_plan(experiment, material, FeatureCache(folder / "features"))
        self.label = {song.id: song for song in corpus.songs}

    def run(self, errors: Mapping[str, Any], *, jobs: int | None = None) -> Bench:
        """Record cells by feature and model: `jobs` of each, off by so much, or failed.

        What they are off by may be one number a target.
        """
        self.records.write_manifest(manifest_of(self.plan))
        for cell, planned in self.plan.cells:
            error = errors.get(f"{cell.feature_label} / {cell.model.label}")
            for job in planned[:jobs] if error is not None else ():
                if isinstance(error, str):
                    self.records.write(JobRecord(job.key, job.description, error=error))
                else:
                    self.records.write(self._record(job, error))
        return self

    def choose(self, *, named: Sequence[str] = (), best: Sequence[str] = ()) -> list[str]:
        chosen: tuple[Candidate, ...] = choose(self.plan, self.records, named=named, best=best)
        return [candidate.cell.label for candidate in chosen]

    def _record(self, job: Any, error: Any) -> JobRecord:
        songs = [self.label[song] for song in job.fold.test]
        labels = np.concatenate([song.values(job.targets) for song in songs])
        return JobRecord(
            job.key,
            job.description,
            predictions=Predictions(
                songs=np.repeat([song.id for song in songs], [len(song.times) for song in songs]),
                times=np.concatenate([song.times for song in songs]),
                labels=labels,
                values=labels + error * np.resize([1.0, -1.0], (len(labels), 1)),
            ),
            constants=(0.0,) * len(job.targets),
        )


@pytest.fixture
def bench(tmp_path: Path, deam_folder: Any) -> Callable[..., Bench]:
    def make(**settings: str) -> Bench:
        return Bench(tmp_path, **{"root": str(deam_folder.root), **settings})

    return make


def test_the_best_has_the_lowest_rmse(bench: Callable[..., Bench]) -> None:
    done = bench(targets="[arousal, valence]").run(ERRORS)
    assert done.choose(best=["arousal"]) == ["mel / ridge / arousal"]
    assert done.choose(best=["valence", "arousal"]) == [
        "mel / ridge / valence",
        "mel / ridge / arousal",
    ]


def test_a_row_that_is_too_good_is_never_the_best(bench: Callable[..., Bench]) -> None:
    done = bench().run({**ERRORS, "mel / ridge": 0.001})
    assert done.choose(best=["arousal"]) == ["chroma / ridge / arousal"]
    assert done.choose(named=["mel / ridge / arousal"]) == ["mel / ridge / arousal"]


def test_a_cell_that_failed_is_passed_over(bench: Callable[..., Bench]) -> None:
    done = bench().run({**ERRORS, "mel / ridge": "ValueError: too loud"})
    assert done.choose(best=["arousal"]) == ["chroma / ridge / arousal"]
    with pytest.raises(ChoiceError, match=r"mel / ridge / arousal: failed in 3 of 3 jobs: .*loud"):
        done.choose(named=["mel / ridge / arousal"])


def test_where_every_row_is_flagged_none_is_the_best(bench: Callable[..., Bench]) -> None:
    done = bench().run(dict.fromkeys(ERRORS, 0.001))
    with pytest.raises(ChoiceError, match="no cell on arousal has a score that is not flagged"):
        done.choose(best=["arousal"])


@pytest.mark.parametrize("jobs", [0, 2])
def test_the_best_is_known_when_all_have_run(bench: Callable[..., Bench], jobs: int) -> None:
    half = (
        bench()
        .run({"mel / ridge": 0.2, "none / mean": 0.3})
        .run({"chroma / ridge": 0.1}, jobs=jobs)
    )
    said = (
        r"tiny\.yaml: 1 of 3 cells on arousal have not been run \(first: chroma / ridge / "
        r"arousal\); python -m benchmark run .*tiny\.yaml"
    )
    with pytest.raises(ChoiceError, match=said):
        half.choose(best=["arousal"])


def test_nothing_that_has_not_run_is_chosen(bench: Callable[..., Bench]) -> None:
    fresh = bench()
    with pytest.raises(ChoiceError, match=r"3 of 3 cells on arousal have not been run"):
        fresh.choose(best=["arousal"])
    with pytest.raises(ChoiceError, match=r"has not been cross-validated; python -m benchmark run"):
        fresh.choose(named=["mel / ridge / arousal"])


def test_an_unknown_name_is_mended(bench: Callable[..., Bench]) -> None:
    with pytest.raises(
        ChoiceError, match=r"no cell 'mel / rigde / arousal'; did you mean mel / ri"
    ):
        bench().choose(named=["mel / rigde / arousal"])


def test_a_target_without_cells_has_no_best(bench: Callable[..., Bench]) -> None:
    with pytest.raises(ChoiceError, match=r"tiny\.yaml: has no cell on valence"):
        bench().run(ERRORS).choose(best=["valence"])


def test_a_joint_cell_serves_what_it_was_chosen_for(bench: Callable[..., Bench]) -> None:
    done = bench(targets="joint").run(ERRORS)
    ridge = "mel / ridge / arousal+valence"

    def served(**asked: Sequence[str]) -> dict[str, tuple[str, ...]]:
        chosen = choose(done.plan, done.records, **{"named": (), "best": (), **asked})
        return {each.cell.label: each.serves for each in chosen}

    assert served(best=["valence"]) == {ridge: ("valence",)}
    assert served(best=["valence", "arousal"]) == {ridge: ("arousal", "valence")}
    assert served(named=[ridge]) == {ridge: ("arousal", "valence")}
    with pytest.raises(ChoiceError, match="3 cells on arousal; take the best with") as raised:
        served()
    assert f"--cell '{ridge}'" in str(raised.value)


def test_the_best_of_joint_cells_is_that_of_the_target(bench: Callable[..., Bench]) -> None:
    done = bench(targets="joint").run({**ERRORS, "mel / ridge": (0.2, 0.4)})
    assert done.choose(best=["arousal", "valence"]) == [
        "mel / ridge / arousal+valence",
        "chroma / ridge / arousal+valence",
    ]


def test_a_single_joint_cell_needs_no_name(bench: Callable[..., Bench]) -> None:
    alone = bench(features="[mel]", targets="joint")
    cells = [(cell, jobs) for cell, jobs in alone.plan.cells if cell.feature]
    alone.plan = replace(alone.plan, cells=cells)
    assert alone.run(ERRORS).choose() == ["mel / ridge / arousal+valence"]


def test_several_cells_are_listed_as_they_are_named(bench: Callable[..., Bench]) -> None:
    with pytest.raises(ChoiceError, match="3 cells on arousal; take the best with") as raised:
        bench().run(ERRORS).choose()
    for cell in ERRORS:
        assert f"\n  --cell '{cell} / arousal'" in str(raised.value)


def test_a_single_cell_needs_no_name(bench: Callable[..., Bench]) -> None:
    alone = bench(features="[mel]", targets="[arousal, valence]")
    alone.plan = type(alone.plan)(
        **{**vars(alone.plan), "cells": [(c, j) for c, j in alone.plan.cells if c.feature]}
    )
    assert alone.run(ERRORS).choose() == ["mel / ridge / arousal", "mel / ridge / valence"]


def test_what_is_asked_for_twice_is_trained_once(bench: Callable[..., Bench]) -> None:
    done = bench().run(ERRORS)
    assert done.choose(named=["mel / ridge / arousal"], best=["arousal"]) == [
        "mel / ridge / arousal"
    ]


def test_features_that_lie_in_a_dataset_cannot_predict(bench: Callable[..., Bench]) -> None:
    done = bench(features="[opensmile_means, chroma]")
    done.run({**ERRORS, "opensmile_means / ridge": 0.1})
    assert done.choose(best=["arousal"]) == ["chroma / ridge / arousal"]
    with pytest.raises(ChoiceError, match=r"opensmile_means lies in a dataset .*name another cell"):
        done.choose(named=["opensmile_means / ridge / arousal"])


def test_ratings_of_whole_songs_give_no_model_of_curves(
    bench: Callable[..., Bench], deam_folder: Any
) -> None:
    table = "song_id,valence_mean,valence_std,arousal_mean,arousal_std\n"
    rows = "".join(f"{song},5,1,{song},1\n" for song in range(1, 7))
    name = "static_annotations_averaged_songs_1_2000.csv"
    deam_folder.write(deam_folder.root / name, table + rows)
    ready = bench(features="[mel]", root=f'{deam_folder.root}", ratings: "static').run(ERRORS)
    with pytest.raises(ChoiceError, match=r"draws no curve; .*--set dataset.ratings=dynamic"):
        ready.choose(best=["arousal"])


def test_cells_are_those_of_the_first_fair_protocol(bench: Callable[..., Bench]) -> None:
    mixed = bench(protocol=f"[leaky_frames, {FAIR}, {{name: song_kfold, folds: 2}}]").run(ERRORS)
    (chosen,) = choose(mixed.plan, mixed.records, named=(), best=["arousal"])
    assert chosen.cell.protocol.label == "song_kfold(folds=3)"
    assert {job.fold.index for job in chosen.jobs} == {0, 1, 2}
    unfair = bench(protocol="[leaky_frames, seed_split]")
    with pytest.raises(ChoiceError, match=r"leaky_frames, seed_split gives no fair score"):
        unfair.choose(best=["arousal"])
