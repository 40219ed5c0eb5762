"""The pages of all runs: the report, and per dataset and protocol the curves of its best rows."""

from __future__ import annotations

import math
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import numpy as np

from benchmark.evaluation.averages import averages
from benchmark.pages import report, songs
from benchmark.records import SongSheet
from benchmark.records.song import content_hash
from benchmark.records.store import RecordStore
from benchmark.reporting import Track
from benchmark.reporting.numbers import number
from benchmark.reporting.rows import Row
from benchmark.reporting.study_report import FIGURES, tuned_rows
from benchmark.reporting.wording import MARK, introduction, title

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

    @cached_property
    def _sheets(self) -> Mapping[str, Mapping[str, SongSheet]]:
        """What is known of the songs of each dataset, by its fingerprint."""
        fingerprints = {track.fingerprint for track in self.board}
        return {one: self.records.read_sheets(one) for one in fingerprints}

    def _subsets(self, track: Track) -> Mapping[str, str]:
        sheets = self._sheets[track.fingerprint]
        return {song: sheet.groups.get("subset", "") for song, sheet in sheets.items()}

    def _figures(self, key: str) -> list[report.Figure]:
        drawn = study_figures(self.records, key)
        return [report.Figure(name, file.read_bytes()) for name, file in drawn.items()]

    def _songs(self, tracks: Sequence[Track]) -> songs.SongsPage:
        """Return the test songs of tracks, with the curves of each track's best row."""
        first = tracks[0]
        sheets = self._sheets[first.fingerprint]
        curves: dict[str, dict[str, songs.Curve]] = defaultdict(dict)
        times: dict[str, songs.Floats] = {}
        about = [introduction(first).replace("**", "")]
        for track in tracks:
            row = track.best
            assert row
            assert row.result
            jobs = [job for key in row.cell.jobs if (job := self.records.read(key))]
            table = row.result.table
            rmse = dict(zip(table.ids, table.songs.rmse.tolist(), strict=True))
            found = averages(jobs, track.target)
            for song, average in found.items():
                curves[song][track.target] = songs.Curve(
                    predicted=average.predicted,
                    annotated=average.annotated,
                    spread=_spread(sheets.get(song), track.target, average.times),
                    rmse=rmse.get(song, math.nan),
                )
                times[song] = average.times
            about.append(_row_in_words(track, row, max(one.n_fits for one in found.values())))
        return songs.SongsPage(
            title=f"Songs: {title(first).replace(f': {first.target},', ':')}",
            about=about,
            songs=[
                self._curves(song, times[song], curves[song], sheets.get(song))
                for song in sorted(curves, key=_naturally)
            ],
        )

    def _curves(
        self,
        song: str,
        times: songs.Floats,
        curves: Mapping[str, songs.Curve],
        sheet: SongSheet | None,
    ) -> songs.SongCurves:
        return songs.SongCurves(
            name=song,
            audio=self._address(sheet.audio) if sheet else "",
            times=times,
            curves=curves,
            about={name: sheet.groups[name] for name in KNOWN if sheet.groups.get(name)}
            if sheet
            else {},
        )

    def _address(self, audio: str) -> str:
        if not audio or not Path(audio).exists():
            return ""
        return quote(Path(os.path.relpath(audio, self.folder.absolute())).as_posix())


def study_figures(records: RecordStore, key: str) -> dict[str, Path]:
    """Return the figures there are of a study or a tuned row, by name."""
    files = {name: records.study_folder(key) / f"{name}.png" for name in FIGURES}
    return {name: file for name, file in files.items() if file.exists()}


def _groups(board: Sequence[Track]) -> dict[str, list[Track]]:
    """Return tracks with the same data and test songs, by the place of the page they share.

    A protocol with a flaw has none: its curves would look better than they are. Nor has a track
    whose songs have one rating each: it has no curves.
    """
    found: dict[str, list[Track]] = defaultdict(list)
    for track in board:
        if not (track.conditions.flaw or track.conditions.whole_songs) and track.best:
            songs_tested = content_hash([track.fingerprint, track.rows[0].cell.tested])
            found[f"songs-{songs_tested[:12]}.html"].append(track)
    return found


def _row_in_words(track: Track, row: Row, n_fits: int) -> str:
    """Say whose curves are shown of a track, and what speaks against them."""
    assert row.result
    words = (
        f"{track.target.capitalize()}: {row.feature} / {row.model}, RMSE per song "
        f"{number(row.result.score.rmse)}, of {title(track)}"
    )
    if row.alarms:
        flags = "; ".join(f"{alarm.kind}: {alarm.words}" for alarm in row.alarms)
        words += f". {MARK} No row of it is ranked; this one: {flags}"
    else:
        words += ", its best row. Each song is predicted by models that never met it"
    if n_fits > 1:
        words += f". A curve is the mean of {n_fits} fits, a song's RMSE the mean of theirs"
    return f"{words}."


def _spread(sheet: SongSheet | None, target: str, times: songs.Floats) -> songs.Floats | None:
    """Return the raters' spread at some times, if it is known."""
    if sheet is None or target not in sheet.spread:
        return None
    at = dict(zip(sheet.times.tolist(), sheet.spread[target].tolist(), strict=True))
    return np.array([at.get(time, np.nan) for time in times.tolist()])


def _naturally(song: str) -> tuple[int, str]:
    return (int(song), "") if song.isdecimal() else (1 << 62, song)
