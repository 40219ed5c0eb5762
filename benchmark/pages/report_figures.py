"""Figures of a track: what each shows, how to read it, and the numbers that a script draws.

Where errors lie is in report_errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmark.pages.report_words import OVER_SONGS, names_of, setting, unit
from benchmark.records import JobRecord
from benchmark.reporting.board import Track
from benchmark.reporting.published import published_numbers, verdict
from benchmark.reporting.rows import Result, Row
from benchmark.reporting.wording import quoted


@dataclass(frozen=True)
class Chart:
    """A figure: `read` says how to read it, `caption` which data, protocol and unit it is of.

    `panels` hold what the script draws as this `kind`, each with an `index` in the page's data.
    """

    kind: str
    heading: str
    read: str
    caption: str
    panels: tuple[dict[str, Any], ...]


@dataclass
class Styles:
    """The same colour for a model and the same symbol for a feature, all over the page."""

    models: dict[str, int] = field(default_factory=dict)
    features: dict[str, int] = field(default_factory=dict)

    def of(self, row: Row) -> dict[str, int]:
        """Return the numbers of a row's colour and symbol."""
        model = row.cell.description["model"]["name"]
        return {
            "colour": self.models.setdefault(model, len(self.models)),
            "symbol": self.features.setdefault(row.feature, len(self.features)),
        }


def shown_rows(track: Track, styles: Styles) -> list[dict[str, Any]]:
    """Return what all figures of a track say of its rows with a result, in their order."""
    names = names_of(track)
    shown = []
    for row, result in finished(track):
        skill = result.over_songs.skill
        shown.append(
            {
                "name": names[id(row)],
                "model": row.cell.description["model"]["name"],
                "feature": row.feature,
                **styles.of(row),
                "constant": row.is_constant,
                "mark": row.mark,
                "rank": row.standing.rank if row.standing else None,
                "rmse": result.score.rmse,
                "low": result.over_songs.rmse.low,
                "high": result.over_songs.rmse.high,
                "skill": [result.score.skill, skill.low, skill.high],
                "seconds": row.seconds,
                "searched": row.seconds + _searching(row) if row.tuned else None,
            }
        )
    return shown


def finished(track: Track) -> list[tuple[Row, Result]]:
    """Return the rows with a result."""
    return [(row, row.result) for row in track.rows if row.result]


def _searching(row: Row) -> float:
    """Return the seconds of all trials of the studies that chose a row's parameters."""
    folds = row.tuned.folds if row.tuned else ()
    return sum(trial.seconds for fold in folds for trial in fold.study.trials)


def forest(track: Track, at: int) -> Chart:
    """Return the leaderboard drawn: a line a row, and the anchors."""
    judged = [(one, verdict(one, track.conditions)) for one in published_numbers()]
    beside = [
        {
            "name": f"published: {one.system}",
            "rmse": one.number(track.target).rmse,
            "words": quoted(one, track.target),
        }
        for one, found in judged
        if found.kind == "comparable"
    ]
    ranked = any(row.standing for row in track.rows)
    read = "Left is better. "
    if ranked:
        read += (
            "Rows in one band share a rank: none is found worse than the best of its band, paired "
            "over songs (Holm). Whether bars overlap decides nothing."
        )
    else:
        read += "No row of this table is ranked."
    if any(row.alarms and row.result for row in track.rows):
        read += " Red and hollow: not to be believed, for the reason above the table."
    return Chart(
        "forest",
        "Leaderboard, drawn",
        read,
        f"{setting(track)}. {unit(track)}, averaged over the songs of a fold, then over folds. "
        f"Bars: {OVER_SONGS}. Diamonds: anchors, which know the answer or no music; "
        f"{'squares: comparable published numbers; ' if beside else ''}an arrow points to what "
        f"lies off the scale.",
        (
            {
                "track": at,
                "anchors": [
                    {"name": anchor.name, "rmse": anchor.rmse}
                    for anchor in track.anchors
                    if np.isfinite(anchor.rmse)
                ],
                "published": beside,
            },
        ),
    )


def cost(track: Track, at: int) -> Chart:
    """Return skill against seconds."""
    threads = sorted({row.cell.description["threads"] for row in track.rows})
    tuned = any(row.tuned for row in track.rows)
    front = " The stepped line joins rows that no other beats in both; it knows no intervals."
    flagged = " Hollow: not to be believed."
    alarmed = [bool(row.alarms) for row, _ in finished(track)]
    return Chart(
        "cost",
        "Skill against cost",
        "Up and left is better. Colour: model, symbol: feature."
        + ("" if all(alarmed) else front)
        + (flagged if any(alarmed) else ""),
        f"{setting(track)}. Skill: 1 − MSE / MSE of the constant fitted on the same training "
        f"songs, all labels pooled; bars: {OVER_SONGS}. Seconds (logarithmic): fitting and "
        f"predicting, all jobs, {' or '.join(map(str, threads))} thread a job, as measured where "
        f"they ran; features are not counted."
        + (" Thin line to the right: with all trials of the row's studies." if tuned else ""),
        ({"track": at},),
    )


def learning(track: Track, at: int, records: Sequence[Sequence[JobRecord]]) -> Chart | None:
    """Return the learning curves of rows that have some; None where none has."""
    panels = []
    names = names_of(track)
    for place, ((row, _), of_row) in enumerate(zip(finished(track), records, strict=True)):
        curves = [record.card.curves for record in of_row if record.card.curves.get("loss")]
        if curves:
            loss = of_row[0].description["model"]["parameters"].get("loss", "")
            panels.append(
                {
                    "track": at,
                    "row": place,
                    "name": names[id(row)],
                    "unit": f"loss ({loss})" if loss else "loss",
                    "jobs": [
                        [list(one["loss"]), list(one.get("validation_loss", ()))] for one in curves
                    ],
                }
            )
    if not panels:
        return None
    return Chart(
        "learning",
        "Learning curves",
        "Solid: training songs; dotted: validation songs, which decide when to stop. A thin line a "
        "job, the thick ones their mean as far as all jobs got.",
        f"{setting(track)}. Loss per epoch as each model minimises it (mean squared or absolute "
        f"error of ratings in [-1, 1] as its windows or sequences have them), so it is no RMSE "
        f"per song and not to be compared between models.",
        tuple(panels),
    )
