from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmark.config import Experiment, load_experiments
from benchmark.errors import ConfigError
from benchmark.records import TARGETS

Write = Callable[..., Path]


def load(path: Path, *settings: str) -> Experiment:
    (experiment,) = load_experiments([path], settings)
    return experiment


@pytest.mark.parametrize(
    ("setting", "read", "expected"),
    [
        ("seeds=[0,1]", lambda e: e.seeds, (0, 1)),
        ("threads=2", lambda e: e.threads, 2),
        ("targets=joint", lambda e: next(cell.targets for cell in e.cells()), TARGETS),
        (
            "dataset={name: deam, root: a=b/c d}",
            lambda e: getattr(e.dataset, "root", None),
            Path("a=b/c d"),
        ),
        ("dataset.songs=12", lambda e: e.dataset.songs, 12),
        ("dataset=deam", lambda e: e.dataset.name, "deam"),
        ("protocol.folds=3", lambda e: e.protocols[0].folds, 3),
        ("protocol.validation=1e-1", lambda e: e.protocols[0].validation, 0.1),
        ("protocol=holdout", lambda e: e.protocols[0].name, "holdout"),
        ("protocol=[holdout, seed_split]", lambda e: len(e.protocols), 2),
        ("models.xgboost_summary.n_estimators=7", lambda e: e.models[2].n_estimators, 7),
        ("models.ridge.alphas=[1, 2.5]", lambda e: e.models[1].alphas, (1.0, 2.5)),
        ("features.mel.n_mels=10", lambda e: e.features[0].n_mels, 10),
        ("models=[mean]", lambda e: [model.name for model in e.models], ["mean"]),
        (" seeds = [3] ", lambda e: e.seeds, (3,)),
    ],
)
def test_any_key_can_be_set(
    write: Write, setting: str, read: Callable[[Experiment], Any], expected: Any
) -> None:
    assert read(load(write())) != expected
    assert read(load(write(), setting)) == expected


def test_the_last_setting_wins(write: Write) -> None:
    assert load(write(), "threads=2", "threads=3").threads == 3


def test_a_setting_holds_for_every_file_that_has_its_place(write: Write) -> None:
    other = "version: 1\nname: other\ndataset: demo\nfeatures: [mel]\nmodels: [mean]\n"
    paths = [write(), write(other, "other.yaml")]
    settings = ["models.ridge.seconds=2", "protocol.folds=4"]
    plain, without = load_experiments(paths, settings)
    assert plain.models[1].seconds == 2
    assert [experiment.protocols[0].folds for experiment in (plain, without)] == [4, 4]


SEVERAL = """\
version: 1
name: several
dataset: demo
features: [mel]
models: [mean]
protocol: [holdout, {name: song_kfold, folds: 4}, {name: song_kfold, group: artist}]
"""


def test_one_of_several_protocols_is_set_by_its_name(write: Write) -> None:
    experiment = load(write(SEVERAL), "protocol.holdout.test=0.2")
    assert [protocol.label for protocol in experiment.protocols] == [
        "holdout(test=0.2)",
        "song_kfold(folds=4)",
        "song_kfold(group=artist)",
    ]


def test_a_setting_holds_for_every_protocol_of_the_name(write: Write) -> None:
    experiment = load(write(SEVERAL), "protocol.song_kfold.folds=3")
    assert [protocol.label for protocol in experiment.protocols][1:] == [
        "song_kfold(folds=3)",
        "song_kfold(folds=3, group=artist)",
    ]


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("protocol.folds=3", "--set: protocol.folds=3: names nothing in these files"),
        ("protocol.seed_split.test=0.2", "seed_split.test=0.2: names nothing in these files"),
        ("protocol.holdout=1", "--set: protocol.holdout=1: names nothing in these files"),
        ("protocol.holdout.tests=1", r"protocol\[0\] \(holdout\).tests: no parameter 'tests'"),
    ],
)
def test_a_setting_that_names_none_of_several_protocols_is_named(
    write: Write, setting: str, problem: str
) -> None:
    with pytest.raises(ConfigError, match=problem):
        load(write(SEVERAL), setting)


def test_settings_are_remembered(write: Write) -> None:
    assert load(write(), "threads=2").settings == ("threads=2",)


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("seeds", r"--set: seeds: should be key=value, as in seeds=\[0,1\]"),
        ("=3", r"--set: =3: should be key=value"),
        ("dataset..root=x", r"--set: dataset..root=x: should be key=value"),
        ("seeds=[0", r"--set: seeds=\[0: '\[0' is not a YAML value"),
        ("threads=0x_", r"--set: threads=0x_: '0x_' is not a YAML value"),
        ("threads=2026-13-45", r"--set: threads=2026-13-45: '2026-13-45' is not a YAML value"),
        ("models.lasso.alpha=1", r"--set: models.lasso.alpha=1: names nothing in these files"),
        ("models.ridge=1", r"--set: models.ridge=1: names nothing in these files"),
        ("models.ridge.alphas.x=1", r"names nothing in these files"),
        ("version.x=1", r"--set: version.x=1: names nothing in these files"),
        ("sedes=[1]", r"plain.yaml: sedes: no such key; did you mean seeds\?"),
        ("models.ridge.alpha=1", r"\(ridge\).alpha: no parameter 'alpha' .* did you mean alphas\?"),
        ("dataset.songs=", r"plain.yaml: dataset.songs: None "),
        ("threads=yes", r"plain.yaml: threads: True should be a number, not a truth value"),
    ],
)
def test_a_setting_that_cannot_hold_is_named(write: Write, setting: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem) as caught:
        load(write(), setting)
    assert len(caught.value.problems) == 1
