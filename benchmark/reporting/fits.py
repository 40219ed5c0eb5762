"""What was fitted in a job and what that took: all that a card says of it, without predictions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmark.records import JobRecord, TrainingCard


@dataclass(frozen=True, eq=False)
class Fit:
    """The feature and model of a finished job as it describes them, and the cost of fitting."""

    key: str
    feature: Mapping[str, Any] | None
    model: Mapping[str, Any]
    seconds: float
    card: TrainingCard


def fits_of(records: Iterable[JobRecord]) -> tuple[Fit, ...]:
    """Return the fits of those jobs that have finished."""
    return tuple(
        Fit(
            record.key,
            record.description["feature"],
            record.description["model"],
            record.fit_seconds,
            record.card,
        )
        for record in records
        if record.finished
    )
