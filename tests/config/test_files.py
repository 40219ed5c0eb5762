from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.config import Experiment, load_experiments
from benchmark.config.experiment import ChosenOn
from benchmark.errors import ConfigError

Write = Callable[..., Path]
RIGHT = """\
version: 1
name: test
dataset: demo
features: [mel]
models: [mean]
"""


def load(path: Path) -> Experiment:
    (experiment,) = load_experiments([path])
    return experiment


def problems_of(*paths: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_experiments(paths)
    return [str(problem).partition(": ")[2] for problem in caught.value.problems]


def test_a_plain_file_is_read_with_defaults(write: Write) -> None:
    experiment = load(write())
    assert experiment.name == "plain"
    assert experiment.dataset.label == "demo"
    assert [feature.label for feature in experiment.features] == ["mel", "chroma"]
    assert [model.label for model in experiment.models] == [
        "mean",
        "ridge",
        "xgboost_summary(n_estimators=3)",
    ]
    assert experiment.targets == ("arousal", "valence")
    assert [protocol.label for protocol in experiment.protocols] == ["song_kfold"]
    assert (experiment.seeds, experiment.threads) == ((0,), 1)


def test_every_feature_meets_every_model_and_mean_none(write: Write) -> None:
    cells = [(cell.model.name, cell.feature_label, cell.targets) for cell in load(write()).cells()]
    expected = [
        (model, feature, (target,))
        for target in ("arousal", "valence")
        for model, features in [
            ("mean", ["none"]),
            ("ridge", ["mel", "chroma"]),
            ("xgboost_summary", ["mel", "chroma"]),
        ]
        for feature in features
    ]
    assert cells == expected


def test_joint_targets_are_one_cell_for_both(write: Write) -> None:
    joint, apart = load(write(f"{RIGHT}targets: joint")), load(write(RIGHT, "apart.yaml"))
    both = ("arousal", "valence")
    assert (joint.targets, joint.joint) == (apart.targets, True) == (both, not apart.joint)
    (cell,) = joint.cells()
    assert (cell.targets, cell.label) == (both, "none / mean / arousal+valence")
    assert cell.describe()["targets"] == list(both)
    assert [cell.targets for cell in apart.cells()] == [("arousal",), ("valence",)]


def test_joint_cells_are_those_of_one_target_for_every_protocol(write: Write) -> None:
    text = RIGHT.replace("[mean]", "[mean, ridge]") + "protocol: [song_kfold, holdout]\ntargets: "
    joint, alone = load(write(f"{text}joint")), load(write(f"{text}[valence]"))
    assert [replace(cell, targets=("valence",)) for cell in joint.cells()] == list(alone.cells())


def test_mean_alone_needs_no_feature(write: Write) -> None:
    experiment = load(write(RIGHT.replace("[mel]", "[]")))
    assert [cell.feature for cell in experiment.cells()] == [None, None]


def test_a_file_may_say_on_which_songs_its_parameters_were_chosen(write: Write) -> None:
    experiment = load(write(RIGHT + "chosen_on: {dataset: DEAM, songs: ['7', '10']}"))
    assert experiment.chosen_on == ChosenOn("DEAM", ("7", "10"))
    assert experiment.cells() == load(write(RIGHT)).cells()
    assert load(write(RIGHT)).chosen_on is None


def test_parameters_may_be_chosen_on_no_song(write: Write) -> None:
    experiment = load(write(RIGHT + "chosen_on: {dataset: DEAM, songs: []}"))
    assert experiment.chosen_on == ChosenOn("DEAM", ())


def test_a_file_may_name_several_protocols(write: Write) -> None:
    """Each meets every model and feature; of one component, the parameters may differ."""
    lines = "protocol: [holdout, {name: song_kfold, group: artist}, song_kfold]\ntargets: [valence]"
    experiment = load(write(RIGHT.replace("[mean]", "[mean, ridge]") + lines))
    labels = ["holdout", "song_kfold(group=artist)", "song_kfold"]
    assert [protocol.label for protocol in experiment.protocols] == labels
    assert [
        (cell.protocol.label, cell.model.name, cell.feature_label) for cell in experiment.cells()
    ] == [
        (label, model, feature)
        for label in labels
        for model, feature in [("mean", "none"), ("ridge", "mel")]
    ]


def test_one_protocol_in_a_list_is_that_protocol(write: Write) -> None:
    alone, listed = (
        load(write(f"{RIGHT}protocol: {entry}")) for entry in ("holdout", "[{name: holdout}]")
    )
    assert alone.protocols == listed.protocols
    assert alone.cells() == listed.cells()


def test_a_row_says_what_its_feature_and_model_are(write: Write) -> None:
    mean, ridge, *_ = (cell.describe()["about"] for cell in load(write()).cells())
    assert (mean["features"], list(mean["models"])) == ({}, ["mean"])
    assert list(ridge["features"]) == ["mel"]
    assert ridge["models"]["ridge"]["what"].startswith("Linear on mean, SD and change")
    assert ridge["models"]["ridge"]["source"].startswith("Hoerl & Kennard 1970")


def test_a_row_says_what_is_wrong_with_its_protocol(write: Write) -> None:
    cells = load(write(RIGHT + "protocol: [holdout, seed_split, leaky_frames]")).cells()
    described = [(c.describe()["protocol_label"], c.describe()["flaw"]) for c in cells[:3]]
    assert described == [
        ("holdout", ""),
        ("seed_split", "optimistic"),
        ("leaky_frames", "leaky"),
    ]
    assert cells[0].describe()["protocol_in_words"] == cells[0].protocol.in_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1e-3", 1e-3), ("1.0e-3", 1e-3), ("'0.5'", 0.5), ("2", 2.0), (".5", 0.5), ("1E3", 1e3)],
)
def test_numbers_may_be_written_in_any_way(write: Write, text: str, expected: float) -> None:
    path = write(RIGHT.replace("[mean]", f"[{{name: ridge, alphas: [{text}]}}]"))
    (value,) = load(path).models[0].alphas
    assert (value, type(value)) == (expected, float)


MISTAKES = [
    ("protokol: song_kfold", "protokol: no such key; did you mean protocol?"),
    ("1: x", "1: no such key; known: chosen_on, dataset, features"),
    ("chosen: []", "chosen: no such key; did you mean chosen_on?"),
    ("chosen_on:", "chosen_on: should name a dataset and its songs, as `tune --apply` writes it"),
    ("chosen_on: ['1']", "chosen_on: should name a dataset and its songs, as `tune --apply` "),
    ("chosen_on: {dataset: DEAM}", "chosen_on: should name a dataset and its songs"),
    ("chosen_on: {songs: ['1']}", "chosen_on: should name a dataset and its songs"),
    ("chosen_on: {dataset: DEAM, songs: [], fold: 1}", "chosen_on: should name a dataset and its"),
    ("chosen_on: {dataset: 7, songs: []}", "chosen_on.dataset: 7 should be a valid string"),
    ("chosen_on: {dataset: DEAM, songs: ['1', 2]}", "chosen_on.songs[1]: 2 should be a valid str"),
    ("chosen_on: {dataset: DEAM, songs: '12'}", "chosen_on.songs: '12' should be a valid tuple"),
    ("version: 2", "version: 2 should be 1"),
    ("version: true", "version: True should be "),
    ("name: a b/c", "name: 'a b/c' "),
    ("name: 12", "name: 12 should be a valid string"),
    ("targets: [arousal, joy]", "targets[1]: 'joy' should be 'arousal' or 'valence'"),
    ("targets: arousal", "targets: 'arousal' should be a list, as in [arousal], or joint"),
    ("targets: jiont", "targets: 'jiont' should be joint or a list of targets; did you mean joint"),
    ("targets: joy", "targets: 'joy' should be joint or a list of targets; known: arousal, joint,"),
    ("targets: [joint]", "targets: ['joint'] should be joint alone: one model for both targets"),
    ("targets: [arousal, joint]", "targets: ['arousal', 'joint'] should be joint alone: one model"),
    ("targets: {joint: true}", "targets: {'joint': True} should be a valid tuple"),
    ("targets: 3", "targets: 3 should be a valid tuple"),
    ("targets:", "targets: None should be a valid tuple"),
    ("targets: []", "targets: [] "),
    ("targets: [arousal, arousal]", "targets: ['arousal', 'arousal'] should hold each value only"),
    ("seeds: [0, 0]", "seeds: [0, 0] should hold each value only once"),
    ("seeds: [-1]", "seeds[0]: -1 should be greater than or equal to 0"),
    ("seeds: [true]", "seeds: [True] should be a number, not a truth value"),
    ("seeds: []", "seeds: [] "),
    ("threads: 0", "threads: 0 should be greater than or equal to 1"),
    ("threads: 1.5", "threads: 1.5 should be a valid integer"),
    ("protocol: song_kfolds", "protocol: no protocol 'song_kfolds'; did you mean song_kfold?"),
    ("protocol: {name: song_kfold, folds: 1}", "protocol.folds: 1 should be greater than or equal"),
    (
        "protocol: {name: song_kfold, fold: 3}",
        "protocol.fold: no parameter 'fold' in song_kfold; did",
    ),
    ("protocol: {name: song_kfold, only: [7]}", "protocol: only = [7]: there is no fold 7; 0 to 4"),
    ("protocol: {folds: 3}", "protocol: {'folds': 3} should be a name, or a mapping with a name"),
    ("protocol:", "protocol: None should be a name, or a mapping with a name"),
    ("protocol: []", "protocol: is an empty list; name at least one"),
    ("protocol: [holdout, holdouts]", "protocol[1] (holdouts): no protocol 'holdouts'; did you"),
    ("protocol: [holdout, holdout]", "protocol[1]: holdout stands here twice"),
    (
        "protocol: [holdout, {name: holdout, test: 0.3}]",
        "protocol[1]: holdout stands here twice",
    ),
    (
        "protocol: [song_kfold, {name: song_kfold, folds: 3}, {name: song_kfold, folds: 3}]",
        "protocol[2]: song_kfold(folds=3) stands here twice",
    ),
    ("protocol: [{name: holdout, test: 1}]", "protocol[0] (holdout).test: 1 should be less than 1"),
    (
        "protocol: {name: song_kfold, group: album}",
        "protocol.group: 'album' should be 'song' or 'artist'",
    ),
    (
        "protocol: {name: mediaeval2015, train: dev}",
        "protocol.train: 'dev' should be 'dev431' or 'all'",
    ),
    ("protocol: {name: seed_split, group: artist}", "protocol.group: no parameter 'group' in seed"),
    ("protocol: [[holdout]]", "protocol[0] (['holdout']): ['holdout'] should be a name, or a map"),
    ("dataset: dema", "dataset: no dataset 'dema'; did you mean de"),
    ("dataset: {name: demo, songs: 9}", "dataset.songs: 9 should be greater than or equal to 10"),
    ("features: mel", "features: 'mel' should be a list of features"),
    ("features: [mell]", "features[0] (mell): no feature 'mell'; did you mean mel?"),
    ("features: [mel, mel]", "features[1]: mel stands here twice"),
    ("features: [mfcc, {name: mfcc, n_mfcc: 20}]", "features[1]: mfcc stands here twice"),
    ("features: [{name: mfcc, n_mfcc: 97}]", "features[0] (mfcc): n_mfcc = 97 is more than n_mels"),
    ("models: []", "models: is empty; name at least one"),
    ("models: [{name: ridge, seconds: .nan}]", "models[0] (ridge).seconds: nan should be a finite"),
    ("models: [{name: ridge, seconds: .inf}]", "models[0] (ridge).seconds: inf should be a finite"),
    (
        "models: [{name: ridge, seconds: yes}]",
        "models[0] (ridge).seconds: True should be a number,",
    ),
    (
        "models: [{name: ridge, seconds: long}]",
        "models[0] (ridge).seconds: 'long' should be a valid",
    ),
    ("models: [{name: ridge, alphas: [1, -1]}]", "models[0] (ridge).alphas[1]: -1 should be great"),
    (
        "models: [{name: arousal_cnn, network: 4}]",
        "models[0] (arousal_cnn).network: 4 should be 1,",
    ),
    (
        "models: [{name: arousal_cnn, network: true}]",
        "models[0] (arousal_cnn).network: True should",
    ),
]
NO_YAML = [
    ("threads: [1", "while parsing a flow sequence"),
    ("name: twice", "key 'name' stands in line 2 and again in line 6"),
    (
        "protocol: {name: song_kfold, folds: 3, folds: 4}",
        "key 'folds' stands in line 6 and again in",
    ),
    ("? [a, b]\n: c", "while constructing a mapping"),
    ("threads: 2026-13-45", "month must be in 1..12"),
    ("threads: 0x_", "invalid literal for int"),
    ("threads: !!python/object/apply:os.getcwd []", "could not determine a constructor"),
]


@pytest.mark.parametrize(("line", "problem"), MISTAKES)
def test_a_mistake_is_shown_with_its_key_and_what_would_work(
    write: Write, line: str, problem: str
) -> None:
    key = line.partition(":")[0]
    others = [other for other in RIGHT.splitlines() if not other.startswith(f"{key}:")]
    (found,) = problems_of(write("\n".join([*others, line])))
    assert found.startswith(problem)


@pytest.mark.parametrize("key", ["version", "name", "dataset", "features", "models"])
def test_a_missing_key_is_named(write: Write, key: str) -> None:
    others = [line for line in RIGHT.splitlines() if not line.startswith(f"{key}:")]
    assert problems_of(write("\n".join(others))) == [f"{key}: is missing"]


@pytest.mark.parametrize(("line", "problem"), NO_YAML)
def test_what_is_no_yaml_is_said_in_words(write: Write, line: str, problem: str) -> None:
    (found,) = problems_of(write(RIGHT + line))
    assert found.startswith(f"is not YAML: {problem}")


@pytest.mark.parametrize("text", ["", "- version: 1", "version", "# nothing"])
def test_a_file_must_be_a_mapping(write: Write, text: str) -> None:
    assert problems_of(write(text)) == ["should be a mapping that begins with 'version: 1'"]


@pytest.mark.parametrize(
    ("features", "model", "problem"),
    [
        ("[]", "ridge", "features: is empty, but ridge needs one"),
        (
            "[{name: chroma, hop_length: 30000}]",
            "valence_lstm",
            "models: valence_lstm cannot take chroma(hop_length=30000): a hop of 2.5 s leaves half "
            "seconds without a frame; a hop of 0.5 s or less works",
        ),
        (
            "[{name: mel, hop_length: 24000}]",
            "arousal_cnn",
            "models: arousal_cnn cannot take mel(hop_length=24000): a window of 1.5 s holds no two "
            "frames at a hop of 2 s; make the window longer or the hop shorter",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(
    write: Write, features: str, model: str, problem: str
) -> None:
    text = RIGHT.replace("[mel]", features).replace("[mean]", f"[mean, {model}]")
    assert problems_of(write(text)) == [problem]


@pytest.mark.parametrize("model", ["arousal_cnn", "stacked_crnn", "valence_lstm"])
def test_a_network_cannot_take_one_vector_a_song(write: Write, model: str) -> None:
    text = RIGHT.replace("[mel]", "[opensmile_means]").replace("[mean]", f"[mean, ridge, {model}]")
    (problem,) = problems_of(write(text))
    assert problem.startswith(f"models: {model} cannot take opensmile_means: one vector a song ")
    assert problem.endswith("; ridge or xgboost_summary takes it")


@pytest.mark.parametrize("model", ["arousal_cnn", "stacked_crnn", "valence_lstm"])
def test_a_network_cannot_learn_ratings_of_whole_songs(write: Write, model: str) -> None:
    static = "{name: deam, ratings: static}"
    text = RIGHT.replace("dataset: demo", f"dataset: {static}").replace(
        "[mean]", f"[mean, {model}]"
    )
    assert static in text
    (problem,) = problems_of(write(text))
    assert problem.startswith(f"models: {model} cannot learn ratings of whole songs: ")
    assert load(write(text.replace(model, "ridge"))).dataset.period == math.inf


def test_labels_of_whole_songs_cannot_be_dealt_one_by_one(write: Write) -> None:
    text = RIGHT.replace("dataset: demo", "dataset: {name: deam, ratings: static}")
    (problem,) = problems_of(write(f"{text}\nprotocol: leaky_frames\n"))
    assert problem == "protocol: leaky_frames parts the labels of a song, of which there is one"


def test_models_on_vectors_take_one_vector_a_song(write: Write) -> None:
    models = ["mean", "ridge", "xgboost_summary", "extra_trees"]
    text = RIGHT.replace("[mel]", "[opensmile_means]").replace("[mean]", f"[{', '.join(models)}]")
    assert [model.name for model in load(write(text)).models] == models


def test_every_mistake_in_every_file_is_shown_at_once(write: Write) -> None:
    first = write(
        "version: 1\nname: one\ndataset: dema\nfeatures: [mell, {name: mfcc, n_mfc: 3}]\n"
        "models: [{name: ridge, seconds: -1, alpha: 2}]\nseed: [1]\n",
        "one.yaml",
    )
    second = write("version: 1\ndataset: demo\nfeatures: [mel]\nmodels: [rigde]\n", "two.yaml")
    with pytest.raises(ConfigError) as caught:
        load_experiments([first, second, first.with_name("three.yaml")])
    places = [(problem.file.name, problem.key) for problem in caught.value.problems]
    assert sorted(places) == [
        ("one.yaml", "dataset"),
        ("one.yaml", "features[0] (mell)"),
        ("one.yaml", "features[1] (mfcc).n_mfc"),
        ("one.yaml", "models[0] (ridge).alpha"),
        ("one.yaml", "models[0] (ridge).seconds"),
        ("one.yaml", "seed"),
        ("three.yaml", ""),
        ("two.yaml", "models[0] (rigde)"),
        ("two.yaml", "name"),
    ]
    assert str(caught.value).count("\n") == len(places) - 1


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: no such file"):
        load_experiments([tmp_path / "nowhere.yaml"])


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"a\.yaml: cannot be read \("):
        load_experiments([tmp_path / "a.yaml"])


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read \("):
        load_experiments([tmp_path])


def test_two_files_need_two_names(write: Write) -> None:
    with pytest.raises(ConfigError, match=r"b\.yaml: name: 'plain' is also the name of .*a\.yaml"):
        load_experiments([write(name="a.yaml"), write(name="b.yaml")])
