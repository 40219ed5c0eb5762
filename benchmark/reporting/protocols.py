"""The same model under fair and unfair protocols, and how optimistic each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmark.evaluation.metrics import Floats, skill
from benchmark.evaluation.statistics import Comparison, Songs, wilcoxon
from benchmark.reporting.board import Track
from benchmark.reporting.rows import Row

OF_SONGS = ("rmse", "squared_error", "constant_squared_error", "n_labels")


@dataclass(frozen=True, eq=False)
class Case:
    """A model under one protocol.

    On the songs that both tested: `optimism` is how much lower its RMSE per song is than that of
    the reference, `skill_optimism` how much higher its skill; `paired` compares the two song by
    song, and is None for the reference.
    """

    row: Row
    optimism: float
    skill_optimism: float
    paired: Comparison | None


@dataclass(frozen=True, eq=False)
class Contrast:
    """One model on one feature, dataset and target, under several protocols.

    The first of `cases` is the reference: cross-validation by whole songs, each tested, nothing
    chosen on them. `stopping` compares seed_split with the holdout that has the same test songs.
    """

    title: str
    target: str
    cases: tuple[Case, ...]
    stopping: Comparison | None


def contrasts(tracks: Sequence[Track]) -> tuple[Contrast, ...]:
    """Return every model that ran under song_kfold by song and under another protocol."""
    found: dict[tuple[str, str, str, str], list[tuple[Track, Row]]] = {}
    for track in tracks:
        for row in track.rows:
            if row.result:
                key = (track.fingerprint, track.target, row.feature, row.model)
                found.setdefault(key, []).append((track, row))
    made = [contrast for rows in found.values() if (contrast := _contrast(rows))]
    synthetic = {track.conditions.title: track.conditions.synthetic for track in tracks}
    return tuple(
        sorted(
            made,
            key=lambda contrast: (synthetic[contrast.title], contrast.title, contrast.target),
        )
    )


def is_reference(row: Row) -> bool:
    """Say whether a row was cross-validated by song, in full."""
    return row.is_under("song_kfold", group="song", only=[]) and not row.alarms


def _contrast(found: Sequence[tuple[Track, Row]]) -> Contrast | None:
    track = found[0][0]
    rows = sorted((row for _, row in found), key=_severity)
    reference = next((row for row in rows if is_reference(row)), None)
    if reference is None or len(rows) < 2:
        return None
    others = [row for row in rows if row is not reference]
    pairs = [
        _paired(seed, holdout)
        for seed in rows
        for holdout in rows
        if seed.is_under("seed_split") and holdout.is_under("holdout")
        if seed.cell.tested == holdout.cell.tested
    ]
    return Contrast(
        title=track.conditions.title,
        target=track.target,
        cases=tuple(_case(row, reference) for row in (reference, *others)),
        stopping=pairs[0] if pairs else None,
    )


def _severity(row: Row) -> tuple[int, str]:
    return ("", "optimistic", "leaky").index(row.cell.description["flaw"]), row.protocol


def _case(row: Row, reference: Row) -> Case:
    first, second = _on_common(row, reference), _on_common(reference, row)
    labels = second.n_labels
    return Case(
        row=row,
        optimism=second.headline(second.rmse) - first.headline(first.rmse),
        skill_optimism=_skill(first, labels) - _skill(second, labels),
        paired=None if row is reference else _paired(row, reference),
    )


def _skill(songs: Songs, labels: Floats) -> float:
    """Return skill over some songs, as if each had been tested once with so many labels."""
    weights = labels / songs.n_labels
    return skill(
        float(weights @ songs.squared_error), float(weights @ songs.constant_squared_error)
    )


def _paired(row: Row, other: Row) -> Comparison:
    return wilcoxon(_on_common(row, other).rmse, _on_common(other, row).rmse)


def _on_common(row: Row, other: Row) -> Songs:
    """Return a row's songs that the other tested too, weighted alike, in the order of their ids."""
    assert row.result
    assert other.result
    table, theirs = row.result.table, set(other.result.table.ids)
    which = np.array([song in theirs for song in table.ids], dtype=bool)
    songs = table.songs
    return replace(
        songs,
        weights=np.full(int(which.sum()), 1 / which.sum()),
        **{name: getattr(songs, name)[which] for name in OF_SONGS},
    )
