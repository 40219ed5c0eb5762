"""From records to what people look at: MLflow, the leaderboard."""

from __future__ import annotations

from benchmark.reporting import Track, tracks
from benchmark.reporting.markdown import write
from benchmark.runner.listener import Listener
from benchmark.runner.workspace import Workspace
from benchmark.tracking import Tracked, fill


def track(workspace: Workspace, listener: Listener) -> Tracked:
    """Bring MLflow up to date with the records; return where it is."""
    cells = sum(len(manifest.cells) for manifest in workspace.records.manifests())
    listener.stage("MLflow", cells)
    return fill(workspace.records, workspace.tracking, advance=listener.advance)


def report(workspace: Workspace) -> tuple[Track, ...]:
    """Write the leaderboard from the records and return its tables."""
    board = tracks(workspace.records)
    write(workspace.leaderboard, board)
    return board
