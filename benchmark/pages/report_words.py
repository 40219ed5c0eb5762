"""Words of the report page: captions, names, and the reports' own prose as HTML."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import count

from markupsafe import Markup, escape

from benchmark.reporting.board import Track
from benchmark.reporting.rows import Row
from benchmark.reporting.wording import cells, title

OVER_SONGS = "95 % over songs (bootstrap)"


def unit(track: Track) -> str:
    """Say what the error of a song is."""
    if track.conditions.whole_songs:
        return "Error of a song's one rating, in [-1, 1], as a root mean square"
    return "RMSE per song, ratings in [-1, 1]"


def setting(track: Track) -> str:
    """Say which data and protocol a figure is of."""
    synthetic = ", synthetic data" if track.conditions.synthetic else ""
    return f"{title(track)}; {track.conditions.n_test_songs:,} test songs{synthetic}"


def protocol_of(track: Track) -> str:
    """Return the protocol of a track, and what is wrong with it, as its title has it."""
    return title(track).removeprefix(f"{track.conditions.title}: {track.target}, ")


def names_of(track: Track) -> dict[int, str]:
    """Return a name for each row, by its `id`: feature and model, and what else tells it apart."""
    plain = {id(row): f"{row.feature} / {row.model}" for row in track.rows}
    names = list(plain.values())
    return {
        id(row): name if names.count(name) == 1 else f"{name}, trained on {_trained_on(track, row)}"
        for row, name in zip(track.rows, names, strict=True)
    }


def slug(text: str, taken: Collection[str]) -> str:
    """Return text as an element's id that is not taken."""
    stem = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    numbered = (f"{stem}-{number}" for number in count(2))
    return stem if stem not in taken else next(one for one in numbered if one not in taken)


def prose(text: str) -> Markup:
    """Return text of the markdown reports as HTML: paragraphs, lists, bold, code."""
    blocks = []
    for block in text.split("\n\n"):
        if block.startswith("- "):
            items = re.split(r"\n- ", block.removeprefix("- "))
            listed = "".join(f"<li>{marked(item)}</li>" for item in items)
            blocks.append(f"<ul>{listed}</ul>")
        else:
            blocks.append(f"<p>{marked(block)}</p>")
    return Markup("\n".join(blocks))  # noqa: S704  (made of `marked`)


def marked(text: str) -> Markup:
    """Return one piece of such text: `**bold**` and backticks are set, all else is escaped."""
    safe = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", str(escape(text)), flags=re.DOTALL)
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", safe))  # noqa: S704  (escaped above)


def _trained_on(track: Track, row: Row) -> str:
    return cells(track, row, [])[3]
