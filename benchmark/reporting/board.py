"""Tables from records: a track each, rows sorted by RMSE. Plain data, rendered elsewhere."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from benchmark.errors import BenchmarkError, did_you_mean
from benchmark.evaluation.oracles import Anchor, previous_label, raters, song_mean
from benchmark.evaluation.standing import standings
from benchmark.evaluation.tuned import Studies
from benchmark.records import CellPlan, JobRecord, Manifest, Shared, StudyRecord
from benchmark.reporting.published import Conditions, kind_of_songs, published_numbers, verdict
from benchmark.reporting.rows import Row, row_of


class Source(Protocol):
    """Where manifests and records come from: the disk, or read back from a tracking store."""

    def manifests(self) -> tuple[Manifest, ...]: ...

    def read(self, key: str) -> JobRecord | None: ...

    def read_study(self, key: str) -> StudyRecord | None: ...


@dataclass(frozen=True, eq=False)
class Track:
    """What shares a table: one dataset, one set of test songs and labels fold by fold, one target.

    `fingerprint` is that of the dataset; `protocols` says in words who trains and who tests, with
    the hash of the folds.
    """

    target: str
    conditions: Conditions
    fingerprint: str
    citation: str
    licence: str
    n_songs: int
    protocols: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    anchors: tuple[Anchor, ...]
    notes: tuple[str, ...]
    commands: tuple[str, ...]
    origins: tuple[str, ...]

    @property
    def best(self) -> Row | None:
        """The first row with a result: rows are sorted best first, those with an alarm behind."""
        return next((row for row in self.rows if row.result), None)


class TrackError(BenchmarkError):
    """Rows of different tracks were asked for in one table."""


Identity = tuple[tuple[str, ...], Shared, str]
"""What makes a row: its jobs, what speaks against them, and the studies that chose them."""


@dataclass
class _Draft:
    manifest: Manifest
    target: str
    cell: CellPlan
    rows: dict[Identity, Row] = field(default_factory=dict)
    song_mean: Anchor | None = None
    anchors: tuple[Anchor, ...] = ()
    protocols: dict[tuple[str, str], None] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    commands: dict[str, None] = field(default_factory=dict)
    origins: dict[str, None] = field(default_factory=dict)


def tracks(source: Source, experiments: Sequence[str] = ()) -> tuple[Track, ...]:
    """Return every track there is anything of, real data first, fair protocols first.

    `experiments` names those to take rows from, all by default.
    """
    drafts: dict[str, _Draft] = {}
    for manifest in source.manifests():
        if experiments and manifest.name not in experiments:
            continue
        for cell in manifest.cells:
            records = [source.read(key) for key in cell.jobs]
            for target, track in cell.tracks.items():
                draft = drafts.setdefault(track, _Draft(manifest, target, cell))
                _add(draft, manifest, cell, records, target, source.read_study)
    return tuple(sorted(map(_track, drafts.values()), key=_order))


def one_table(source: Source, experiments: Sequence[str], target: str) -> Track:
    """Return the rows of some experiments on a target as one table.

    Raises
    ------
    TrackError
        If there are none, or they belong to different tracks; says what differs.
    """
    known = {manifest.name: manifest for manifest in source.manifests()}
    if not known:
        raise TrackError("nothing has been run here yet: python -m benchmark run FILE...")
    for name in experiments:
        if name not in known:
            hint = did_you_mean(name, list(known))
            raise TrackError(f"no experiment {name!r} has been run here{hint}")
        if not any(target in cell.tracks for cell in known[name].cells):
            raise TrackError(f"{name}: no rows on {target}")
    found = [track for track in tracks(source, experiments) if track.target == target]
    if len(found) > 1:
        listed = "\n".join(f"  - {_in_words(track)}" for track in found)
        raise TrackError(
            f"{', '.join(experiments)}: rows of {len(found)} tracks share no table, as they differ "
            f"in data, in test songs fold by fold, or in being optimistic or leaky:\n{listed}\n"
            f"python -m benchmark report shows each in a table of its own"
        )
    return found[0]


def _add(
    draft: _Draft,
    manifest: Manifest,
    cell: CellPlan,
    records: Sequence[JobRecord | None],
    target: str,
    studies: Studies,
) -> None:
    present = [record for record in records if record]
    identity = cell.jobs, cell.shared, cell.tuning.key if cell.tuning else ""
    if identity not in draft.rows:
        if draft.song_mean is None and all(record and record.finished for record in records):
            draft.song_mean = song_mean(present, target)
        row = row_of(manifest, cell, records, target, song_mean=draft.song_mean, studies=studies)
        draft.rows[identity] = row
        if row.result and draft.song_mean and not draft.anchors and not _rates_songs(manifest):
            draft.anchors = (
                previous_label(present, target),
                draft.song_mean,
                *raters(manifest.raters.get(target, {}), row.result.table.ids),
            )
    draft.protocols[cell.description["protocol_in_words"], cell.folds] = None
    draft.notes.update(dict.fromkeys(manifest.notes))
    draft.commands[shlex.join([manifest.command, *manifest.arguments])] = None
    draft.origins.update(dict.fromkeys(_origins(records)))


def _rates_songs(manifest: Manifest) -> bool:
    """Say whether a label rates a whole song: oracles of movement say nothing there."""
    return bool(manifest.dataset.get("rated") == "songs")


def _track(draft: _Draft) -> Track:
    dataset, description = draft.manifest.dataset, draft.cell.description
    return Track(
        target=draft.target,
        conditions=Conditions(
            title=dataset["title"],
            known_as=dataset["known_as"],
            synthetic=dataset["synthetic"],
            protocol=description["protocol"]["name"],
            n_test_songs=draft.cell.n_test_songs,
            flaw=description["flaw"],
            songs=kind_of_songs(draft.cell.subsets),
            whole_songs=_rates_songs(draft.manifest),
        ),
        fingerprint=dataset["fingerprint"],
        citation=dataset["citation"],
        licence=dataset["licence"],
        n_songs=dataset["n_songs"],
        protocols=tuple(draft.protocols),
        rows=_ranked(draft.rows.values()),
        anchors=(*_constants(draft.rows.values()), *draft.anchors),
        notes=tuple(draft.notes),
        commands=tuple(draft.commands),
        origins=tuple(draft.origins),
    )


def _ranked(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return rows best first, then those with an alarm, then those without a result."""
    ordered = sorted(
        rows,
        key=lambda row: (
            row.result is None,
            bool(row.alarms),
            row.result.score.rmse if row.result else 0,
            row.model,
        ),
    )
    fair = [row for row in ordered if row.result and not row.alarms]
    found = standings([row.result.table for row in fair if row.result])
    standing = dict(zip(map(id, fair), found, strict=True))
    return tuple(replace(row, standing=standing.get(id(row))) for row in ordered)


def _constants(rows: Iterable[Row]) -> list[Anchor]:
    """Return the constant of each protocol under which the model `mean` did not run."""
    finished = [row for row in rows if row.result]
    there = {row.protocol for row in finished if row.is_constant}
    missing = {row.protocol: row for row in finished if row.protocol not in there}
    return [
        Anchor(f"constant, {row.protocol}", *row.result.constant)
        for row in missing.values()
        if row.result
    ]


def _order(track: Track) -> tuple[bool, str, str, bool, int, str, str]:
    """Sort real data first, fair protocols first, what the most quoted number is held against."""
    conditions = track.conditions
    return (
        conditions.synthetic,
        conditions.title,
        {"": "", "optimistic": "1", "leaky": "2"}[conditions.flaw],
        verdict(published_numbers()[0], conditions).kind != "comparable",
        -conditions.n_test_songs,
        min(row.protocol for row in track.rows),
        track.target,
    )


def _in_words(track: Track) -> str:
    conditions = track.conditions
    experiments = ", ".join(dict.fromkeys(row.experiment for row in track.rows))
    words = "; ".join(f"{words} [folds {folds[:8]}]" for words, folds in track.protocols)
    flaw = f"{conditions.flaw}, " if conditions.flaw else ""
    return (
        f"{experiments}: {conditions.title} [{track.fingerprint[:8]}], {flaw}"
        f"{conditions.n_test_songs} test songs: {words}"
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
