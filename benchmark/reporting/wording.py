"""What every rendering says: headings, the text of a row, what a track is. Knows no layout."""

from __future__ import annotations

import math

from benchmark.reporting.board import Row, Track
from benchmark.reporting.published import Published

HEADINGS = ("#", "feature", "model", "RMSE ± std", "pooled", "skill", "r", "CCC", "seconds")


def title(track: Track) -> str:
    """Return the heading of a track."""
    return f"{track.conditions.title}: {track.target}"


def introduction(track: Track) -> str:
    """Say what the numbers of a track were measured on."""
    synthetic = (
        "**Synthetic data**: rendered tunes, no listeners. These numbers show that the machinery "
        "works and say nothing about music. "
        if track.conditions.synthetic
        else ""
    )
    licence = f" ({track.licence})" if track.licence else ""
    citation = f" Data: {track.citation}{licence}." if track.citation else ""
    labels = next((row.score.n_labels for row in track.rows if row.score), None)
    counted = f", {labels:,} labels at 2 Hz" if labels else ""
    return (
        f"{synthetic}{track.conditions.protocol_in_words[0].upper()}"
        f"{track.conditions.protocol_in_words[1:]}. {track.conditions.n_test_songs} test songs of "
        f"{track.n_songs}{counted}.{citation}"
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
    score = f"{value.rmse:g}" if value.rmse is not None else f"r {value.pearson:g}"
    return score + (f" ± {value.spread:g}" if value.spread is not None else "")


def _correlation(value: float, undefined: int) -> str:
    shown = "–" if math.isnan(value) else _signed(value)
    return f"{shown} ({undefined})" if undefined else shown


def _signed(value: float) -> str:
    """Return three decimals, and no minus before a zero."""
    return "–" if math.isnan(value) else f"{round(value, 3) + 0.0:.3f}"
