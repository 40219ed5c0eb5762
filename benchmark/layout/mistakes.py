"""Mistakes in tables: who reads data stops at the first, an audit hears of them all.

So a rule stands once, in the reader, and what an audit lists is what the reader refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from benchmark.errors import DataError

Kind = Literal[
    "unreadable",
    "header",
    "song_id",
    "second_row",
    "ragged",
    "not_a_number",
    "out_of_range",
    "differ",
    "empty",
]


class TableError(DataError):
    """One thing that forbids reading a table: where it is, of what kind, and whose row it is in.

    After one that is `unreadable`, nothing more of the table can be read: a reader raises it,
    whoever listens.
    """

    def __init__(
        self, table: Path, words: str, kind: Kind, *, line: int = 0, song: str = ""
    ) -> None:
        super().__init__(table, words, kind)
        self.table, self.words = table, words
        self.kind, self.line, self.song = kind, line, song

    def __str__(self) -> str:
        place = f"{self.table}, line {self.line}" if self.line else f"{self.table}"
        return f"{place}: {self.words}"


Report = Callable[[TableError], None]
"""Who is told of a mistake; a reader that is not stopped by it leaves out the wrong part."""


def refuse(mistake: TableError) -> None:
    """Stop reading at the first mistake."""
    raise mistake
