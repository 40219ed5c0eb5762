"""Tables from records: a track each, rows sorted by RMSE. Plain data, rendered elsewhere."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from benchmark.evaluation.scores import Score, score
from benchmark.records import CellPlan, JobRecord, Manifest
from benchmark.reporting.published import Conditions


class Source(Protocol):
    """Where manifests and records come from: the disk, or read back from a tracking store."""

    def manifests(self) -> tuple[Manifest, ...]: ...

    def read(self, key: str) -> JobRecord | None: ...


@dataclass(frozen=True)
class Row:
    """A cell on one target: its score, or why it has none."""

    feature: str
    model: str
    score: Score | None
    seconds: float
    trouble: str = ""
    notes: str = ""


@dataclass(frozen=True)
class Track:
    """What shares a table: one dataset, one protocol with its folds, one target."""

    target: str
    conditions: Conditions
    citation: str
    licence: str
    n_songs: int
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    commands: tuple[str, ...]
    origins: tuple[str, ...]


@dataclass
class _Draft:
    manifest: Manifest
    target: str
    cell: CellPlan
    rows: dict[tuple[str, ...], Row] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    commands: dict[str, None] = field(default_factory=dict)
    origins: dict[str, None] = field(default_factory=dict)


def tracks(source: Source) -> tuple[Track, ...]:
    """Return every track there is anything of, real data before synthetic, larger tables first."""
    drafts: dict[str, _Draft] = {}
    for manifest in source.manifests():
        for cell in manifest.cells:
            records = [source.read(key) for key in cell.jobs]
            for target, track in cell.tracks.items():
                draft = drafts.setdefault(track, _Draft(manifest, target, cell))
                if cell.jobs not in draft.rows:
                    draft.rows[cell.jobs] = _row(cell, records, target)
                draft.notes.update(dict.fromkeys(manifest.notes))
                draft.commands[shlex.join(manifest.arguments)] = None
                draft.origins.update(dict.fromkeys(_origins(records)))
    return tuple(sorted((_track(draft) for draft in drafts.values()), key=_order))


def _row(cell: CellPlan, records: Sequence[JobRecord | None], target: str) -> Row:
    present = [record for record in records if record]
    failed = [record for record in present if not record.finished]
    trouble = ""
    if failed:
        trouble = f"failed in {len(failed)} of {len(records)} jobs: {failed[0].reason}"
    elif len(present) < len(records):
        trouble = f"{len(present)} of {len(records)} jobs done"
    return Row(
        feature=cell.description["feature_label"],
        model=_model(cell),
        score=None if trouble else score(present, target),
        seconds=sum(record.seconds for record in present),
        trouble=trouble,
        notes="; ".join(dict.fromkeys(note for record in present for note in record.card.notes)),
    )


def _model(cell: CellPlan) -> str:
    """Return the model's label, with seeds and threads where they are not the usual ones."""
    label: str = cell.description["model_label"]
    if cell.description["seeds"] != [0]:
        label += f", seeds {cell.description['seeds']}"
    if cell.description["threads"] != 1:
        label += f", {cell.description['threads']} threads"
    return label


def _track(draft: _Draft) -> Track:
    dataset, description = draft.manifest.dataset, draft.cell.description
    rows = sorted(
        draft.rows.values(),
        key=lambda row: (row.score is None, row.score.rmse if row.score else 0, row.model),
    )
    return Track(
        target=draft.target,
        conditions=Conditions(
            title=dataset["title"],
            known_as=dataset["known_as"],
            synthetic=dataset["synthetic"],
            protocol=description["protocol"]["name"],
            protocol_in_words=description["protocol_in_words"],
            n_test_songs=draft.cell.n_test_songs,
        ),
        citation=dataset["citation"],
        licence=dataset["licence"],
        n_songs=dataset["n_songs"],
        rows=tuple(rows),
        notes=tuple(draft.notes),
        commands=tuple(draft.commands),
        origins=tuple(draft.origins),
    )


def _order(track: Track) -> tuple[bool, str, int, str, str]:
    conditions = track.conditions
    return (
        conditions.synthetic,
        conditions.title,
        -conditions.n_test_songs,
        conditions.protocol_in_words,
        track.target,
    )


def _origins(records: Iterable[JobRecord | None]) -> list[str]:
    """Return the commits records were computed at, a dirty tree marked."""
    origins = []
    for record in records:
        commit = record.environment.get("git_commit", "unknown") if record else ""
        if commit:
            dirty = record is not None and record.environment.get("git_dirty") == "true"
            origins.append(f"{commit[:10]}{' with uncommitted changes' if dirty else ''}")
    return origins
