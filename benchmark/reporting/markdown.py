"""The leaderboard as markdown: what the track is, the table, published numbers, how to reproduce."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from benchmark.records.store import temporary_sibling
from benchmark.reporting.board import Row, Track
from benchmark.reporting.published import Published, obstacles, published_numbers

HEADINGS = ("#", "feature", "model", "RMSE ± std", "pooled", "skill", "r", "CCC", "seconds")
LEGEND = """\
**RMSE ± std**: root mean squared error per song, averaged over the songs of a fold; mean ± sample SD
(ddof 1) over folds. **pooled**: RMSE over all test labels at once. **skill**: 1 − MSE / MSE of the
constant predictor fitted on the same training songs; 0 is no better than the constant. **r**,
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
        return "# Leaderboard\n\nNothing has been run yet: `python -m benchmark run experiments/*.yaml`\n"
    parts = ["# Leaderboard", "Ratings lie in [-1, 1]; one table per track. " + LEGEND]
    parts += [_track(track) for track in tracks]
    return "\n\n".join(parts) + "\n"


def title(track: Track) -> str:
    return f"{track.conditions.title}: {track.target}"


def introduction(track: Track) -> str:
    """Say what the numbers of a track were measured on."""
    synthetic = (
        "**Synthetic data**: rendered tunes, no listeners. These numbers show that the machinery "
        "works and say nothing about music. "
        if track.conditions.synthetic
        else ""
    )
    citation = f" Data: {track.citation}." if track.citation else ""
    labels = next((row.score.n_labels for row in track.rows if row.score), 0)
    return (
        f"{synthetic}{track.conditions.protocol_in_words[0].upper()}"
        f"{track.conditions.protocol_in_words[1:]}. {track.conditions.n_test_songs} test songs of "
        f"{track.n_songs}, {labels:,} labels at 2 Hz.{citation}"
    )


def cells(number: int, row: Row) -> tuple[str, ...]:
    """Return a row's cells as text, in the order of `HEADINGS`."""
    if row.score is None:
        return ("–", row.feature, row.model, row.trouble, *[""] * 4, f"{row.seconds:.1f}")
    score = row.score
    spread = "" if math.isnan(score.rmse_std) else f" ± {score.rmse_std:.4f}"
    return (
        str(number),
        row.feature,
        row.model,
        f"{score.rmse:.4f}{spread}",
        f"{score.rmse_pooled:.4f}",
        _signed(score.skill),
        _correlation(score.pearson, score.pearson_undefined),
        _correlation(score.ccc, score.ccc_undefined),
        f"{row.seconds:.1f}",
    )


def quoted(number: Published, target: str) -> str:
    """Return a published number with its spread."""
    value = number.arousal if target == "arousal" else number.valence
    return f"{value.rmse:g}" + (f" ± {value.spread:g}" if value.spread is not None else "")


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


def _correlation(value: float, undefined: int) -> str:
    shown = "–" if math.isnan(value) else _signed(value)
    return f"{shown} ({undefined})" if undefined else shown


def _signed(value: float) -> str:
    """Return three decimals, and no minus before a zero."""
    return "–" if math.isnan(value) else f"{round(value, 3) + 0.0:.3f}"
