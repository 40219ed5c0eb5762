from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.config import Experiment, load_experiments
from benchmark.config.domains import Choice, Range
from benchmark.config.search import Search
from benchmark.errors import ConfigError
from benchmark.models.ridge import Ridge
from benchmark.protocols.holdout import Holdout
from benchmark.protocols.song_kfold import SongKfold

Write = Callable[..., Path]
PLAIN = """\
version: 1
name: searched
dataset: demo
features: [mel, {name: mfcc, n_mfcc: 13}]
models: [ridge, {name: xgboost_summary, max_depth: 3}]
"""


def load(path: Path, *settings: str) -> Experiment:
    (experiment,) = load_experiments([path], settings)
    return experiment


def search_of(path: Path, *settings: str) -> Search:
    search = load(path, *settings).search
    assert search is not None
    return search


def problems_of(path: Path, *settings: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_experiments([path], settings)
    return [str(problem).partition(": ")[2] for problem in caught.value.problems]


def test_a_file_without_search_has_none(write: Write) -> None:
    assert load(write(PLAIN)).search is None


def test_an_empty_search_chooses_among_the_components(write: Write) -> None:
    experiment = load(write(PLAIN + "search: {}"))
    search = experiment.search
    assert search is not None
    assert (search.mode, search.trials, search.sampler) == ("nested", 50, "tpe")
    assert (search.pruner, search.seed) == ("median", 0)
    assert search.inner == SongKfold(folds=3)
    for candidates, components in [
        (search.features, experiment.features),
        (search.models, experiment.models),
    ]:
        assert tuple(candidate.component for candidate in candidates) == components
        assert not any(candidate.free for candidate in candidates)
        assert all(candidate.is_inside for candidate in candidates)
    assert search.n_free == 2


def test_what_is_given_takes_the_place_of_the_defaults(write: Write) -> None:
    search = search_of(
        write(
            PLAIN
            + "search:\n  mode: single\n  trials: '7'\n  sampler: qmc\n  pruner: hyperband\n"
            + "  seed: 3\n  inner: {name: holdout, test: 2e-1}\n"
            + "  features: {mfcc: {n_mfcc: [13, 20]}}\n"
            + "  models: {ridge: {seconds: {low: 1, high: 1e1, log: true}}}\n"
        )
    )
    assert (search.mode, search.trials, search.sampler) == ("single", 7, "qmc")
    assert (search.pruner, search.seed, search.inner) == ("hyperband", 3, Holdout(test=0.2))
    mel, mfcc = search.features
    ridge, xgboost = search.models
    assert (mel.free, mfcc.free) == ({}, {"n_mfcc": Choice((13, 20))})
    assert (ridge.free, xgboost.free) == ({"seconds": Range(1.0, 10.0, log=True)}, {})
    assert search.n_free == 4


def test_every_component_of_a_name_has_its_ranges(write: Write) -> None:
    text = PLAIN.replace("[ridge,", "[ridge, {name: ridge, alphas: [1, 2]},")
    search = search_of(write(text + "search: {models: {ridge: {seconds: [2, 6]}}}"))
    free = [dict(candidate.free) for candidate in search.models]
    assert free == [{"seconds": Choice((2.0, 6.0))}, {"seconds": Choice((2.0, 6.0))}, {}]


@pytest.mark.parametrize(
    ("protocol", "group"),
    [
        ("song_kfold", "song"),
        ("{name: song_kfold, group: artist}", "artist"),
        ("{name: holdout, group: artist}", "artist"),
        ("mediaeval2015", "song"),
    ],
)
def test_inner_folds_keep_together_what_outer_ones_do(
    write: Write, protocol: str, group: str
) -> None:
    inner = search_of(write(f"{PLAIN}protocol: {protocol}\nsearch: {{}}")).inner
    assert inner == SongKfold(folds=3, group=group)


def test_what_is_run_does_not_depend_on_the_search(write: Write) -> None:
    """Values outside a range stay as they are: only a study chooses."""
    ranges = "search: {models: {ridge: {seconds: {low: 1, high: 2}}}}"
    searched = load(write(PLAIN + ranges, "searched.yaml"))
    assert searched.search is not None
    assert searched.cells() == load(write(PLAIN)).cells()


@pytest.mark.parametrize(
    ("ranges", "inside"),
    [
        ("seconds: {low: 1, high: 8}", True),
        ("seconds: {low: 6, high: 8}", True),
        ("seconds: {low: 1, high: 6}", True),
        ("seconds: {low: 7, high: 8}", False),
        ("seconds: {low: 1, high: 8, step: 2.5}", True),
        ("seconds: {low: 1, high: 8, step: 2}", False),
        ("seconds: [3, 6]", True),
        ("seconds: [3, 7]", False),
    ],
)
def test_a_component_is_inside_if_a_study_could_choose_it(
    write: Write, ranges: str, inside: bool
) -> None:
    text = PLAIN.replace("xgboost_summary, max_depth: 3", "extra_trees")
    search = search_of(write(text + f"search: {{models: {{extra_trees: {{{ranges}}}}}}}"))
    assert search.models[1].is_inside is inside


def test_a_component_is_outside_if_any_parameter_is(write: Write) -> None:
    text = PLAIN + "search: {models: {xgboost_summary: {max_depth: [2, 3], seconds: [1, 2]}}}"
    candidate = search_of(write(text)).models[1]
    assert not candidate.is_inside
    moved = replace(candidate.component, seconds=2.0)
    assert replace(candidate, component=moved).is_inside


@pytest.mark.parametrize(
    ("features", "models", "ranges", "n_free"),
    [
        ("mel", "ridge", "{ridge: {seconds: [1, 2]}}", 1),
        ("mel, chroma", "ridge", "{ridge: {seconds: [1, 2]}}", 2),
        ("mel, chroma, mfcc", "ridge, mean", "{}", 2),
        ("mel, chroma", "ridge, mean", "{ridge: {seconds: [1, 2]}}", 3),
    ],
)
def test_components_to_choose_from_count_as_a_parameter(
    write: Write, features: str, models: str, ranges: str, n_free: int
) -> None:
    text = f"version: 1\nname: a\ndataset: demo\nfeatures: [{features}]\nmodels: [{models}]\n"
    assert search_of(write(f"{text}search: {{models: {ranges}}}")).n_free == n_free


def test_a_candidate_is_described_as_json_gives_it_back(write: Write) -> None:
    """Two descriptions of one study are equal, be one of them read from a file."""
    text = PLAIN + (
        "search: {models: {xgboost_summary: {max_depth: [2, 3], seconds: {low: 1, high: 8}}}}"
    )
    described = search_of(write(text)).models[1].described()
    assert json.loads(json.dumps(described)) == described
    assert described["name"] == "xgboost_summary"
    assert described["search"] == {
        "max_depth": {"values": [2, 3]},
        "seconds": {"low": 1.0, "high": 8.0, "log": False, "step": None},
    }


MISTAKES = [
    ("search:", "search: None should be a mapping, as in {models: ...}"),
    ("search: [ridge]", "search: ['ridge'] should be a mapping, as in {models: ...}"),
    ("search: {trails: 3}", "search.trails: no such key; did you mean trials?"),
    ("search: {1: 3}", "search.1: no such key; known: features, inner, mode, models, pruner, "),
    ("search: {mode: nestled}", "search.mode: 'nestled' should be 'nested' or 'single'"),
    ("search: {trials: 0}", "search.trials: 0 should be greater than or equal to 1"),
    ("search: {trials: 2.5}", "search.trials: 2.5 should be a valid integer"),
    ("search: {trials: yes}", "search.trials: True should be a number, not a truth value"),
    ("search: {trials:}", "search.trials: None should be a valid integer"),
    ("search: {sampler: grid}", "search.sampler: 'grid' should be 'tpe', 'random' or 'qmc'"),
    ("search: {pruner: no}", "search.pruner: False should be 'median', 'hyperband', 'successive_h"),
    ("search: {seed: -1}", "search.seed: -1 should be greater than or equal to 0"),
    ("search: {seed: 4294967296}", "search.seed: 4294967296 should be less than 4294967296"),
    (
        "search: {models: [ridge]}",
        "search.models: ['ridge'] should map names to ranges of their parameters",
    ),
    ("search: {features:}", "search.features: None should map names to ranges of their parameters"),
    ("search: {models: {rigde: {}}}", "search.models.rigde: is none of this file; did you mean ri"),
    ("search: {models: {1: {}}}", "search.models.1: is none of this file; known: ridge, xgboost_"),
    (
        "search: {models: {extra_trees: {seconds: [1, 2]}}}",
        "search.models.extra_trees: is none of this file; known: ridge, xgboost_summary",
    ),
    (
        "search: {features: {ridge: {}}}",
        "search.features.ridge: is none of this file; known: mel, mfcc",
    ),
    (
        "search: {models: {ridge: [1, 2]}}",
        "search.models.ridge: [1, 2] should map parameters to ranges",
    ),
    ("search: {models: {ridge:}}", "search.models.ridge: None should map parameters to ranges"),
    (
        "search: {models: {ridge: {second: [1, 2]}}}",
        "search.models.ridge.second: no parameter 'second' in ridge; did you mean seconds?",
    ),
    (
        "search: {features: {mel: {name: [mel, mfcc]}}}",
        "search.features.mel.name: no parameter 'name' in mel; did you mean",
    ),
    (
        "search: {models: {ridge: {seconds: 6}}}",
        "search.models.ridge.seconds: 6 should be a list of two or more values, or a range as in",
    ),
    (
        "search: {models: {ridge: {seconds: [1, 0]}}}",
        "search.models.ridge.seconds[1]: 0 should be greater than 0",
    ),
    (
        "search: {models: {ridge: {seconds: {low: 1, hihg: 2, high: 2}}}}",
        "search.models.ridge.seconds.hihg: no such key; did you mean high?",
    ),
    (
        "search: {models: {ridge: {alphas: [[1, 2], [3]]}}}",
        "search.models.ridge.alphas[0]: (1.0, 2.0) is a list; a study chooses single values",
    ),
    (
        "search: {inner: song_kfolds}",
        "search.inner: no protocol 'song_kfolds'; did you mean song_kfold?",
    ),
    ("search: {inner:}", "search.inner: None should be a name, or a mapping with a name and"),
    ("search: {inner: [holdout]}", "search.inner: ['holdout'] should be a name, or a mapping"),
    (
        "search: {inner: {name: song_kfold, folds: 1}}",
        "search.inner.folds: 1 should be greater than or equal to 2",
    ),
    (
        "search: {inner: {name: song_kfold, fold: 3}}",
        "search.inner.fold: no parameter 'fold' in song_kfold; did you mean folds?",
    ),
    (
        "search: {inner: seed_split}",
        "search.inner: seed_split is optimistic: its winners prove nothing",
    ),
    (
        "search: {inner: leaky_frames}",
        "search.inner: leaky_frames is leaky: its winners prove nothing",
    ),
    (
        "protocol: [holdout, song_kfold]\nsearch: {}",
        "search: takes one protocol; give each of several a file of its own",
    ),
    (
        "targets: joint\nsearch: {}",
        "search: a study judges a trial on one target, and joint fits are of two; targets: "
        "[arousal, valence] searches each",
    ),
    (
        "protocol: seed_split\nsearch: {}",
        "search: seed_split is optimistic: nothing to be tuned for",
    ),
    (
        "protocol: leaky_frames\nsearch: {}",
        "search: leaky_frames is leaky: nothing to be tuned for",
    ),
]


@pytest.mark.parametrize(("lines", "problem"), MISTAKES)
def test_a_mistake_is_shown_with_its_key_and_what_would_work(
    write: Write, lines: str, problem: str
) -> None:
    (found,) = problems_of(write(PLAIN + lines))
    assert found.startswith(problem)


def test_every_mistake_of_a_search_is_shown_at_once(write: Write) -> None:
    found = problems_of(
        write(
            PLAIN
            + "protocol: [holdout, seed_split]\n"
            + "search:\n  trails: 3\n  mode: x\n  inner: leaky_frames\n"
            + "  features: {mell: {}, mfcc: {n_mfcc: [0, 1]}}\n"
            + "  models: {ridge: {second: 1, seconds: 1}}\n"
        )
    )
    assert sorted(problem.partition(": ")[0] for problem in found) == [
        "search",
        "search",
        "search.features.mell",
        "search.features.mfcc.n_mfcc[0]",
        "search.inner",
        "search.mode",
        "search.models.ridge.second",
        "search.models.ridge.seconds",
        "search.trails",
    ]


@pytest.mark.parametrize(
    ("features", "models", "search"),
    [
        ("mel", "ridge", "{}"),
        ("mel", "ridge", "{models: {ridge: {}}, features: {}}"),
        ("mel, chroma", "mean", "{}"),
        ("mfcc", "mean", "{features: {mfcc: {n_mfcc: [13, 20]}}}"),
    ],
)
def test_a_search_that_leaves_nothing_to_choose_is_refused(
    write: Write, features: str, models: str, search: str
) -> None:
    """A model that looks at labels only is the same whatever feature is chosen."""
    text = f"version: 1\nname: a\ndataset: demo\nfeatures: [{features}]\nmodels: [{models}]\n"
    assert problems_of(write(f"{text}search: {search}")) == [
        "search: leaves nothing to choose; give ranges, or several candidates"
    ]


@pytest.mark.parametrize(
    ("setting", "read", "expected"),
    [
        ("search.trials=5", lambda search: search.trials, 5),
        ("search.mode=single", lambda search: search.mode, "single"),
        ("search.inner={name: holdout, test: 0.2}", lambda s: s.inner, Holdout(test=0.2)),
        ("search.models={ridge: {seconds: [1, 2]}}", lambda s: s.n_free, 3),
        ("search={trials: 5}", lambda search: search.trials, 5),
        ("models=[{name: ridge, seconds: 2}]", lambda s: s.models[0].component, Ridge(seconds=2)),
        ("protocol.group=artist", lambda s: s.inner, SongKfold(folds=3, group="artist")),
    ],
)
def test_a_search_can_be_set(
    write: Write, setting: str, read: Callable[[Search], object], expected: object
) -> None:
    path = write(PLAIN + "search: {seed: 1}")
    assert read(search_of(path)) != expected
    assert read(search_of(path, setting)) == expected


def test_a_search_can_be_set_whole_where_there_is_none(write: Write) -> None:
    path = write(PLAIN)
    assert search_of(path, "search={trials: 5}").trials == 5
    assert problems_of(path, "search.trials=5") == ["search.trials=5: names nothing in these files"]


@pytest.mark.parametrize("name", ["tuned_lstm", "tuned_xgboost"])
def test_what_the_examples_would_run_untuned_is_a_candidate(name: str) -> None:
    """So tuning is never worse, in its own eyes, than none."""
    search = search_of(Path(__file__).parents[2] / "experiments" / "vgmidi" / f"{name}.yaml")
    assert any(candidate.is_inside for candidate in search.models)
    assert any(candidate.is_inside for candidate in search.features)
