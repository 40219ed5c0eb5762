"""The `search:` block of a file: which parameters a study may choose, and how it is judged.

Ranges are checked against the fields of the components they belong to, as values are.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_type_hints

from annotated_types import Ge, Lt

from benchmark.config.components import build
from benchmark.config.domains import Domain, read_domain
from benchmark.config.validation import Findings, check
from benchmark.errors import did_you_mean
from benchmark.interfaces import Component, Feature, Model, Protocol

Sampler = Literal["tpe", "random", "qmc"]
Pruner = Literal["median", "hyperband", "successive_halving", "wilcoxon", "none"]

PLAIN: dict[str, Any] = {
    "mode": Literal["nested", "single"],
    "trials": Annotated[int, Ge(1)],
    "sampler": Sampler,
    "pruner": Pruner,
    "seed": Annotated[int, Ge(0), Lt(2**32)],
}
"""The keys whose values are no ranges, with their types."""

DEFAULTS: dict[str, Any] = {
    "mode": "nested",
    "trials": 50,
    "sampler": "tpe",
    "pruner": "median",
    "seed": 0,
}


@dataclass(frozen=True)
class Candidate:
    """A feature or model as the file has it, and the domains of the parameters to be chosen."""

    component: Component
    domains: tuple[tuple[str, Domain], ...] = ()

    @property
    def free(self) -> Mapping[str, Domain]:
        return dict(self.domains)

    @property
    def is_inside(self) -> bool:
        """Whether the component as the file has it is itself one that could be chosen."""
        return all(domain.holds(getattr(self.component, name)) for name, domain in self.domains)

    def described(self) -> dict[str, Any]:
        """Return what could be chosen, in plain types."""
        domains = {
            name: {key: _plain(value) for key, value in dataclasses.asdict(domain).items()}
            for name, domain in self.domains
        }
        return {**self.component.describe(), "search": domains}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True, kw_only=True)
class Search:
    """What a study chooses from, and how.

    Every feature and model of the file is a candidate. `inner` draws, among the training songs of
    an outer fold, the folds on which trials are judged.
    """

    features: tuple[Candidate, ...]
    models: tuple[Candidate, ...]
    mode: Literal["nested", "single"]
    trials: int
    sampler: Sampler
    pruner: Pruner
    inner: Protocol
    seed: int

    @property
    def n_free(self) -> int:
        """The number of parameters to be chosen, which of several components among them."""
        models = [candidate.component for candidate in self.models]
        takes_features = any(isinstance(model, Model) and model.view for model in models)
        groups = (self.features, self.models) if takes_features else (self.models,)
        return sum(len(candidate.domains) for group in groups for candidate in group) + sum(
            len(group) > 1 for group in groups
        )


def read_search(
    entry: Any,
    features: Sequence[Feature],
    models: Sequence[Model],
    protocols: Sequence[Protocol],
    findings: Findings,
) -> Search | None:
    """Return the search that an entry describes; where it is none, note why and return None."""
    if not isinstance(entry, dict):
        findings.add("search", f"{entry!r} should be a mapping, as in {{models: ...}}")
        return None
    before = len(findings.problems)
    known = ("features", "models", "inner", *PLAIN)
    for key in entry:
        if key not in known:
            findings.add(f"search.{key}", f"no such key{did_you_mean(str(key), known)}")
    values = {**DEFAULTS, **{key: entry[key] for key in PLAIN if key in entry}}
    plain = {key: check(PLAIN[key], values[key], f"search.{key}", findings) for key in PLAIN}
    free_features = _candidates(entry.get("features", {}), features, "search.features", findings)
    free_models = _candidates(entry.get("models", {}), models, "search.models", findings)
    inner = build(
        Protocol, "protocols", entry.get("inner", _inner(protocols)), "search.inner", findings
    )
    if inner is not None and inner.flaw:
        findings.add("search.inner", f"{inner.name} is {inner.flaw}: its winners prove nothing")
    if len(protocols) > 1:
        findings.add("search", "takes one protocol; give each of several a file of its own")
    for protocol in protocols:
        if protocol.flaw:
            findings.add("search", f"{protocol.name} is {protocol.flaw}: nothing to be tuned for")
    if len(findings.problems) > before or inner is None:
        return None
    search = Search(features=free_features, models=free_models, inner=inner, **plain)
    if not search.n_free:
        findings.add("search", "leaves nothing to choose; give ranges, or several candidates")
        return None
    return search


def _inner(protocols: Sequence[Protocol]) -> dict[str, Any]:
    """Return the usual inner protocol: three folds by what the outer one keeps together."""
    groups = {getattr(protocol, "group", "song") for protocol in protocols}
    return {
        "name": "song_kfold",
        "folds": 3,
        "group": "artist" if groups == {"artist"} else "song",
    }


def _candidates(
    entry: Any, components: Sequence[Component], key: str, findings: Findings
) -> tuple[Candidate, ...]:
    if not isinstance(entry, dict):
        findings.add(key, f"{entry!r} should map names to ranges of their parameters")
        return ()
    names = list(dict.fromkeys(component.name for component in components))
    for name in entry:
        if name not in names:
            findings.add(f"{key}.{name}", f"is none of this file{did_you_mean(str(name), names)}")
    domains = {
        component.name: tuple(_domains(entry.get(component.name, {}), component, key, findings))
        for component in {type(component): component for component in components}.values()
    }
    return tuple(Candidate(component, domains[component.name]) for component in components)


def _domains(
    entry: Any, component: Component, key: str, findings: Findings
) -> Iterator[tuple[str, Domain]]:
    key = f"{key}.{component.name}"
    if not isinstance(entry, dict):
        findings.add(key, f"{entry!r} should map parameters to ranges")
        return
    hints = get_type_hints(type(component), include_extras=True)
    fields = [field.name for field in dataclasses.fields(component)]  # type: ignore[arg-type]
    for name, value in entry.items():
        if name not in fields:
            hint = did_you_mean(str(name), fields)
            findings.add(f"{key}.{name}", f"no parameter {name!r} in {component.name}{hint}")
            continue
        domain = read_domain(value, hints[name], f"{key}.{name}", findings)
        if domain is not None:
            yield name, domain
