"""What is said of tuned rows: how they were tuned, what that was worth, against which rows."""

from __future__ import annotations

from benchmark.evaluation.standing import Versus
from benchmark.evaluation.tuned import TunedRow
from benchmark.reporting.board import Track
from benchmark.reporting.numbers import number, signed, versus
from benchmark.reporting.rows import Row


def tuning_lines(track: Track) -> list[str]:
    """Say of each tuned row how it was tuned and what that was worth."""
    return [
        f"{row.feature} / {row.model}: {in_words(track, row, row.tuned)}"
        for row in track.rows
        if row.tuned
    ]


def in_words(track: Track, row: Row, tuned: TunedRow) -> str:
    """Say how a row was tuned, what that was worth, and how it compares with untuned rows."""
    studies = [fold.study for fold in tuned.folds]
    counts = ", ".join(
        f"{sum(study.count(state) for study in studies)} {state}"
        for state in ("complete", "pruned", "failed")
    )
    fewer = "up to " if any(len(one.trials) < tuned.tuning.trials for one in studies) else ""
    several = f"in each of {len(studies)} folds" if len(studies) > 1 else "once"
    words = (
        f"{several} {fewer}{tuned.tuning.trials} trials "
        f"({tuned.tuning.sampler}, {tuned.tuning.pruner} pruner; {counts}) on the training songs "
        f"alone, judged by {tuned.tuning.inner}. Best inner RMSE {number(tuned.inner)}"
    )
    if tuned.untuned is not None:
        words += f" (untuned {number(tuned.untuned)})"
    words += f", outer {number(tuned.outer)}: tuning optimism {signed(tuned.optimism, 4)}"
    against = [
        f"{other.feature} / {other.model} {versus(found)}"
        for other in track.rows
        if other.cell.tuning is None and _is_untuned(other, row)
        if (found := row.standing and _standing_against(track, row, other))
    ]
    return f"{words}. Against untuned rows: {'; '.join(against)}" if against else f"{words}."


def _is_untuned(other: Row, row: Row) -> bool:
    """Say whether a row is of a model, and a feature, that a tuned row could have chosen."""
    assert row.tuned
    description = row.tuned.folds[0].study.description
    names = {
        group: [candidate["name"] for candidate in description[group]]
        for group in ("features", "models")
    }
    feature, model = (other.cell.description[part] for part in ("feature", "model"))
    return model["name"] in names["models"] and (
        feature is None or feature["name"] in names["features"]
    )


def _standing_against(track: Track, row: Row, other: Row) -> Versus | None:
    """Return the paired comparison of two ranked rows of a track."""
    ranked = [one for one in track.rows if one.standing]
    if row.standing is None or other not in ranked:
        return None
    return row.standing.others[ranked.index(other)]
