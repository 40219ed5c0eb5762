"""Says when a number is not to be believed, and what the likely causes are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from benchmark.evaluation.oracles import Anchor, raters
from benchmark.evaluation.scores import Score
from benchmark.records import CellPlan, JobRecord, Manifest, Shared

CAUSES = (
    "Likely causes: test labels reach the model or its features; one song, or one recording under "
    "two ids, is on both sides; labels are on another scale"
)


@dataclass(frozen=True)
class Alarm:
    """What is wrong with a row: `kind` in a word, `words` with its figures and likely causes."""

    kind: Literal["leaky", "optimistic", "too good"]
    words: str


def alarms(
    manifest: Manifest,
    cell: CellPlan,
    records: Sequence[JobRecord],
    target: str,
    *,
    reached: Score,
    song_mean: Anchor,
) -> tuple[Alarm, ...]:
    """Return what speaks against a finished cell on a target: what its folds share, its score.

    `reached` and `song_mean` are the score and the oracle of the cell on the target.
    """
    songs = sorted({song for record in records for song in record.description["fold"]["test"]})
    floors = [song_mean]
    if set(songs) <= manifest.raters.get(target, {}).keys():
        floors += raters(manifest.raters[target], songs)[:1]
    if target in manifest.dataset["floors"]:
        floor = manifest.dataset["floors"][target]
        floors.append(Anchor("plausible floor of this dataset", 0.0, floor))
    return of_folds(cell.shared) + of_score(reached, floors)


def of_folds(shared: Shared) -> tuple[Alarm, ...]:
    """Return what follows from what training and test songs share, whatever the score."""
    if shared.trained_on:
        words = (
            f"{_of(shared.trained_on, shared)} are also trained on, for example {shared.example}"
        )
        if shared.overlapping:
            part = shared.overlapping / shared.test_labels
            words += f"; around {part:.0%} of the test labels the model hears what it trained on"
        return (Alarm("leaky", words),)
    if shared.chosen_on:
        words = f"{_of(shared.chosen_on, shared)} are handed to the model for its choices"
        return (Alarm("optimistic", f"{words}: when to stop, which parameters to take"),)
    return ()


def _of(count: int, shared: Shared) -> str:
    return f"{count} of {shared.test_songs} test songs"


def of_score(reached: Score, floors: Sequence[Anchor]) -> tuple[Alarm, ...]:
    """Return an alarm for each floor that a score lies below: pooled, or per song."""
    found = []
    for floor in floors:
        for words, value, least in (
            ("pooled RMSE", reached.rmse_pooled, floor.rmse_pooled),
            ("RMSE per song", reached.rmse, floor.rmse),
        ):
            if value < least:
                below = f"{words} {value:.4f} lies below {least:.4f} ({floor.name})"
                found.append(Alarm("too good", f"{below}. {CAUSES}"))
                break
    return tuple(found)


def kinds(found: Sequence[Alarm]) -> str:
    """Return the kinds of some alarms, each once: "leaky, too good"."""
    return ", ".join(dict.fromkeys(alarm.kind for alarm in found))
