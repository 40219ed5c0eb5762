"""From records to what people look at: MLflow, the leaderboard, the protocol report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmark.errors import ReportError
from benchmark.records.atomic import write_whole
from benchmark.reporting import Track, markdown, one_table, protocol_report, tracks
from benchmark.runner.listener import Listener
from benchmark.runner.workspace import Workspace
from benchmark.tracking import Tracked, fill


def track(workspace: Workspace, listener: Listener, *, anew: bool = False) -> Tracked:
    """Bring MLflow up to date with the records; return where it is.

    With `anew` every cell is looked at, also where nothing seems to have changed.
    """
    cells = sum(len(manifest.cells) for manifest in workspace.records.manifests())
    listener.stage("MLflow", cells)
    return fill(workspace.records, workspace.tracking, advance=listener.advance, anew=anew)


def tables(workspace: Workspace) -> tuple[Track, ...]:
    """Return the tables of the leaderboard, from the records."""
    return tracks(workspace.records)


def write_reports(workspace: Workspace, board: Sequence[Track]) -> None:
    """Write leaderboard and protocol report.

    Raises
    ------
    ReportError
        If they cannot be written.
    """
    _write(workspace.leaderboard, markdown.render(board))
    _write(workspace.protocols, protocol_report.render(board))


def compare(workspace: Workspace, experiments: Sequence[str], target: str) -> Track:
    """Return the rows of some experiments as one table, or raise a TrackError: they share none."""
    return one_table(workspace.records, experiments, target)


def _write(path: Path, text: str) -> None:
    """Write a report whole, or not at all."""
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise ReportError(
            f"{path}: cannot be written ({error.strerror or error}); the records are kept, and "
            f"`python -m benchmark report` writes it from them"
        ) from error
