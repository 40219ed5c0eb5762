"""Every mistake that a reader reports: all are counted, some of each group are kept."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from pathlib import Path

from benchmark.audit.finding import EXAMPLES, Finding, Severity, ordered
from benchmark.layout.mistakes import TableError


@dataclass
class Group:
    """Mistakes that make one finding; `first` is the one that a reader would stop at."""

    first: TableError
    count: int = 0
    songs: set[str] = field(default_factory=set)
    examples: list[str] = field(default_factory=list)

    def finding(self, code: str, severity: Severity, text: str, root: Path) -> Finding:
        """Return the finding about these mistakes."""
        return Finding(
            code=code,
            severity=severity,
            text=text,
            songs=ordered(self.songs),
            examples=tuple(self.examples),
            figures={"table": str(self.first.table.relative_to(root)), "count": self.count},
        )


@dataclass
class Mistakes:
    """Hears of mistakes, and sorts them into groups, in the order in which a reader meets them."""

    by: Callable[[TableError], Hashable] = lambda _: ""
    groups: dict[Hashable, Group] = field(default_factory=dict)

    def __call__(self, mistake: TableError) -> None:
        group = self.groups.setdefault(self.by(mistake), Group(mistake))
        group.count += 1
        if mistake.song:
            group.songs.add(mistake.song)
        if len(group.examples) < EXAMPLES:
            group.examples.append(str(mistake))
