"""Cards of what stands in the rows of all tables: each model and each feature once.

After the model cards of Mitchell et al. 2019 (doi:10.1145/3287560.3287596): what it is, parameters,
cost, source. All of it was recorded when it ran, so a plug-in need not be there any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal

from benchmark.reporting.board import Track
from benchmark.reporting.fits import Fit
from benchmark.reporting.numbers import NONE
from benchmark.reporting.rows import Row

EXPLAINED = """\
What the rows are made of: each model and each feature once, with all its parameters. The cost of a
model is that of fitting, over the jobs of all tables of a dataset, from least to most.
**examples**: what it is fitted on, be it windows, labels or sequences. **seconds a job**: the
median, then least and most, as measured where the jobs ran; features, predicting and tuning are not
counted. A dash: the model does not say, or has no such thing."""
COSTS = (
    "data", "feature", "jobs", "trainable parameters", "examples", "epochs", "seconds a job",
)  # fmt: skip
LEFT = (0, 1)
"""Columns of `COSTS` that hold words."""


@dataclass(frozen=True)
class Part:
    """A component of a card; what is not known of it is empty.

    Of a parameter that studies chose, fold by fold, `parameters` has what they chose.
    """

    name: str
    version: str
    what: str
    parameters: str
    source: str

    @property
    def heading(self) -> str:
        return f"{self.name}, version {self.version}" if self.version else self.name

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What can be said below its heading: a word and a text each."""
        said = (("parameters", self.parameters), ("source", self.source))
        return tuple((word, text) for word, text in said if text)


@dataclass(frozen=True)
class Card:
    """A model or a feature as rows name it; several parts where studies chose among them.

    `costs` are cells below `COSTS`, a line per dataset and feature: none for a feature.
    """

    label: str
    parts: tuple[Part, ...]
    costs: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Cards:
    """All cards, by label."""

    models: tuple[Card, ...]
    features: tuple[Card, ...]


@dataclass
class _Draft:
    about: dict[str, Mapping[str, str]] = field(default_factory=dict)
    described: list[Mapping[str, Any]] = field(default_factory=list)
    fits: dict[tuple[str, str, str], dict[str, Fit]] = field(default_factory=dict)


def cards(tracks: Sequence[Track]) -> Cards:
    """Return a card for each model and each feature of the rows of some tables."""
    return Cards(_cards(tracks, "model"), _cards(tracks, "feature"))


def _cards(tracks: Iterable[Track], kind: Literal["model", "feature"]) -> tuple[Card, ...]:
    drafts: dict[str, _Draft] = {}
    for track in tracks:
        for row in track.rows:
            draft = drafts.setdefault(row.cell.description[f"{kind}_label"], _Draft())
            draft.about |= row.cell.description.get("about", {}).get(f"{kind}s", {})
            draft.described += _described(row, kind)
            if kind == "model" and row.fits:
                threads = row.cell.description["threads"]
                place = track.conditions.title, row.feature, _threads(threads)
                draft.fits.setdefault(place, {}).update({fit.key: fit for fit in row.fits})
    made = (
        Card(
            label,
            _parts(draft),
            tuple(_cost(*place, list(fits.values())) for place, fits in sorted(draft.fits.items())),
        )
        for label, draft in sorted(drafts.items())
    )
    return tuple(card for card in made if card.parts)


def _described(row: Row, kind: Literal["model", "feature"]) -> list[Mapping[str, Any]]:
    """Return what a row has of a kind: that of each fold where studies chose."""
    if row.cell.tuning:
        found = [fit.model if kind == "model" else fit.feature for fit in row.fits]
    else:
        found = [row.cell.description[kind]]
    return [one for one in found if one]


def _parts(draft: _Draft) -> tuple[Part, ...]:
    by_name: dict[str, list[Mapping[str, Any]]] = {name: [] for name in draft.about}
    for one in draft.described:
        by_name.setdefault(one["name"], []).append(one)
    return tuple(
        Part(
            name,
            version=" or ".join(dict.fromkeys(str(one["version"]) for one in described)),
            what=draft.about.get(name, {}).get("what", ""),
            parameters=_parameters([one["parameters"] for one in described]),
            source=draft.about.get(name, {}).get("source", ""),
        )
        for name, described in by_name.items()
    )


def _parameters(chosen: Sequence[Mapping[str, Any]]) -> str:
    names = dict.fromkeys(name for parameters in chosen for name in parameters)
    listed = ", ".join(
        f"{name}={_values([parameters[name] for parameters in chosen if name in parameters])}"
        for name in names
    )
    return listed or ("none" if chosen else "")


def _values(values: Sequence[Any]) -> str:
    """Return a value, from least to most of several numbers, or all there are of another kind."""
    distinct = {repr(value): value for value in values}
    if len(distinct) > 1 and all(type(value) in (int, float) for value in values):
        return f"{min(values):.3g} to {max(values):.3g}"
    return " or ".join(distinct)


def _threads(threads: int) -> str:
    return f", {threads} threads" if threads != 1 else ""


def _cost(data: str, feature: str, threads: str, fits: Sequence[Fit]) -> tuple[str, ...]:
    seconds = [fit.seconds for fit in fits]
    return (
        data,
        feature,
        f"{len(fits):,}",
        _span([fit.card.trainable_parameters for fit in fits]),
        _span([fit.card.examples for fit in fits]),
        _span([fit.card.epochs for fit in fits]),
        f"{median(seconds):,.2f} ({min(seconds):,.2f} to {max(seconds):,.2f}){threads}",
    )


def _span(counts: Iterable[int | None]) -> str:
    """Return the least and the most of some counts, as far as they are known."""
    known = [count for count in counts if count is not None]
    if not known:
        return NONE
    ends = dict.fromkeys(f"{end:,}" for end in (min(known), max(known)))
    return " to ".join(ends)
