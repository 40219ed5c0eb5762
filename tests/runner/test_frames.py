"""Features are computed for jobs that are due, and for nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmark.config import Experiment
from benchmark.evaluation.cache import FeatureCache
from benchmark.execution import Pool
from benchmark.runner import Crew, Summary, Workspace, run
from benchmark.runner.frames import complete
from benchmark.runner.prepare import make_plans

Make = Callable[..., Experiment]
RIDGE = {"models": "[ridge]"}


@pytest.fixture
def here(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "here")


@pytest.fixture
def start(here: Workspace, ear: Any) -> Callable[..., Summary]:
    def runner(*experiments: Experiment) -> Summary:
        ear.stages.clear()
        crew = Crew(here=Pool(2), jobs=Pool(2))
        return run(experiments, here, crew=crew, fresh=False, listener=ear)

    return runner


def test_a_finished_run_needs_no_features(
    start: Any, experiment: Make, here: Workspace, ear: Any
) -> None:
    start(experiment(**RIDGE))
    assert [holding.n_songs for holding in here.features.clear()] == [6]
    assert start(experiment(**RIDGE)) == Summary(0, 3, ())
    assert [title for title, _ in ear.stages] == ["datasets"]
    assert here.features.holdings() == ()


def test_a_job_that_is_due_has_its_features_computed_again(
    start: Any, experiment: Make, here: Workspace, ear: Any
) -> None:
    start(experiment(**RIDGE))
    here.features.clear()
    chroma = experiment(features="[chroma]", **RIDGE)
    assert start(experiment(**RIDGE), chroma) == Summary(3, 3, ())
    assert ("features of tiny", 6) in ear.stages
    assert [holding.feature for holding in here.features.holdings()] == ["chroma"]


def test_only_the_song_whose_file_is_cut_short_is_decoded_again(
    start: Any, experiment: Make, here: Workspace, ear: Any
) -> None:
    start(experiment(**RIDGE))
    path = sorted(here.features.root.glob("??/*/*.npy"))[0]
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert start(experiment(models="[{name: ridge, alphas: [1]}]")).failures == ()
    assert ("features of tiny", 1) in ear.stages
    assert path.read_bytes() == whole


def test_experiments_that_use_different_songs_all_get_their_frames(
    start: Any, experiment: Make, here: Workspace, deam_folder: Any
) -> None:
    """A song without a rating on valence is used by the file that asks for arousal alone."""
    table = deam_folder.table("valence")
    header, first, *rest = table.read_text().splitlines()
    unrated = ",".join([first.partition(",")[0], *[""] * first.count(",")])
    table.write_text("\n".join([header, unrated, *rest]))
    valence = experiment("v", targets="[valence]", folds=2, **RIDGE)
    arousal = experiment("a", targets="[arousal]", folds=2, **RIDGE)
    start(experiment(models="[mean]"))  # every song has been heard
    assert start(valence, arousal).failures == ()
    assert [holding.n_songs for holding in here.features.holdings()] == [6]


def test_what_is_wrong_with_a_feature_is_told_of_jobs_that_want_it(
    experiment: Make, tmp_path: Path, ear: Any
) -> None:
    """A model can be trained on another feature of the same file."""
    cache, pool = FeatureCache(tmp_path / "features"), Pool(1)
    both = experiment(features="[opensmile, {name: mel, n_mels: 4}]", **RIDGE)
    (plan,) = make_plans([both], cache, pool=pool, listener=ear)
    jobs = {job.feature.name: job for _, job in plan.jobs() if job.feature}
    assert complete([(plan, jobs["mel"])], pool=pool, listener=ear) == {}
    (reason,) = complete([(plan, jobs["opensmile"])], pool=pool, listener=ear).values()
    assert "no features/<song_id>.csv in any folder" in reason
