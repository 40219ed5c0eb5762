"""The same model under fair and unfair protocols, and how optimistic each is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.evaluation.metrics import Floats
from benchmark.evaluation.scores import SongTable
from benchmark.evaluation.standing import DIGITS
from benchmark.evaluation.statistics import Comparison, wilcoxon
from benchmark.reporting.board import Track
from benchmark.reporting.rows import Row

REFERENCE = "song_kfold"
"""What the others are held against: whole songs, each tested once, nothing chosen on them."""


@dataclass(frozen=True, eq=False)
class Trial:
    """A model under one protocol."""

    protocol: str
    in_words: str
    n_test_songs: int
    row: Row
    optimism: float
    skill_optimism: float
    paired: Comparison | None


@dataclass(frozen=True, eq=False)
class Contrast:
    """One model on one feature, dataset and target, under several protocols.

    `optimism` of a trial is how much lower its RMSE is than that of the reference, the first of
    `trials`; `paired` compares the two song by song, on the songs both tested. `stopping` compares
    seed_split with holdout, whose test songs are the same: what it is worth to stop on them.
    """

    title: str
    target: str
    feature: str
    model: str
    synthetic: bool
    trials: tuple[Trial, ...]
    stopping: Comparison | None


def contrasts(tracks: Sequence[Track]) -> tuple[Contrast, ...]:
    """Return every model that ran under song_kfold by song and under another protocol.

    Cross-validation that was cut short (`only`) is no reference. Datasets are told apart by title
    and number of songs: the protocols of a contrast draw from the same songs.
    """
    found: dict[tuple[str, int, str, str, str], list[tuple[Track, Row]]] = {}
    for track in tracks:
        for row in track.rows:
            if row.result:
                key = (track.conditions.title, track.n_songs, track.target, row.feature, row.model)
                found.setdefault(key, []).append((track, row))
    made = (_contrast(rows) for rows in found.values())
    return tuple(
        sorted(
            (contrast for contrast in made if contrast),
            key=lambda contrast: (contrast.synthetic, contrast.title, contrast.target),
        )
    )


def _contrast(rows: Sequence[tuple[Track, Row]]) -> Contrast | None:
    references = [(track, row) for track, row in rows if _is_reference(row)]
    others = [(track, row) for track, row in rows if not _is_reference(row)]
    if not references or not others:
        return None
    track, reference = references[0]
    ordered = [references[0], *sorted(others, key=_severity)]
    by_name = {_name(row): row for _, row in ordered}
    return Contrast(
        title=track.conditions.title,
        target=track.target,
        feature=reference.feature,
        model=reference.model,
        synthetic=track.conditions.synthetic,
        trials=tuple(_trial(track, row, reference) for track, row in ordered),
        stopping=_paired(by_name["seed_split"], by_name["holdout"])
        if {"seed_split", "holdout"} <= by_name.keys()
        else None,
    )


def _name(row: Row) -> str:
    return row.protocol.partition("(")[0]


def _is_reference(row: Row) -> bool:
    return _name(row) == REFERENCE and "group=" not in row.protocol and "only=" not in row.protocol


def _severity(pair: tuple[Track, Row]) -> tuple[int, str]:
    track, row = pair
    return ("", "optimistic", "leaky").index(track.conditions.flaw), row.protocol


def _trial(track: Track, row: Row, reference: Row) -> Trial:
    assert row.result
    assert reference.result
    score, other = row.result.score, reference.result.score
    return Trial(
        protocol=row.protocol,
        in_words=track.conditions.protocol_in_words,
        n_test_songs=track.conditions.n_test_songs,
        row=row,
        optimism=other.rmse - score.rmse,
        skill_optimism=score.skill - other.skill,
        paired=None if row is reference else _paired(row, reference),
    )


def _paired(row: Row, other: Row) -> Comparison:
    assert row.result
    assert other.result
    first, second = row.result.table, other.result.table
    common = sorted(set(first.ids) & set(second.ids))
    return wilcoxon(_rmse(first, common), _rmse(second, common))


def _rmse(table: SongTable, songs: Iterable[str]) -> Floats:
    rmse = dict(zip(table.ids, table.songs.rmse.round(DIGITS), strict=True))
    return np.array([rmse[song] for song in songs])
