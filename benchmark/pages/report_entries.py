"""The cards of models and features on the page: the leaderboard's own words, and a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from benchmark.pages.report_tables import Line, Table
from benchmark.pages.report_words import marked
from benchmark.reporting.board import Track
from benchmark.reporting.cards import COSTS, LEFT, Card, cards


@dataclass(frozen=True)
class Entry:
    """A card: per part its heading, what it is, and facts as (word, text); what fitting took."""

    label: str
    parts: tuple[tuple[str, Markup, tuple[tuple[str, str], ...]], ...]
    costs: Table | None


def entries(tracks: Sequence[Track]) -> tuple[tuple[str, tuple[Entry, ...]], ...]:
    """Return the cards of all tables, models before features, each kind with its heading."""
    found = cards(tracks)
    kinds = (("Models", found.models), ("Features", found.features))
    return tuple((heading, tuple(map(_entry, of_kind))) for heading, of_kind in kinds if of_kind)


def _entry(card: Card) -> Entry:
    lines = tuple(Line(cells) for cells in card.costs)
    return Entry(
        card.label,
        tuple((part.heading, marked(part.what), part.facts) for part in card.parts),
        Table(COSTS, lines, left=LEFT) if lines else None,
    )
