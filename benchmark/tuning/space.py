"""From a trial to a feature and a model, and back: what a study chooses from, in Optuna's words."""

from __future__ import annotations

import dataclasses
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, TypeVar

from optuna.trial import BaseTrial

from benchmark.config.domains import Choice, Domain
from benchmark.config.search import Candidate, Search
from benchmark.errors import BenchmarkError
from benchmark.interfaces import Component, Feature, Model

C = TypeVar("C", bound=Component)


class ImpossibleError(BenchmarkError):
    """Parameters that go well one by one, but not together."""


@dataclass(frozen=True)
class Configuration:
    """What a trial tries; no feature for a model that looks at labels only."""

    feature: Feature | None
    model: Model


def suggested(search: Search, trial: BaseTrial) -> Configuration:
    """Ask a trial for a model, then for a feature if it takes one, then for their parameters.

    Raises
    ------
    ImpossibleError
        If they do not go together.
    """
    model = _chosen(Model, search.models, "model", trial)
    if model.view is None:
        return Configuration(None, model)
    feature = _chosen(Feature, search.features, "feature", trial)
    if refusal := model.view.refusal(feature):
        raise ImpossibleError(f"{model.label} cannot take {feature.label}: {refusal}")
    return Configuration(feature, model)


def untuned(search: Search) -> list[dict[str, Any]]:
    """Return the parameters of what the file would run as it stands, where a study may choose it.

    A study tries these first, so that tuning is never worse, in its own eyes, than none.
    """
    found: list[dict[str, Any]] = []
    for model, feature in product(search.models, search.features or (None,)):
        assert isinstance(model.component, Model)
        takes = feature if model.component.view else None
        if model.is_inside and (takes is None or takes.is_inside):
            fixed = _fixed(search.models, "model", model)
            fixed |= _fixed(search.features, "feature", takes) if takes else {}
            if fixed not in found:  # as of a model that takes no feature
                found.append(fixed)
    return found


def _named(group: Sequence[Candidate]) -> dict[str, Candidate]:
    """Return candidates by name; by label where a name stands for several."""
    names = Counter(candidate.component.name for candidate in group)
    return {
        one.component.name if names[one.component.name] == 1 else one.component.label: one
        for one in group
    }


def _fixed(group: Sequence[Candidate], kind: str, chosen: Candidate) -> dict[str, Any]:
    named = _named(group)
    name = next(name for name, candidate in named.items() if candidate is chosen)
    own = {f"{name}.{free}": getattr(chosen.component, free) for free in chosen.free}
    return ({kind: name} if len(named) > 1 else {}) | own


def _chosen(base: type[C], group: Sequence[Candidate], kind: str, trial: BaseTrial) -> C:
    named = _named(group)
    name = next(iter(named))
    if len(named) > 1:
        name = trial.suggest_categorical(kind, list(named))
    values = {free: _value(f"{name}.{free}", domain, trial) for free, domain in named[name].domains}
    try:
        built = dataclasses.replace(named[name].component, **values)  # type: ignore[type-var]
    except (ValueError, TypeError) as error:
        raise ImpossibleError(f"{name}: {error}") from error
    assert isinstance(built, base)
    return built


def _value(name: str, domain: Domain, trial: BaseTrial) -> Any:
    if isinstance(domain, Choice):
        return trial.suggest_categorical(name, domain.values)
    with warnings.catch_warnings():
        # Where steps do not meet its end, a range ends before: nothing to be said at every trial.
        warnings.filterwarnings("ignore", "The distribution is specified by")
        if domain.whole:
            low, high, step = int(domain.low), int(domain.high), int(domain.step or 1)
            return trial.suggest_int(name, low, high, step=step, log=domain.log)
        return trial.suggest_float(name, domain.low, domain.high, step=domain.step, log=domain.log)
