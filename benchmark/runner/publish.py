"""From records to what people look at: MLflow, the leaderboard, the protocol report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmark.errors import ReportError
from benchmark.evaluation.tuned import TunedRow
from benchmark.execution.listener import Listener
from benchmark.records.atomic import write_whole
from benchmark.reporting import (
    Track,
    markdown,
    one_table,
    protocol_report,
    study_report,
    tracks,
)
from benchmark.reporting.rows import Row
from benchmark.reporting.study_report import tuned_rows
from benchmark.runner.pages import Pages, study_figures
from benchmark.runner.shown import is_shown, mark_shown, state
from benchmark.runner.workspace import Workspace
from benchmark.tracking import Tracked, fill


def track(workspace: Workspace, listener: Listener, *, anew: bool = False) -> Tracked:
    """Bring MLflow up to date with the records; return where it is.

    With `anew` every cell is looked at, also where nothing seems to have changed.
    """
    steps = sum(
        1 + len(cell.studies)
        for manifest in workspace.records.manifests()
        for cell in manifest.cells
    )
    listener.stage("MLflow", steps)
    return fill(workspace.records, workspace.tracking, advance=listener.advance, anew=anew)


def tables(workspace: Workspace) -> tuple[Track, ...]:
    """Return the tables of the leaderboard, from the records."""
    return tracks(workspace.records)


def write_reports(workspace: Workspace, board: Sequence[Track], *, anew: bool = True) -> None:
    """Write leaderboard, protocol report, studies with their figures if there are any, and pages.

    Unless `anew`, pages that show the records as they are stay.

    Raises
    ------
    ReportError
        If they cannot be written.
    """
    _write(workspace.leaderboard, markdown.render(board))
    _write(workspace.protocols, protocol_report.render(board))
    figures = {tuned.key: _figures(workspace, row, tuned) for _, row, tuned in tuned_rows(board)}
    if figures or workspace.studies.exists():
        _write(workspace.studies, study_report.render(board, figures))
    now = state(workspace)  # taken first: what changes meanwhile is seen the next time
    if anew or not is_shown(workspace, now):
        pages = Pages(workspace.reports, board, workspace.records).render()
        for place, page in pages.items():
            _write(workspace.reports / place, page)
        mark_shown(workspace, now, pages)


def compare(workspace: Workspace, experiments: Sequence[str], target: str) -> Track:
    """Return the rows of some experiments as one table, or raise a TrackError: they share none."""
    return one_table(workspace.records, experiments, target)


def _figures(workspace: Workspace, row: Row, tuned: TunedRow) -> list[str]:
    """Copy the figures of a tuned row beside the report; return their paths from there."""
    stem = f"studies/{row.experiment.partition('+')[0]}-{tuned.folds[0].study.target}"
    paths = []
    for name, figure in study_figures(workspace.records, tuned.key).items():
        paths.append(f"{stem}-{name}.png")
        _write(workspace.reports / paths[-1], figure.read_bytes())
    return paths


def _write(path: Path, content: str | bytes) -> None:
    """Write a report whole, or not at all."""
    try:
        write_whole(path, content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise ReportError(
            f"{path}: cannot be written ({error.strerror or error}); the records are kept, and "
            f"`python -m benchmark report` writes it from them"
        ) from error
