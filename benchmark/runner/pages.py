"""The pages of all runs: the report, and per dataset and protocol the curves of its best rows."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np

from benchmark.evaluation.averages import SongAverage, averages
from benchmark.pages import report, songs
from benchmark.records import SongSheet
from benchmark.records.song import content_hash
from benchmark.records.store import RecordStore
from benchmark.reporting import Track
from benchmark.reporting.rows import Row
from benchmark.reporting.study_report import FIGURES, tuned_rows
from benchmark.reporting.wording import introduction, number, title

KNOWN = ("artist", "album", "subset")
"""What a page shows of a song beside its id."""


@dataclass(frozen=True, eq=False)
class Pages:
    """What is written: a page by its place below the folder of reports; the report comes last."""

    folder: Path
    board: Sequence[Track]
    records: RecordStore

    def render(self) -> dict[str, str]:
        """Return the pages of songs, and after them the report that links to them."""
        groups = _groups(self.board)
        pages = {place: songs.render(self._songs(tracks)) for place, tracks in groups.items()}
        places = {id(track): place for place, tracks in groups.items() for track in tracks}

        def link(track: Track, song: str) -> str:
            place = places.get(id(track))
            return f"{place}{songs.anchor(song)}" if place else ""

        figures = {tuned.key: self._figures(tuned.key) for _, _, tuned in tuned_rows(self.board)}
        pages["index.html"] = report.render(
            report.Report(
                tracks=self.board,
                records=self.records,
                song_link=link,
                subsets=self._subsets,
                figures=figures,
            )
        )
        return pages

    def _subsets(self, track: Track) -> Mapping[str, str]:
        sheets = self.records.read_sheets(track.fingerprint)
        return {song: sheet.groups.get("subset", "") for song, sheet in sheets.items()}

    def _figures(self, key: str) -> list[report.Figure]:
        files = {name: self.records.study_folder(key) / f"{name}.png" for name in FIGURES}
        return [
            report.Figure(name, file.read_bytes()) for name, file in files.items() if file.exists()
        ]

    def _songs(self, tracks: Sequence[Track]) -> songs.SongsPage:
        """Return the test songs of tracks, with the curves of each track's best row."""
        first = tracks[0]
        sheets = self.records.read_sheets(first.fingerprint)
        curves: dict[str, dict[str, SongAverage]] = defaultdict(dict)
        about = [introduction(first).replace("**", "")]
        for track in tracks:
            row = _best(track)
            jobs = [job for key in row.cell.jobs if (job := self.records.read(key))]
            for song, average in averages(jobs, track.target).items():
                curves[song][track.target] = average
            assert row.result
            about.append(
                f"{track.target.capitalize()}: {row.feature} / {row.model}, RMSE per song "
                f"{number(row.result.score.rmse)}: the best row of {title(track)}. Each song is "
                f"predicted by models that never met it."
            )
        return songs.SongsPage(
            title=f"Songs: {title(first).replace(f': {first.target},', ':')}",
            about=about,
            songs=[
                self._curves(song, curves[song], sheets.get(song))
                for song in sorted(curves, key=_naturally)
            ],
        )

    def _curves(
        self, song: str, found: Mapping[str, SongAverage], sheet: SongSheet | None
    ) -> songs.SongCurves:
        times = next(iter(found.values())).times
        return songs.SongCurves(
            name=song,
            audio=self._address(sheet.audio) if sheet else "",
            times=times,
            curves={
                target: songs.Curve(
                    predicted=average.predicted,
                    annotated=average.annotated,
                    spread=_spread(sheet, target, times),
                )
                for target, average in found.items()
            },
            about={name: sheet.groups[name] for name in KNOWN if sheet.groups.get(name)}
            if sheet
            else {},
        )

    def _address(self, audio: str) -> str:
        if not audio or not Path(audio).exists():
            return ""
        return quote(Path(os.path.relpath(audio, self.folder.absolute())).as_posix())


def _groups(board: Sequence[Track]) -> dict[str, list[Track]]:
    """Return tracks with the same data and test songs, by the place of the page they share.

    A protocol with a flaw has none: its curves would look better than they are.
    """
    found: dict[str, list[Track]] = defaultdict(list)
    for track in board:
        if not track.conditions.flaw and any(row.result for row in track.rows):
            songs_tested = content_hash([track.fingerprint, track.rows[0].cell.tested])
            found[f"songs-{songs_tested[:12]}.html"].append(track)
    return found


def _best(track: Track) -> Row:
    """Return the first row with a result: rows are sorted best first, flagged ones behind."""
    return next(row for row in track.rows if row.result)


def _spread(sheet: SongSheet | None, target: str, times: songs.Floats) -> songs.Floats | None:
    """Return the raters' spread at some times, if it is known."""
    if sheet is None or target not in sheet.spread:
        return None
    at = dict(zip(sheet.times.tolist(), sheet.spread[target].tolist(), strict=True))
    return np.array([at.get(time, np.nan) for time in times.tolist()])


def _naturally(song: str) -> tuple[int, str]:
    return (int(song), "") if song.isdecimal() else (1 << 62, song)
