from __future__ import annotations

from typing import Any, get_args

import optuna
import pytest
from optuna.pruners import MedianPruner

from benchmark.config.search import Pruner, Sampler
from benchmark.tuning.strategies import PRUNERS, SAMPLERS, WARM_UP, pruner, sampler


def test_every_name_a_file_may_give_is_there() -> None:
    assert set(SAMPLERS) == set(get_args(Sampler))
    assert set(PRUNERS) == set(get_args(Pruner))


def drawn(name: str, seed: int, *, trials: int = 16) -> list[dict[str, Any]]:
    """Return what trials of a study choose, each with a sampler of its own, as studies have it."""
    study = optuna.create_study()
    for number in range(trials):
        study.sampler = sampler(name, seed=[seed, 0, 1], trial=number, fixed=None)
        trial = study.ask()
        model = trial.suggest_categorical("model", ["one", "two"])
        rate = trial.suggest_float(f"{model}.rate", 1e-3, 1, log=True)
        study.tell(trial, rate)
    return [trial.params for trial in study.trials]


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_seed_decides_and_no_two_trials_are_the_same(name: str) -> None:
    found = drawn(name, 0)
    assert found == drawn(name, 0)
    assert found != drawn(name, 1)
    assert {one["model"] for one in found} == {"one", "two"}
    for model in ("one", "two"):
        rates = [one[f"{model}.rate"] for one in found if one["model"] == model]
        assert len(set(rates)) == len(rates)


def test_what_is_fixed_is_tried() -> None:
    study = optuna.create_study(sampler=sampler("tpe", seed=[0], trial=0, fixed={"x": 0.25}))
    trial = study.ask()
    assert trial.suggest_float("x", 0, 1) == 0.25
    assert 0 <= trial.suggest_float("y", 0, 1) <= 1


def test_the_median_of_epochs_decides_when_networks_have_warmed_up() -> None:
    for epochs, last in ((False, 1), (True, WARM_UP)):
        median = pruner("median", epochs=epochs)
        assert isinstance(median, MedianPruner)
        study = optuna.create_study(pruner=median)
        for _ in range(5):
            trial = study.ask()
            for step in range(1, 9):
                trial.report(0.1, step)
            study.tell(trial, 0.1)
        trial = study.ask()
        for step in range(1, 9):
            trial.report(0.2, step)
            if trial.should_prune():
                break
        assert step == last
