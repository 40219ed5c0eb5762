"""From records to what people look at: MLflow, the leaderboard, the protocol report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmark.records.atomic import temporary_sibling
from benchmark.reporting import Track, markdown, one_table, protocol_report, tracks
from benchmark.runner.listener import Listener
from benchmark.runner.workspace import Workspace
from benchmark.tracking import Tracked, fill


def track(workspace: Workspace, listener: Listener) -> Tracked:
    """Bring MLflow up to date with the records; return where it is."""
    cells = sum(len(manifest.cells) for manifest in workspace.records.manifests())
    listener.stage("MLflow", cells)
    return fill(workspace.records, workspace.tracking, advance=listener.advance)


def report(workspace: Workspace) -> tuple[Track, ...]:
    """Write the reports from the records and return the tables of the leaderboard."""
    board = tracks(workspace.records)
    _write(workspace.leaderboard, markdown.render(board))
    _write(workspace.protocols, protocol_report.render(board))
    return board


def compare(workspace: Workspace, experiments: Sequence[str], target: str) -> Track:
    """Return the rows of some experiments as one table, or raise a TrackError: they share none."""
    return one_table(workspace.records, experiments, target)


def _write(path: Path, text: str) -> None:
    """Write a report whole, or not at all."""
    with temporary_sibling(path) as draft:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
