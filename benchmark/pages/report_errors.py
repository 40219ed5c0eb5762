"""Figures of where errors lie: song by song, by subset, along the song."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmark.evaluation.breakdown import LEAST, WIDTH, along, by_subset
from benchmark.pages.report_figures import Chart, finished
from benchmark.pages.report_words import setting, unit
from benchmark.records import JobRecord
from benchmark.reporting.board import Track

MANY_SONGS = 400
"""From here on only the songs outside the whiskers are drawn one by one."""


def songs(track: Track, at: int, ids: int) -> Chart:
    """Return the distribution of errors over songs; `ids` says which list names them."""
    found = finished(track)
    n_songs = len(found[0][1].table.ids)
    every = n_songs <= MANY_SONGS
    return Chart(
        "songs",
        "Errors song by song",
        "A box a row, from quartile to quartile with the median; "
        + ("a point is a song." if every else "points are songs beyond the whiskers.")
        + " Touch a point for its id.",
        f"{setting(track)}. {unit(track)}, each song averaged over the folds and seeds that tested "
        f"it. Whiskers: the last song within 1.5 times the box.",
        (
            {
                "track": at,
                "ids": ids,
                "every": every,
                "values": [result.table.songs.rmse for _, result in found],
            },
        ),
    )


def subsets(track: Track, at: int, known: Mapping[str, str]) -> Chart | None:
    """Return errors by subset; None where there are not several."""
    found = [by_subset(result.table, known) for _, result in finished(track)]
    first = found[0]
    if len(first) < 2:
        return None
    return Chart(
        "subsets",
        "Error by subset",
        "Left is better. Compare rows within a subset: subsets differ in how hard they are, as the "
        "constant shows. The best row of each model is drawn; the legend has the others.",
        f"{setting(track)}. {unit(track)}, averaged over the songs of a subset. Bars: 95 % over "
        f"songs (t interval).",
        (
            {
                "track": at,
                "names": [
                    f"{one.subset or 'no subset'} ({one.n_songs:,} songs)"
                    if one.n_songs > 1
                    else f"{one.subset or 'no subset'} (1 song)"
                    for one in first
                ],
                "values": [
                    [[one.rmse, one.over_songs.low, one.over_songs.high] for one in of_row]
                    for of_row in found
                ],
                "constant": [one.constant for one in first],
            },
        ),
    )


def over_time(track: Track, at: int, records: Sequence[Sequence[JobRecord]]) -> Chart | None:
    """Return errors along the song, from the records of each finished row; None for few songs.

    None, too, where each song has one rating.
    """
    if track.conditions.whole_songs:
        return None
    found = [along(of_row, track.target) for of_row in records]
    if not len(found[0].starts):
        return None
    return Chart(
        "along",
        "Error along the song",
        "Lower is better. The best row of each model is drawn; the legend has the others. Where "
        "the constant moves too, what moves is how far ratings lie from their mean, and which "
        "songs are left, not what models know.",
        f"{setting(track)}. RMSE over songs at each time, in bins of {WIDTH:g} s, ratings in "
        f"[-1, 1]; each song counts once. Below: how many songs are rated there; bins with less "
        f"than {LEAST} are left out.",
        (
            {
                "track": at,
                "times": found[0].starts + WIDTH / 2,
                "counts": found[0].n_songs,
                "values": [one.rmse for one in found],
                "constant": found[0].constant,
            },
        ),
    )
