from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import EntryPoint

import pytest

from benchmark import registry
from benchmark.errors import RegistryError
from benchmark.interfaces import Extractor, Model

EVERY = [(group, name) for group in registry.GROUPS for name in registry.names(group)]
HEAVY = {
    "tensorflow",
    "keras",
    "sklearn",
    "xgboost",
    "mlflow",
    "optuna",
    "dask",
    "librosa",
    "opensmile",
    "pandas",
}


@pytest.mark.parametrize(("group", "name"), EVERY)
def test_the_file_name_is_the_name(group: str, name: str) -> None:
    component = registry.component(group, name)
    assert component.name == name
    assert component.__module__ == f"benchmark.{group}.{name}"
    assert issubclass(component, registry.GROUPS[group])


@pytest.mark.parametrize(("group", "name"), EVERY)
def test_every_component_says_what_it_is_and_runs_on_defaults(group: str, name: str) -> None:
    component = registry.component(group, name)
    assert component.__doc__
    assert component().label == name
    assert json.loads(json.dumps(component().describe())) == component().describe()


@pytest.mark.parametrize(("group", "name"), EVERY)
def test_what_reports_say_of_a_component_is_part_of_no_key(group: str, name: str) -> None:
    component = registry.component(group, name)
    said = component.about()
    assert said["what"].endswith(".")
    assert not set(said) & component().describe().keys()
    assert said["source"] not in json.dumps(component().describe()) or not said["source"]


@pytest.mark.parametrize(
    ("group", "name"),
    [
        (group, name)
        for group, name in EVERY
        if group in ("features", "models") and name not in ("mean", "joined")
    ],
)
def test_every_feature_and_model_names_its_source(group: str, name: str) -> None:
    assert re.search(
        r"\d{4}, (doi:10\.|https://)|track_emo_reco", registry.component(group, name).source
    )


def test_a_component_without_a_docstring_says_nothing() -> None:
    """Not what a dataclass makes of its signature, nor what its parent is."""

    @dataclass(frozen=True, kw_only=True)
    class Silent(registry.component("models", "mean")):
        alpha: float = 1.0

    assert Silent.about() == {"what": "", "source": ""}


def test_the_label_shows_only_what_differs_from_the_recipe() -> None:
    mfcc = registry.component("features", "mfcc")
    assert mfcc(n_mfcc=13, n_fft=512).label == "mfcc(n_mfcc=13)"


def test_private_files_are_no_components() -> None:
    assert not [name for group, name in EVERY if name.startswith("_")]


@pytest.mark.parametrize(
    ("group", "name", "message"),
    [
        ("models", "rigde", "no model 'rigde'; did you mean ridge?"),
        ("features", "mell", "no feature 'mell'; did you mean mel?"),
        ("protocols", "zzz", "no protocol 'zzz'; known: .*song_kfold"),
    ],
)
def test_an_unknown_name_is_answered_with_what_would_work(
    group: str, name: str, message: str
) -> None:
    with pytest.raises(RegistryError, match=message.replace("?", r"\?")):
        registry.component(group, name)


def test_an_installed_package_adds_its_own(plugin: None) -> None:
    assert "loudness" in registry.names("features")
    assert issubclass(registry.component("features", "loudness"), Extractor)
    assert issubclass(registry.component("models", "moody"), Model)


def test_an_entry_point_that_is_no_component_is_refused(plugin: None) -> None:
    with pytest.raises(RegistryError, match="mer_benchmark_plugin:ANSWER: not a Model"):
        registry.component("models", "no_model")


@pytest.mark.parametrize(
    ("point", "message"),
    [
        (
            EntryPoint("ghost", "no_such_package:Ghost", "benchmark.models"),
            r"model 'ghost' \(no_such_package:Ghost\) cannot be loaded: ModuleNotFoundError",
        ),
        (
            EntryPoint("grumpy", "mer_benchmark_plugin:Moody", "benchmark.models"),
            "is registered as 'grumpy', named 'moody'",
        ),
    ],
)
def test_a_broken_package_is_named(
    plugin: None, monkeypatch: pytest.MonkeyPatch, point: EntryPoint, message: str
) -> None:
    monkeypatch.setattr(registry, "entry_points", lambda group: [point])
    with pytest.raises(RegistryError, match=message):
        registry.component("models", point.name)


def test_a_package_cannot_take_the_name_of_another(
    plugin: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    intruder = EntryPoint("ridge", "intruder:Ridge", "benchmark.models")
    monkeypatch.setattr(registry, "entry_points", lambda group: [intruder])
    with pytest.raises(
        RegistryError, match=r"'ridge' of intruder:Ridge is taken by benchmark\.mod"
    ):
        registry.names("models")


def test_a_file_must_hold_the_component_it_is_named_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_found", lambda group: {"lasso": "benchmark.models.ridge"})
    with pytest.raises(
        RegistryError, match=r"must hold one Model with name = 'lasso', holds .*Ridge"
    ):
        registry.component("models", "lasso")


def test_looking_at_components_loads_no_heavy_library() -> None:
    script = (
        "import sys; from benchmark import registry\n"
        "for group in registry.GROUPS:\n"
        "    for name in registry.names(group):\n"
        "        registry.component(group, name)().describe()\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = set(answer.stdout.split())
    assert "benchmark" in loaded
    assert not loaded & HEAVY
