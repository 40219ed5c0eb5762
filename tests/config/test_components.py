"""Components that consist of others: built from an entry, described, and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

import pytest
from annotated_types import MinLen

from benchmark import registry
from benchmark.config import load_experiments
from benchmark.config.components import build, component_in, entry_of, parts_of
from benchmark.config.validation import Findings
from benchmark.features.chroma import Chroma
from benchmark.features.joined import Joined
from benchmark.features.mel import Mel
from benchmark.features.mfcc import Mfcc
from benchmark.features.rhythm import Rhythm
from benchmark.interfaces import Component, Extractor, Feature, Model, View
from benchmark.models.ridge import Ridge
from benchmark.models.stack import Stack
from benchmark.models.svr import Svr
from benchmark.views import Summary

JOINED = Joined(of=(Mel(), Mfcc(n_mfcc=13)))


@dataclass(frozen=True, kw_only=True)
class Wrapped(Model):
    """A model with one other as a parameter."""

    name: ClassVar[str] = "wrapped"

    inner: Model
    factor: float = 1.0

    @property
    def view(self) -> View:
        return Summary(1.0)

    def fit(self, train: object, validation: object, *, seed: int) -> Any:
        raise NotImplementedError


@pytest.fixture
def wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    known = registry.component

    def component(group: str, name: str) -> type[Component]:
        return Wrapped if name == "wrapped" else known(group, name)

    monkeypatch.setattr(registry, "component", component)


def built(kind: type[Component], entry: Any) -> tuple[Component | None, list[str]]:
    """Return what an entry names, and what was found wrong with it."""
    findings = Findings(Path("a.yaml"), [])
    group = "features" if kind is Feature else "models"
    component = build(kind, group, entry, "key", findings)
    return component, [f"{problem.key}: {problem.message}" for problem in findings.problems]


@pytest.mark.parametrize(
    ("kind", "entry", "expected"),
    [
        (Feature, {"name": "joined", "of": ["mel", {"name": "mfcc", "n_mfcc": 13}]}, JOINED),
        (Feature, "joined", Joined()),
        (
            Feature,
            {"name": "joined", "of": [{"name": "joined", "of": ["mel", "rhythm"]}, "chroma"]},
            Joined(of=(Joined(of=(Mel(), Rhythm())), Chroma())),
        ),
        (
            Model,
            {"name": "stack", "folds": "3", "of": [{"name": "svr", "C": "1e1"}, "ridge"]},
            Stack(of=(Svr(C=10.0), Ridge()), folds=3),
        ),
    ],
    ids=["joined", "default", "joined twice", "stack"],
)
def test_an_entry_may_hold_entries(kind: type[Component], entry: Any, expected: Component) -> None:
    assert built(kind, entry) == (expected, [])


def test_a_file_may_hold_nested_entries(write: Callable[..., Path]) -> None:
    text = (
        "version: 1\nname: nested\ndataset: demo\n"
        "features: [{name: joined, of: [mel, {name: mfcc, n_mfcc: 13}]}]\n"
        "models: [{name: stack, of: [svr, ridge]}]\ntargets: [arousal]\n"
    )
    (experiment,) = load_experiments([write(text)])
    (cell,) = experiment.cells()
    assert (cell.feature, cell.model) == (JOINED, Stack(of=(Svr(), Ridge())))
    assert cell.label == "joined(mel + mfcc(n_mfcc=13)) / stack(of=svr + ridge) / arousal"


def of(*entries: Any) -> dict[str, Any]:
    return {"name": "joined", "of": list(entries)}


def blend(*entries: Any) -> dict[str, Any]:
    return {"name": "stack", "of": list(entries)}


MISTAKES = [
    (
        of("mel", {"name": "mfcc", "n_mfc": 13}),
        "key.of[1] (mfcc).n_mfc: no parameter 'n_mfc' in mfcc; did you mean n_mfcc?",
    ),
    (of("mel", {"name": "mfcc", "n_mfcc": 0}), "key.of[1] (mfcc).n_mfcc: 0 should be greater"),
    (of("mel", {"name": "mfcc", "n_mfcc": 97}), "key.of[1] (mfcc): n_mfcc = 97 is more than"),
    (of("mell", "mfcc"), "key.of[0] (mell): no feature 'mell'; did you mean mel?"),
    (of("mel", of("mell")), "key.of[1] (joined).of[0] (mell): no feature 'mell'; did you mean mel"),
    (of("mel", "ridge"), "key.of[1] (ridge): no feature 'ridge'"),
    (of("mel", "mel"), "key.of[1]: mel stands here twice"),
    (of("mel", 7), "key.of[1] (7): 7 should be a name, or a mapping with a name and parameters"),
    (of("mel", ["mfcc"]), "key.of[1] (['mfcc']): ['mfcc'] should be a name, or a mapping"),
    (
        of("mel", "opensmile_means"),
        "key.of[1] (opensmile_means): opensmile_means cannot stand here: it is no Extractor",
    ),
    (of(), "key: of: names no feature; two or more are joined"),
    ({"name": "joined", "of": "mel"}, "key.of: 'mel' should be a list of features"),
    ({"name": "joined", "of": None}, "key.of: None should be a list of features"),
    ({"name": "joined", "off": ["mel"]}, "key.off: no parameter 'off' in joined; did you mean of?"),
    (blend("svr", "rigde"), "key.of[1] (rigde): no model 'rigde'; did you mean ridge?"),
    (blend("svr", {"name": "svr", "C": 0}), "key.of[1] (svr).C: 0 should be greater than 0"),
    (blend("svr", "mean"), "key: of: mean looks at no feature; it cannot be blended"),
    (blend("arousal_cnn"), "key: of: arousal_cnn looks at validation songs; it cannot be blended"),
    (blend(), "key: of: names no model; two or more are blended"),
]


@pytest.mark.parametrize(("entry", "problem"), MISTAKES)
def test_a_mistake_inside_is_shown_with_its_key_and_what_would_work(
    entry: dict[str, Any], problem: str
) -> None:
    component, (found,) = built(Feature if entry["name"] == "joined" else Model, entry)
    assert component is None
    assert found.startswith(problem)


def test_every_mistake_inside_is_shown_at_once() -> None:
    entry = {**of("mell", {"name": "mfcc", "n_mfc": 1, "n_fft": "x"}, of("chrome")), "to": 1}
    component, problems = built(Feature, entry)
    assert component is None
    assert [problem.partition(": ")[0] for problem in problems] == [
        "key.of[0] (mell)",
        "key.of[1] (mfcc).n_mfc",
        "key.of[1] (mfcc).n_fft",
        "key.of[2] (joined).of[0] (chrome)",
        "key.to",
    ]


def test_one_component_may_be_a_parameter(wrapped: None) -> None:
    entry = {"name": "wrapped", "inner": {"name": "ridge", "seconds": 3}}
    component, problems = built(Model, entry)
    assert (component, problems) == (Wrapped(inner=Ridge(seconds=3.0)), [])
    assert built(Model, {"name": "wrapped", "inner": "ridge"})[0] == Wrapped(inner=Ridge())
    _, (problem,) = built(Model, {"name": "wrapped", "inner": {"name": "ridge", "second": 3}})
    assert problem.startswith("key.inner.second: no parameter 'second' in ridge; did you mean sec")
    _, (problem,) = built(Model, {"name": "wrapped", "inner": "rigde"})
    assert problem == "key.inner: no model 'rigde'; did you mean ridge?"


@pytest.mark.parametrize(
    "component",
    [JOINED, Joined(of=(JOINED, Chroma())), Stack(of=(Svr(), Ridge(alphas=(1.0, 2.0)))), Svr()],
    ids=lambda component: component.label,
)
def test_the_entry_of_a_description_builds_it_again(component: Component) -> None:
    described = json.loads(json.dumps(component.describe()))
    entry = entry_of(described)
    assert "version" not in json.dumps(entry)
    assert built(Feature if isinstance(component, Feature) else Model, entry) == (component, [])


def test_the_entry_of_one_part_builds_it_again(wrapped: None) -> None:
    component = Wrapped(inner=Stack(of=(Svr(C=2.0),)), factor=3.0)
    described = component.describe()
    assert [part["name"] for part in parts_of(described)] == ["stack"]
    assert built(Model, entry_of(described)) == (component, [])


def test_the_parts_of_a_description_are_those_of_the_component() -> None:
    for component in (JOINED, Joined(of=(JOINED, Chroma())), Stack(), Ridge(), Mel()):
        expected = [part.describe() for part in component.parts]
        assert parts_of(component.describe()) == expected


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (Model, Model),
        (tuple[Extractor, ...], Extractor),
        (Annotated[tuple[Model, ...], MinLen(2)], Model),
        (tuple[float, ...], None),
        (Annotated[int, MinLen(2)], None),
        (int | None, None),
        (tuple[float | str, ...], None),
        (str, None),
    ],
    ids=str,
)
def test_a_parameter_is_a_component_or_holds_some_or_neither(hint: Any, expected: Any) -> None:
    assert component_in(hint) is expected
