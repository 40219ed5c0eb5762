"""The report page of all runs: leaderboards, figures, where errors lie, protocols, studies."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime

from benchmark.pages.page import page
from benchmark.pages.report_entries import entries
from benchmark.pages.report_figures import Styles
from benchmark.pages.report_inputs import Figure, Report
from benchmark.pages.report_protocols import protocols
from benchmark.pages.report_sections import Gathered, Section, section
from benchmark.pages.report_words import prose, protocol_of, slug
from benchmark.reporting import cards
from benchmark.reporting.board import Track
from benchmark.reporting.markdown import COMMAND, LEGEND
from benchmark.reporting.protocol_report import EXPLAINED

__all__ = ["Figure", "Report", "render"]


@dataclass(frozen=True, eq=False)
class View:
    """Tracks of one dataset and protocol, shown together: a tab a target."""

    id: str
    title: str
    protocol: str
    synthetic: bool
    sections: tuple[Section, ...]


def render(report: Report) -> str:
    """Return the page; says how to run something where nothing has been run."""
    styles, data = Styles(), Gathered()
    views = _views(report, styles, data)
    contrasted = protocols(report.tracks, styles)
    comparisons = contrasted.comparisons if contrasted else ()
    data.panels(*(one.chart for one in comparisons))
    return page(
        "report.html",
        scripts=("report_charts.js", "report_errors.js", "report.js"),
        styles=("report.css",),
        data={"tracks": data.tracks, "songs": data.songs, "panels": data.shown},
        title="Report",
        views=views,
        datasets=list(dict.fromkeys((view.title, view.synthetic) for view in views)),
        targets=list(dict.fromkeys(track.target for track in report.tracks)),
        synthetic=any(view.synthetic for view in views),
        n_tracks=len(report.tracks),
        n_rows=sum(len(track.rows) for track in report.tracks),
        n_jobs=len(data.jobs),
        origins=list(dict.fromkeys(one for track in report.tracks for one in track.origins)),
        when=_when(data.started),
        command=COMMAND,
        legend=prose(LEGEND),
        protocols=contrasted,
        explained=prose(EXPLAINED),
        entries=entries(report.tracks),
        entries_explained=prose(cards.EXPLAINED),
    )


def _views(report: Report, styles: Styles, data: Gathered) -> list[View]:
    """Return tracks by dataset and protocol, in their order; a target is in a view once."""
    grouped: list[list[Track]] = []
    for track in report.tracks:
        fitting = (
            group
            for group in grouped
            if group[0].fingerprint == track.fingerprint
            and protocol_of(group[0]) == protocol_of(track)
            and track.target not in {other.target for other in group}
        )
        group = next(fitting, None)
        if group is None:
            grouped.append([track])
        else:
            group.append(track)
    taken: set[str] = {"overview", "protocols", "entries"}
    views = []
    for group in grouped:
        first = group[0]
        heading = f"{first.conditions.title} {protocol_of(first)}"
        taken.add(name := slug(heading, taken))
        sections = []
        for track in group:
            taken.add(place := slug(f"{name} {track.target}", taken))
            sections.append(section(place, track, report=report, styles=styles, data=data))
        views.append(
            View(
                name,
                first.conditions.title,
                protocol_of(first),
                first.conditions.synthetic,
                tuple(sections),
            )
        )
    return views


def _when(started: AbstractSet[float]) -> str:
    """Return the day, or the days from first to last, on which jobs ran; in UTC."""
    if not started:
        return ""
    first, last = (datetime.fromtimestamp(end(started), UTC).date() for end in (min, max))
    return f"{first}" if first == last else f"{first} to {last}"
