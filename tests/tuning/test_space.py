from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import optuna
import pytest
from optuna.trial import FixedTrial

from benchmark.config import Experiment
from benchmark.config.search import Search
from benchmark.tuning.space import ImpossibleError, suggested, untuned

Make = Callable[..., Experiment]
pytestmark = pytest.mark.usefixtures("plug_in")

FEATURES = "[{name: mel, n_mels: 40}, mfcc, {name: mfcc, n_mfcc: 40}]"
MODELS = "[lucky, {name: ridge, seconds: 30}, fickle]"
SEARCH = """{
  features: {mfcc: {n_mfcc: [13, 20]}},
  models: {
    lucky: {number: {low: 0, high: 9}, seconds: {low: 0.01, high: 1, log: true}},
    ridge: {seconds: {low: 1, high: 9, step: 0.5}},
    fickle: {mood: [fine, refuses, impossible]},
  },
}"""


@pytest.fixture
def search(experiment: Make) -> Search:
    return experiment(SEARCH, features=FEATURES, models=MODELS).search


def asked(search: Search, **answers: Any) -> set[str]:
    """Return the names of the parameters that a trial with these answers is asked for."""
    trial = FixedTrial({name.replace("__", "."): answer for name, answer in answers.items()})
    suggested(search, trial)
    return set(trial.params)


def test_only_what_is_chosen_is_asked_for_more(search: Search) -> None:
    assert asked(search, model="lucky", lucky__number=3, lucky__seconds=0.5) == {
        "model",
        "lucky.number",
        "lucky.seconds",
    }
    assert asked(search, model="ridge", ridge__seconds=2, feature="mel") == {
        "model",
        "ridge.seconds",
        "feature",
    }


def test_two_of_one_name_are_told_apart_by_their_parameters(search: Search) -> None:
    trial = FixedTrial(
        {
            "model": "fickle",
            "fickle.mood": "fine",
            "feature": "mfcc(n_mfcc=40)",
            "mfcc(n_mfcc=40).n_mfcc": 13,
        }
    )
    assert suggested(search, trial).feature.describe()["parameters"]["n_mfcc"] == 13


def test_values_are_of_the_domains_and_the_parameters_kind(search: Search) -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    found = []
    for _ in range(60):
        try:
            found.append(suggested(search, study.ask()))
        except ImpossibleError:
            continue
    models = {
        one.model.name: [m.model for m in found if m.model.name == one.model.name] for one in found
    }
    assert models.keys() == {"lucky", "ridge", "fickle"}
    for lucky in models["lucky"]:
        assert isinstance(lucky.number, int) and 0 <= lucky.number <= 9
        assert 0.01 <= lucky.seconds <= 1
    assert min(lucky.seconds for lucky in models["lucky"]) < 0.1, "as often below as above"
    assert all(2 * ridge.seconds == round(2 * ridge.seconds) for ridge in models["ridge"])
    assert {one.feature is None for one in found if one.model.name == "lucky"} == {True}
    labels = {one.feature.label for one in found if one.feature}
    assert labels == {"mel(n_mels=40)", "mfcc(n_mfcc=13)", "mfcc"}


@pytest.mark.parametrize(
    ("mood", "message"),
    [
        ("refuses", r"fickle\(mood=refuses\) cannot take mel\(n_mels=40\): it is in the mood for"),
        ("impossible", "fickle: mood = 'impossible' does not go with anything"),
    ],
)
def test_what_does_not_go_together_is_impossible(search: Search, mood: str, message: str) -> None:
    with pytest.raises(ImpossibleError, match=message):
        asked(search, model="fickle", fickle__mood=mood, feature="mel")


def test_the_file_as_it_stands_is_where_a_study_may_choose_it(search: Search) -> None:
    """Ridge stands at 30 s, lucky at 0 s and one of the features at 40, which are out of range."""
    fine = {"model": "fickle", "fickle.mood": "fine"}
    assert untuned(search) == [
        fine | {"feature": "mel"},
        fine | {"feature": "mfcc", "mfcc.n_mfcc": 20},
    ]
    for parameters in untuned(search):
        assert asked(search, **{k.replace(".", "__"): v for k, v in parameters.items()}) == set(
            parameters
        )


def test_a_model_without_a_feature_stands_once(experiment: Make) -> None:
    number = "{models: {lucky: {number: {low: 0, high: 9}}}}"
    lucky = experiment(number, features="[mel, mfcc]", models="[lucky, mean]").search
    assert untuned(lucky) == [{"model": "lucky", "lucky.number": 0}, {"model": "mean"}]


@pytest.mark.parametrize(
    ("domain", "last"),
    [("{low: 0, high: 9, step: 4}", 8), ("{low: 0.0, high: 1.0, step: 0.3}", 0.9)],
)
def test_a_step_that_does_not_meet_the_end_stops_before_it(
    experiment: Make, domain: str, last: float
) -> None:
    """And nobody is warned at every trial."""
    name = "number" if isinstance(last, int) else "seconds"
    search = experiment(f"{{models: {{lucky: {{{name}: {domain}}}}}}}").search
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    values = [getattr(suggested(search, study.ask()).model, name) for _ in range(20)]
    assert math.isclose(max(values), last)
