from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from doing import Done, Ear, Here

from benchmark.config import Experiment, load_experiments
from benchmark.errors import ConfigError
from benchmark.evaluation.alarm import kinds, of_folds
from benchmark.records import CellPlan
from benchmark.runner import Crew, Summary, run

Make = Callable[..., Experiment]
Do = Callable[..., Done]
pytestmark = pytest.mark.usefixtures("plug_in")

SEARCH = (
    "{trials: 4, sampler: random, models: {lucky: {number: {low: 0, high: 9999}, "
    "seconds: {low: 1.0e-9, high: 1.0e-6, log: true}}}}"
)
SINGLE = SEARCH.replace("{", "{mode: single, ", 1)


def ran(done: Done, file: Path) -> tuple[Summary, CellPlan]:
    """Run a file where it was written from; return what that did, and its row."""
    (experiment,) = load_experiments([file])
    crew = Crew(here=Here(), jobs=Here())
    summary = run([experiment], done.workspace, crew=crew, fresh=False, listener=Ear())
    (found,) = [one for one in done.workspace.records.manifests() if one.name == experiment.name]
    return summary, found.cells[0]


def test_what_won_on_all_songs_is_a_file_and_its_row_is_optimistic(
    do: Do, experiment: Make
) -> None:
    done = do(experiment(SEARCH, targets="[arousal, valence]"), apply=True)
    assert [path.name for path in done.tuned.files] == [
        "tiny_tuned_arousal.yaml",
        "tiny_tuned_valence.yaml",
    ]
    for path, target in zip(done.tuned.files, ("arousal", "valence"), strict=True):
        study = done.study(None, target)
        text = path.read_text()
        assert text.startswith("# Written by `python -m benchmark tune --apply`: trial ")
        assert f"trial {study.best.number} of 4\n# of study {study.name!r}, inner RMSE" in text
        (written,) = load_experiments([path])
        (model,) = written.models
        own = {"lucky.number": model.number, "lucky.seconds": model.seconds}
        assert own == study.best.parameters
        assert (written.name, written.targets) == (f"tiny_tuned_{target}", (target,))
        assert set(written.chosen_on.songs) == {str(song) for song in range(1, 13)}
        assert written.search is None
        summary, row = ran(done, path)
        assert summary.failures == ()
        assert (row.shared.test_songs, row.shared.chosen_on) == (12, 12)
        assert kinds(of_folds(row.shared)) == "optimistic"
    tuned, *_ = [one for one in done.workspace.records.manifests() if one.name == "tiny+tuned"]
    assert of_folds(tuned.cells[0].shared) == (), "what nested tuning tested was not chosen on"


def test_what_was_tuned_and_tested_once_is_a_file_whose_row_is_the_one_that_was_tested(
    do: Do, experiment: Make
) -> None:
    done = do(experiment(SINGLE, protocol="holdout"), apply=True)
    summary, row = ran(done, *done.tuned.files)
    assert summary == Summary(computed=0, recorded=1, failures=())
    assert row.jobs == tuple(record.key for record in done.row())
    assert (row.shared.chosen_on, of_folds(row.shared)) == (0, ())
    assert row.shared.test_songs == 4
    (written,) = load_experiments(done.tuned.files)
    assert set(written.chosen_on.songs).isdisjoint(done.row()[0].predictions.songs)
    path = done.tuned.files[0]
    path.write_text(path.read_text().replace("protocol: holdout", "protocol: song_kfold"))
    _, row = ran(done, path)
    assert row.shared.chosen_on == 8
    assert kinds(of_folds(row.shared)) == "optimistic"


def test_of_components_what_differs_from_the_defaults_is_written(
    do: Do, experiment: Make, deam_folder: Any
) -> None:
    search = (
        "{trials: 3, sampler: random, features: {mel: {n_mels: [4, 5]}}, "
        "models: {ridge: {seconds: [2.0, 6.0]}}}"
    )
    tiny = experiment(
        search,
        root=deam_folder.root,
        features="[{name: mel, n_mels: 6, n_fft: 1024}]",
        models="[{name: ridge, seconds: 2, alphas: [10]}]",
        protocol="{name: song_kfold, folds: 2}\n# a remark",
    )
    done = do(tiny, apply=True)
    best = done.study(None).best.parameters
    raw = yaml.safe_load(done.tuned.files[0].read_text())
    assert raw["features"] == [{"name": "mel", "n_fft": 1024, "n_mels": best["mel.n_mels"]}]
    seconds = {} if best["ridge.seconds"] == 6 else {"seconds": 2.0}
    assert raw["models"] == [{"name": "ridge", "alphas": [10.0], **seconds}]
    assert raw["protocol"] == {"name": "song_kfold", "folds": 2}
    assert ran(done, *done.tuned.files)[0].failures == ()


def test_only_what_was_written_so_is_written_over(do: Do, experiment: Make) -> None:
    tiny = experiment(SEARCH)
    path = tiny.file.with_name("tiny_tuned_arousal.yaml")
    path.write_text("version: 1\nname: mine\n")
    message = r"tiny_tuned_arousal\.yaml: is there already, and not by tune --apply; rename or"
    with pytest.raises(ConfigError, match=message):
        do(tiny, apply=True)
    assert path.read_text() == "version: 1\nname: mine\n"
    path.unlink()
    first = do(tiny, apply=True)
    assert first.tuned.files == (path,)
    text = path.read_text()
    path.write_text(text.splitlines()[0])
    do(tiny, apply=True)
    assert path.read_text() == text
    assert do(tiny).tuned.files == (), "not asked for"


def test_where_nothing_won_nothing_is_written(do: Do, experiment: Make) -> None:
    search = "{trials: 2, models: {fickle: {mood: [raises, diverges]}}}"
    done = do(experiment(search, models="[fickle]", features="[opensmile_means]"), apply=True)
    assert done.tuned.files == ()
    assert sorted(reason.partition(" [")[0] for reason in done.tuned.without_winner) == [
        "tiny arousal all songs",
        "tiny arousal fold 0",
        "tiny arousal fold 1",
    ]


def test_settings_go_into_the_file_that_is_written(do: Do, experiment: Make) -> None:
    tiny = experiment(SEARCH, settings=["protocol.folds=3", "seeds=[3]", "dataset.title=another"])
    done = do(tiny, apply=True)
    (written,) = load_experiments(done.tuned.files)
    assert (written.protocols, written.seeds) == (tiny.protocols, (3,))
    assert written.chosen_on.dataset == "another"
    _, row = ran(done, *done.tuned.files)
    assert kinds(of_folds(row.shared)) == "optimistic"


def test_the_same_songs_under_another_title_are_known(do: Do, experiment: Make) -> None:
    done = do(experiment(SEARCH), apply=True)
    (path,) = done.tuned.files
    raw = yaml.safe_load(path.read_text())
    raw["dataset"] = {**raw["dataset"], "title": "another"}
    path.write_text(yaml.safe_dump(raw))
    _, row = ran(done, path)
    assert kinds(of_folds(row.shared)) == "optimistic"


def test_what_was_chosen_before_stays_chosen(do: Do, experiment: Make) -> None:
    """Of a file that was written so, tuned again on a part of its songs."""
    (path,) = do(experiment(SEARCH), apply=True).tuned.files
    raw = yaml.safe_load(path.read_text())
    again = {"protocol": "holdout", "search": yaml.safe_load(SINGLE), "name": "again"}
    path.with_name("again.yaml").write_text(yaml.safe_dump({**raw, **again}))
    (second,) = load_experiments([path.with_name("again.yaml")])
    done = do(second, apply=True)
    (written,) = load_experiments(done.tuned.files)
    assert set(written.chosen_on.songs) == {str(song) for song in range(1, 13)}
    _, row = ran(done, *done.tuned.files)
    assert kinds(of_folds(row.shared)) == "optimistic"
