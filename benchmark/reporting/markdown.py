"""The leaderboard as markdown: a track, its table, published numbers, how to reproduce it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmark.records.atomic import temporary_sibling
from benchmark.reporting.board import Track
from benchmark.reporting.published import Published, obstacles, published_numbers
from benchmark.reporting.wording import HEADINGS, cells, introduction, quoted, title

FIRST = "python -m benchmark run experiments/*.yaml"
LEGEND = """\
**RMSE ± std**: root mean squared error per song, averaged over the songs of a fold; mean ± sample
SD (ddof 1) over folds. **pooled**: RMSE over all test labels at once. **skill**: 1 − MSE / MSE of
the constant predictor fitted on the same training songs; 0 is no better than the constant. **r**,
**CCC**: Pearson's and Lin's correlation within a song, mean over the songs where defined; in
brackets the number of songs where not. **seconds**: fitting and predicting, all folds together."""


def write(path: Path, tracks: Sequence[Track]) -> None:
    """Write the leaderboard of all tracks."""
    with temporary_sibling(path) as draft:
        draft.write_text(render(tracks), encoding="utf-8")
        draft.replace(path)


def render(tracks: Sequence[Track]) -> str:
    """Return the leaderboard of all tracks; rows of different tracks share no table."""
    if not tracks:
        return f"# Leaderboard\n\nNothing has been run yet: `{FIRST}`\n"
    parts = ["# Leaderboard", "Ratings lie in [-1, 1]; one table per track. " + LEGEND]
    parts += [_track(track) for track in tracks]
    return "\n\n".join(parts) + "\n"


def _track(track: Track) -> str:
    rows = [cells(number, row) for number, row in enumerate(track.rows, 1)]
    parts = [
        f"## {title(track)}",
        introduction(track),
        _table(HEADINGS, rows, right=(0, 3, 4, 5, 6, 7, 8)),
        "### Published numbers beside this track",
        _table(
            ("system", "RMSE", "comparable?", "± over", "source"),
            [
                (
                    number.system,
                    quoted(number, track.target),
                    _verdict(number, track),
                    number.spread_over or "–",
                    number.source + (f"; {number.note}" if number.note else ""),
                )
                for number in published_numbers()
            ],
            right=(1,),
        ),
    ]
    noted = [f"- {row.feature} / {row.model}: {row.notes}" for row in track.rows if row.notes]
    if noted:
        parts += ["### Notes on training", "\n".join(noted)]
    if track.notes:
        parts += ["### Notes on songs", "\n".join(f"- {note}" for note in track.notes)]
    commands = "\n".join(f"python -m benchmark run {command}" for command in track.commands)
    parts.append(f"### Reproduce\n\nAt commit {', '.join(track.origins)}:\n\n```\n{commands}\n```")
    return "\n\n".join(parts)


def _verdict(number: Published, track: Track) -> str:
    reasons = obstacles(number, track.conditions)
    return f"no: {'; '.join(reasons)}" if reasons else "yes"


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int]) -> str:
    rule = ["---:" if column in right else "---" for column in range(len(headings))]
    lines = [headings, rule, *([_escaped(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
