"""A track of the report page, laid out: its tables, its figures, how its rows were tuned."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from benchmark.pages import report_errors as errors
from benchmark.pages import report_figures as figures
from benchmark.pages import report_tables as tables
from benchmark.pages.report_figures import Chart, Styles
from benchmark.pages.report_inputs import Figure, Report
from benchmark.pages.report_words import marked, setting, unit
from benchmark.records import JobRecord
from benchmark.reporting.board import Track
from benchmark.reporting.columns import COLUMNS, SKILL
from benchmark.reporting.numbers import SPACE
from benchmark.reporting.tuning_words import in_words
from benchmark.reporting.wording import MARK, alarm_lines, introduction, title

CAPTIONS = {
    "history": "every trial in the order it ended, and the best so far, fold by fold",
    "importance": "importance of parameters for the score (fANOVA), all folds together",
    "parallel_coordinates": "a line a trial through its parameters, coloured by its score",
    "slice": "the score over each parameter, a point a trial",
}
"""What each figure of a study shows."""


@dataclass(frozen=True)
class Study:
    """How a row was tuned, and figures as (address of the image, caption)."""

    words: str
    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class Section:
    """A track as the template lays it out; `best` sums it up in the overview."""

    id: str
    track: Track
    title: str
    setting: str
    introduction: Markup
    best: tuple[str, str, str]
    leaderboard: tables.Table
    spreads: tables.Table
    published: tables.Table
    worst: tables.Table | None
    alarms: tuple[str, ...]
    trained: tuple[str, ...]
    charts: tuple[Chart, ...]
    studies: tuple[Study, ...]


@dataclass
class Gathered:
    """What the scripts get, gathered while sections are made; lists of songs are kept once."""

    tracks: list[dict[str, Any]] = field(default_factory=list)
    songs: list[tuple[str, ...]] = field(default_factory=list)
    shown: list[Mapping[str, Any]] = field(default_factory=list)
    jobs: set[str] = field(default_factory=set)
    started: set[float] = field(default_factory=set)

    def panels(self, *charts: Chart) -> None:
        for chart in charts:
            for panel in chart.panels:
                self.shown.append({"kind": chart.kind, **panel})
                panel["index"] = len(self.shown) - 1

    def ids(self, songs: tuple[str, ...]) -> int:
        if songs not in self.songs:
            self.songs.append(songs)
        return self.songs.index(songs)


def section(place: str, track: Track, *, report: Report, styles: Styles, data: Gathered) -> Section:
    """Lay out a track at the id `place`; what scripts need of it is added to `data`."""
    at = len(data.tracks)
    data.tracks.append({"rows": figures.shown_rows(track, styles)})
    found = figures.finished(track)
    subsets = report.subsets(track)
    charts: list[Chart | None] = []
    records = [_read(report, row.cell.jobs, data) for row, _ in found]
    if found:
        charts = [
            figures.forest(track, at),
            figures.cost(track, at),
            errors.songs(track, at, data.ids(found[0][1].table.ids)),
            errors.subsets(track, at, subsets),
            errors.over_time(track, at, records),
            figures.learning(track, at, records),
        ]
    drawn = tuple(chart for chart in charts if chart)
    data.panels(*drawn)
    return Section(
        id=place,
        track=track,
        title=title(track),
        setting=f"{setting(track)}. {unit(track)}",
        introduction=marked(introduction(track)),
        best=_best(track),
        leaderboard=tables.leaderboard(track),
        spreads=tables.spreads(track),
        published=tables.published(track),
        worst=tables.worst(track, subsets, report.song_link),
        alarms=tuple(alarm_lines(track)),
        trained=tuple(
            f"{row.feature} / {row.model}: {row.notes}" for row in track.rows if row.notes
        ),
        charts=drawn,
        studies=tuple(_studies(track, report.figures)),
    )


def _read(report: Report, keys: Sequence[str], data: Gathered) -> list[JobRecord]:
    """Return the records of some jobs, and note when they ran."""
    read = [record for key in keys if (record := report.records.read(key))]
    data.jobs.update(record.key for record in read)
    data.started.update(record.started_at for record in read)
    return read


def _studies(track: Track, drawn: Mapping[str, Sequence[Figure]]) -> list[Study]:
    return [
        Study(
            f"{row.feature} / {row.model}: {in_words(track, row, row.tuned)}",
            tuple(
                (
                    f"data:image/png;base64,{base64.b64encode(figure.png).decode()}",
                    f"{row.feature} / {row.model}: {CAPTIONS.get(figure.name, figure.name)}. "
                    f"{setting(track)}; scores are RMSE per song on inner folds of the training "
                    f"songs, ratings in [-1, 1].",
                )
                for figure in drawn.get(row.tuned.key, ())
            ),
        )
        for row in track.rows
        if row.tuned
    ]


def _best(track: Track) -> tuple[str, str, str]:
    """Sum a track up: RMSE and skill of the best row, its name, and who shares its rank."""
    best = next((row for row in track.rows if row.standing), None)
    if best is None or best.result is None:
        flaw = track.conditions.flaw
        return f"{MARK} {flaw}" if flaw else MARK, "no row is ranked", ""
    rmse, skill = (column.text(best, best.result) for column in (COLUMNS[0], SKILL))
    others = [row for row in track.rows if row.standing and row.standing.rank == 1][1:]
    rows = "another row" if len(others) == 1 else f"{len(others)} other rows"
    constant = ", the constant among them" if any(row.is_constant for row in others) else ""
    return (
        f"RMSE{SPACE}{rmse}, skill{SPACE}{skill}",
        f"{best.feature} / {best.model}",
        f"shares its rank with {rows}{constant}" if others else "",
    )
