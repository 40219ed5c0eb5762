"""Looks over a folder in DEAM's layout: everything that is unusual, and whether it can be used.

Whether it can is for the dataset `deam` to say: it is loaded, and what it refuses is refused here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmark.audit.features import feature_findings
from benchmark.audit.finding import SEVERITIES, Audit, Finding, counted
from benchmark.audit.grids import grid_findings, grids_of, stray_findings, without_stray
from benchmark.audit.label_tables import look_at_labels
from benchmark.audit.labels import label_findings, rated_songs
from benchmark.audit.metadata import metadata_findings
from benchmark.audit.parts import fetching, find_parts, zip_findings
from benchmark.audit.raters import rater_findings
from benchmark.audit.sound import AudioFiles, Heard, find_audio, listen
from benchmark.audit.sound_findings import (
    Judgement,
    judge,
    side_findings,
    sound_findings,
)
from benchmark.audit.sound_formats import format_findings
from benchmark.audit.static import static_findings
from benchmark.audit.subsets import EXPECTED, by_subset, expected, id_findings
from benchmark.datasets.deam import OFFICIAL, Deam
from benchmark.errors import DataError
from benchmark.execution import Pool
from benchmark.execution.listener import Listener
from benchmark.layout.files import files_below
from benchmark.layout.labels import Labels, labels_hash
from benchmark.records import TARGETS, Corpus, Song


def check(
    root: Path, *, decode: bool, pool: Pool, listener: Listener, unpacked: Collection[str] = ()
) -> Audit:
    """Audit a folder: its tables, its audio (unless not to be decoded), and what fits together.

    `unpacked` are the names of zips that were unpacked into it.

    Raises
    ------
    DataError
        If there is no such folder. Whatever is wrong inside it is a finding.
    """
    if not root.is_dir():
        raise DataError(f"{root}: no such folder; give the one that DEAM was unpacked to")
    files = files_below(root)
    tables = {target: look_at_labels(target, files, root) for target in TARGETS}
    read: Labels = {target: table.labels for target, table in tables.items()}
    official = labels_hash(read) == OFFICIAL["dynamic"]
    labels = without_stray(read) if official else read
    rated = rated_songs(labels)
    listener.stage("dataset", 1)
    corpus, refusal = _loaded(root)
    listener.advance(root.name)
    loaded = corpus.songs if corpus else ()
    audio = find_audio(files, {song.audio: song.audio_hash for song in loaded if song.audio})
    heard = listen(_to_hear(audio), pool=pool, listener=listener) if decode else {}
    songs = corpus.songs if corpus else _assumed(labels, audio)
    judgement = judge(songs, heard)
    kept = [song for song in songs if song.id not in judgement.left_out]
    columns = {target: table.starts for target, table in tables.items()}
    findings = [
        *(finding for table in tables.values() for finding in table.findings),
        *zip_findings(files, root, unpacked),
        *id_findings(rated),
        *label_findings(tables, labels),
        *stray_findings(read, official=official),
        *grid_findings(labels, columns),
        *side_findings(audio, rated, root),
        *sound_findings(audio, judgement, heard),
        *format_findings(audio, heard),
        *metadata_findings(files, root, rated),
        *static_findings(files, root, labels),
        *rater_findings(files, root, labels, loaded),
        *feature_findings(files, root, kept, official=official, listener=listener),
    ]
    usable = _usable(corpus, judgement, heard)
    findings.extend(_verdict_findings(findings, usable, refusal, rated))
    paths = [path for table in tables.values() for path in table.paths]
    parts = find_parts(files, root, tables=paths, audio=audio)
    return Audit(
        root=root,
        title=corpus.title if corpus else root.resolve().name,
        official=official,
        usable=bool(usable),
        verdict=_verdict(usable, rated, audio, decoded=decode),
        refusal=refusal,
        decoded=decode and bool(audio.of_song),
        songs=_counts(rated, usable),
        parts=parts,
        fetch=fetching(parts, root) if official or not paths else "",
        findings=tuple(sorted(findings, key=lambda finding: _RANKS[finding.severity])),
        notes=corpus.notes if corpus else (),
    )


_RANKS = {severity: rank for rank, severity in enumerate(SEVERITIES)}


def _loaded(root: Path) -> tuple[Corpus | None, str]:
    try:
        return Deam(root=root).load(), ""
    except DataError as error:
        return None, str(error).removeprefix(f"dataset.root = {root}: ")


def _to_hear(audio: AudioFiles) -> list[Path]:
    """Return a file of each content of each song: equal copies are heard once."""
    return [
        path
        for files in audio.of_song.values()
        for path in {content: path for path, content in reversed(files)}.values()
    ]


def _assumed(labels: Labels, audio: AudioFiles) -> list[Song]:
    """Return the songs of a folder that cannot be loaded, as they would be if it could."""
    files = {song: files[0] for song, files in audio.of_song.items()}
    return [
        Song(
            id=song,
            audio=files[song][0] if song in files else None,
            audio_hash=files[song][1] if song in files else "",
            times=np.array(starts) / 1000,
            labels={},
        )
        for song, starts in grids_of(labels).items()
        if song in files or not files
    ]


def _usable(
    corpus: Corpus | None, judgement: Judgement, heard: Mapping[Path, Heard]
) -> tuple[str, ...]:
    """Return the songs that a run could use: none, where one file would stop it."""
    if corpus is None or any(file.crashed for file in heard.values()):
        return ()
    return tuple(song.id for song in corpus.songs if song.id not in judgement.left_out)


def _verdict_findings(
    findings: Sequence[Finding], usable: Sequence[str], refusal: str, rated: Sequence[str]
) -> list[Finding]:
    """Return what makes a folder unusable that no finding has said yet."""
    if usable or any(finding.severity == "unusable" for finding in findings):
        return []
    text = refusal or f"not one of {counted(len(rated), 'rated song')} can be used"
    return [Finding(code="folder.refused", severity="unusable", text=text)]


def _verdict(
    usable: Sequence[str], rated: Sequence[str], audio: AudioFiles, *, decoded: bool
) -> str:
    if not usable:
        return "not usable"
    how = "usable" if audio.of_song else "usable without audio"
    undecoded = "" if decoded or not audio.of_song else " (audio was not decoded)"
    return f"{how}, {len(usable):,} of {counted(len(rated), 'rated song')}{undecoded}"


def _counts(rated: Sequence[str], usable: Sequence[str]) -> dict[str, dict[str, int | None]]:
    here, used, whole = by_subset(rated), by_subset(usable), expected(rated)
    return {
        subset: {
            "rated": len(here.get(subset, ())),
            "in_deam": whole.get(subset),
            "usable": len(used.get(subset, ())),
        }
        for subset in EXPECTED
        if subset in here or subset in whole
    }
