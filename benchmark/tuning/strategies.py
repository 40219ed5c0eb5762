"""Samplers and pruners by name, as Optuna has them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import optuna
from optuna.pruners import BasePruner
from optuna.samplers import BaseSampler

SAMPLERS: dict[str, Callable[[int, int], BaseSampler]] = {
    "tpe": lambda trial, _: optuna.samplers.TPESampler(
        seed=trial, multivariate=True, group=True, constant_liar=True
    ),
    "random": lambda trial, _: optuna.samplers.RandomSampler(seed=trial),
    "qmc": lambda trial, study: optuna.samplers.QMCSampler(
        seed=study,
        scramble=True,
        independent_sampler=optuna.samplers.RandomSampler(seed=trial),
        warn_independent_sampling=False,
    ),
}
"""From the seeds of a trial and of its study. Tree-structured Parzen estimators see parameters
together, also those that not all trials have, and keep apart from trials that still run. A
quasi-random sequence goes on from trial to trial; what not all trials have is drawn at random."""

WARM_UP = 5
"""Epochs in which the median decides nothing: a low learning rate starts slowly."""

PRUNERS: dict[str, Callable[[bool], BasePruner]] = {
    "median": lambda epochs: optuna.pruners.MedianPruner(n_warmup_steps=WARM_UP * epochs),
    "hyperband": lambda _: optuna.pruners.HyperbandPruner(),
    "successive_halving": lambda _: optuna.pruners.SuccessiveHalvingPruner(),
    "wilcoxon": lambda _: optuna.pruners.WilcoxonPruner(),
    "none": lambda _: optuna.pruners.NopPruner(),
}
"""With Optuna's defaults otherwise; `wilcoxon` compares a trial with the best song by song."""


def sampler(
    name: str, *, seed: Sequence[int], trial: int, fixed: Mapping[str, Any] | None
) -> BaseSampler:
    """Return the sampler of one trial of a study with a seed.

    Each trial has one of its own, seeded by its number, so that a study that is stopped and goes on
    chooses what it would have chosen. With `fixed`, these are the parameters.
    """
    drawn, of_study = (
        int(np.random.SeedSequence(numbers).generate_state(1)[0])
        for numbers in ([*seed, trial], [*seed])
    )
    with warnings.catch_warnings():
        # Experimental since years, these two.
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        if fixed is not None:
            other = optuna.samplers.RandomSampler(seed=drawn)
            return optuna.samplers.PartialFixedSampler(dict(fixed), other)
        return SAMPLERS[name](drawn, of_study)


def pruner(name: str, *, epochs: bool) -> BasePruner:
    """Return a pruner that is told of epochs, or of inner folds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return PRUNERS[name](epochs)
