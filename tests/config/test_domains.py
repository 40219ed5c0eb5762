from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import pytest
from annotated_types import Ge, Gt
from hypothesis import example, given
from hypothesis import strategies as st

from benchmark import registry
from benchmark.config.components import build
from benchmark.config.domains import Choice, Domain, Range, read_domain
from benchmark.config.validation import Findings
from benchmark.interfaces import Extractor, Model

Count = Annotated[int, Ge(1)]
Positive = Annotated[float, Gt(0)]
Name = Literal["window", "none"]


def read(value: Any, kind: Any) -> tuple[Domain | None, list[str]]:
    """Return a domain, and what was found wrong with it."""
    findings = Findings(Path("a.yaml"), [])
    domain = read_domain(value, kind, "key", findings)
    return domain, [f"{problem.key}: {problem.message}" for problem in findings.problems]


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ({"low": 1, "high": 8}, Count, Range(1, 8)),
        ({"low": "1", "high": 8.0}, Count, Range(1, 8)),
        ({"low": 1, "high": 8, "log": True}, Count, Range(1, 8, log=True)),
        ({"low": 1, "high": 8, "step": 2}, Count, Range(1, 8, step=2)),
        ({"low": 1, "high": 8, "step": "7"}, Count, Range(1, 8, step=7)),
        ({"low": 1, "high": 8, "step": 1, "log": True}, Count, Range(1, 8, log=True, step=1)),
        ({"low": 1, "high": 8, "step": None, "log": False}, Count, Range(1, 8)),
        ({"low": 1, "high": 8}, Positive, Range(1.0, 8.0)),
        ({"low": "1e-2", "high": "1E2", "log": "true"}, Positive, Range(0.01, 100.0, log=True)),
        ({"low": 0, "high": 1, "step": "2.5e-1"}, float, Range(0.0, 1.0, step=0.25)),
        ({"low": -1, "high": 1, "step": 2}, float, Range(-1.0, 1.0, step=2.0)),
        ({"low": 1, "high": 8}, Count | None, Range(1, 8)),
    ],
)
def test_a_range_is_of_the_kind_of_its_parameter(value: Any, kind: Any, expected: Range) -> None:
    domain, problems = read(value, kind)
    assert (domain, problems) == (expected, [])
    assert isinstance(domain, Range)
    whole = kind not in (float, Positive)
    assert domain.whole is whole
    assert {type(domain.low), type(domain.high)} == {int if whole else float}


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ([13, 20], Count, (13, 20)),
        ([2, "1", 3.0], Count, (2, 1, 3)),
        (["1e-2", 1], Positive, (0.01, 1.0)),
        (["window", "none"], Name, ("window", "none")),
        ([1, 3], Literal[1, 2, 3], (1, 3)),
        ([True, False], bool, (True, False)),
        (["yes", "off"], bool, (True, False)),
        ([0, 1], bool, (False, True)),
        ([100, None], Count | None, (100, None)),
        ([1, True, 1.0], bool | int | float, (1, True, 1.0)),
    ],
)
def test_a_choice_has_values_of_the_kind_of_its_parameter(
    value: Any, kind: Any, expected: tuple[Any, ...]
) -> None:
    domain, problems = read(value, kind)
    assert (domain, problems) == (Choice(expected), [])
    assert isinstance(domain, Choice)
    assert list(map(type, domain.values)) == list(map(type, expected))


MISTAKES = [
    (None, Count, "key: None should be a list of two or more values, or a range as in {low: 1, "),
    ("5", Count, "key: '5' should be a list of two or more values, or a range"),
    ([], Count, "key: [] should be a list of two or more values, or a range"),
    ([5], Count, "key: [5] should be a list of two or more values, or a range"),
    ([1, 0], Count, "key[1]: 0 should be greater than or equal to 1"),
    ([1, 2.5], Count, "key[1]: 2.5 should be a valid integer"),
    ([1, True], Count, "key[1]: True should be a number, not a truth value"),
    ([1, None], Count, "key[1]: None should be a valid integer"),
    ([1, [2]], Count, "key[1]: [2] should be a valid integer"),
    ([1, 1], Count, "key: [1, 1] should hold each value only once"),
    ([1, 1.0], Count, "key: [1, 1.0] should hold each value only once"),
    ([1, "1"], Count, "key: [1, '1'] should hold each value only once"),
    (["1e0", 1], Positive, "key: ['1e0', 1] should hold each value only once"),
    ([True, 1], bool, "key: [True, 1] should hold each value only once"),
    ([None, None], Count | None, "key: [None, None] should hold each value only once"),
    ([1, float("nan")], Positive, "key[1]: nan should be a finite number"),
    ([True, False], Positive, "key[0]: True should be a number, not a truth value"),
    ([2, True], Literal[1, 2], "key[1]: True should be a number, not a truth value"),
    (["window", "song"], Name, "key[1]: 'song' should be 'window' or 'none'"),
    ([[1], [2, 3]], tuple[float, ...], "key[0]: (1.0,) is a list; a study chooses single values"),
    ([1, 2], tuple[float, ...], "key[0]: 1 should be a valid tuple"),
    ({}, Count, "key.low: is missing"),
    ({"low": 1}, Count, "key.high: is missing"),
    ({"low": 1, "high": 8, "stop": 2}, Count, "key.stop: no such key; did you mean step?"),
    ({"low": 1, "high": 8, 1: 2}, Count, "key.1: no such key; known: high, log, low, step"),
    ({"low": 0, "high": 8}, Count, "key.low: 0 should be greater than or equal to 1"),
    ({"low": 1, "high": 2.5}, Count, "key.high: 2.5 should be a valid integer"),
    ({"low": 1, "high": True}, Count, "key.high: True should be a number, not a truth value"),
    ({"low": 1, "high": float("inf")}, Positive, "key.high: inf should be a finite number"),
    ({"low": 1, "high": "1e999"}, Positive, "key.high: '1e999' should be a finite number"),
    ({"low": "one", "high": 8}, Positive, "key.low: 'one' should be a valid number"),
    ({"low": 1, "high": 8, "log": "maybe"}, Count, "key.log: 'maybe' should be a valid boolean"),
    ({"low": 1, "high": 8, "log": None}, Count, "key.log: None should be a valid boolean"),
    ({"low": 8, "high": 8}, Count, "key: {'low': 8, 'high': 8} should go up, and begin above 0"),
    ({"low": 8, "high": 1, "step": 2}, Count, "key: {'low': 8, 'high': 1, 'step': 2} should go up"),
    (
        {"low": 0, "high": 1, "log": True},
        float,
        "key: {'low': 0, 'high': 1, 'log': True} should go up, and begin above 0 if log: true",
    ),
    ({"low": -1, "high": 1, "log": True}, int, "key: {'low': -1, 'high': 1, 'log': True} should g"),
    ({"low": 1, "high": 8, "step": 0}, Count, "key.step: 0 should lie between 0 and high - low"),
    ({"low": 1, "high": 8, "step": -1}, Count, "key.step: -1 should lie between 0 and high - low"),
    ({"low": 1, "high": 8, "step": 8}, Count, "key.step: 8 should lie between 0 and high - low"),
    ({"low": 1, "high": 8, "step": 0.5}, Count, "key.step: 0.5 should be a valid integer"),
    ({"low": 1, "high": 8, "step": True}, Count, "key.step: True should be a number, not a truth"),
    (
        {"low": 1, "high": 8, "step": 2, "log": True},
        Count,
        "key.step: 2 should lie between 0 and high - low, without log: true",
    ),
    (
        {"low": 1, "high": 8, "step": 1, "log": True},
        Positive,
        "key.step: 1.0 should lie between 0 and high - low, without log: true",
    ),
    ({"low": False, "high": True}, bool, "key: {'low': False, 'high': True} is a range of what is"),
    ({"low": 1, "high": None}, Count | None, "key: {'low': 1, 'high': None} is a range of what is"),
    (
        {"low": [1], "high": [2]},
        tuple[float, ...],
        "key: {'low': [1], 'high': [2]} is a range of what is no number; give a list of values",
    ),
    ({"low": "window", "high": "none"}, Name, "key: {'low': 'window', 'high': 'none'} is a range,"),
    (
        {"low": 1, "high": 4},
        Literal[1, 2, 4],
        "key: {'low': 1, 'high': 4} is a range, but only some values are known; list them",
    ),
]


@pytest.mark.parametrize(("value", "kind", "problem"), MISTAKES)
def test_a_mistake_is_shown_with_its_key_and_what_would_work(
    value: Any, kind: Any, problem: str
) -> None:
    domain, (found, *_) = read(value, kind)
    assert domain is None
    assert found.startswith(problem)


@pytest.mark.parametrize("value", [["ridge", "svr"], {"low": 1, "high": 2}, None], ids=str)
def test_a_component_is_not_chosen(value: Any) -> None:
    for kind in (Model, tuple[Model, ...], tuple[Extractor, ...]):
        said = ["key: names components; a study chooses numbers and words"]
        assert read(value, kind) == (None, said)


def test_every_mistake_of_a_range_is_shown_at_once() -> None:
    _, missing = read({"log": True, "hihg": 3}, Count)
    assert [problem.partition(": ")[0] for problem in missing] == [
        "key.hihg",
        "key.low",
        "key.high",
    ]
    _, wrong = read({"low": 0, "high": "x", "log": 7}, Count)
    assert [problem.partition(": ")[0] for problem in wrong] == ["key.low", "key.high", "key.log"]


@pytest.mark.parametrize(
    ("domain", "inside", "outside"),
    [
        (Range(1, 8), (1, 5, 8), (0, 9, 2.5, 2.0, True, "2", None, float("nan"), (2,))),
        (Range(1.0, 8.0), (1, 1.0, 2.5, 8.0), (0.99, 8.01, True, "2", None, float("nan"))),
        (Range(1, 8, log=True), (1, 7, 8), (0, 9)),
        (Range(1, 8, step=3), (1, 4, 7), (2, 3, 8, 10, -2)),
        (Range(0.0, 1.0, step=0.1), (0.0, 0.1, 0.3, 0.7, 1.0), (0.05, 0.31, 1.1)),
        (Choice((1, 3)), (1, 3), (2, 1.0, True, "1", None)),
        (Choice((True, None)), (True, None), (1, 1.0, False)),
        (Choice((0.0, 1.0)), (0.0, 1.0), (0, 1, False)),
        (Choice(("window", "none")), ("window", "none"), ("Window", None, 1)),
    ],
)
def test_a_domain_holds_its_values_and_no_others(
    domain: Domain, inside: tuple[Any, ...], outside: tuple[Any, ...]
) -> None:
    assert [value for value in inside if not domain.holds(value)] == []
    assert [value for value in outside if domain.holds(value)] == []


PARAMETERS = [
    (name, field.name)
    for name in registry.names("models")
    for field in fields(registry.component("models", name))  # type: ignore[arg-type]
]
WITH = {"passage": {"standardize": "song"}}
"""What a parameter asks of others."""
odd_numbers = st.integers() | st.floats() | st.sampled_from(["1", "1e-2", "nan", "1e999", "1_0"])
likely_numbers = st.integers(1, 9) | st.sampled_from(["1", "1e-2", 0.5, 1.0, 2.0])
scalars = (
    odd_numbers
    | st.none()
    | st.booleans()
    | st.dates()
    | st.text(max_size=3)
    | st.sampled_from(["window", "none", "label", "window_mean", "mse", "mae", "yes"])
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(scalars, inner, max_size=2),
    max_leaves=6,
)
likely_ranges = st.fixed_dictionaries(
    {"low": likely_numbers, "high": st.integers(9, 300)},
    optional={"log": st.booleans(), "step": likely_numbers},
)
odd_ranges = st.fixed_dictionaries(
    {"low": odd_numbers | likely_numbers, "high": odd_numbers | likely_numbers},
    optional={"log": anything, "step": anything},
)
choices = st.lists(likely_numbers, min_size=2, max_size=3) | st.lists(scalars, max_size=3)


@given(parameter=st.sampled_from(PARAMETERS), value=likely_ranges | odd_ranges | choices | anything)
@example(parameter=("arousal_cnn", "network"), value={"low": 1, "high": 3})
@example(parameter=("arousal_cnn", "max_windows"), value=[100, None])
@example(parameter=("ridge", "seconds"), value={"low": "1e-2", "high": 10, "log": True})
def test_what_is_not_refused_has_valid_values_only(parameter: tuple[str, str], value: Any) -> None:
    name, field = parameter
    hint = get_type_hints(registry.component("models", name), include_extras=True)[field]
    domain, problems = read(value, hint)
    if domain is None:
        assert problems
        return
    assert problems == []
    ends = domain.values if isinstance(domain, Choice) else (domain.low, domain.high)
    for end in ends:
        findings = Findings(Path("a.yaml"), [])
        entry = {"name": name, **WITH.get(field, {}), field: end}
        built = build(Model, "models", entry, "models[0]", findings)
        assert findings.problems == []
        assert (getattr(built, field), type(getattr(built, field))) == (end, type(end))
    held = ends if isinstance(domain, Choice) or domain.step is None else ends[:1]
    assert all(map(domain.holds, held))
