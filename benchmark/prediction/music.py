"""Curves of any music, written as they come: whatever stops it, what was done stays."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.execution import Pool
from benchmark.prediction.files import song_files
from benchmark.prediction.forecast import Forecast, Stretch, forecasts
from benchmark.prediction.models import Models, about_models
from benchmark.prediction.outputs import see_that_it_can_be_written, write
from benchmark.runner import Listener

WRITTEN_EVERY = 60.0
"""Seconds after which what is done is written; longer where writing itself takes long."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is wanted of which songs, and where it goes."""

    places: Sequence[Path]
    stretch: Stretch
    out: Path
    copy_audio: bool = False


@dataclass(frozen=True)
class Done:
    """How many of how many songs have curves, the files that were written, and what went wrong."""

    n_done: int
    n_songs: int
    files: Mapping[str, Path]
    errors: tuple[str, ...]
    interrupted: bool


def predict_music(wish: Wish, models: Models, *, pool: Pool, listener: Listener) -> Done:
    """Write the curves of songs.

    Raises
    ------
    ReportError
        If the folder cannot be written, before any song is decoded where that is known.
    """
    songs, problems = song_files(wish.places, out=wish.out)
    see_that_it_can_be_written(wish.out)
    about = about_models(models, wish.stretch)
    order = {song: number for number, song in enumerate(songs)}
    done: list[Forecast] = []
    errors = [str(problem) for problem in problems]
    files: Mapping[str, Path] = {}
    for note in models.notes:
        listener.note(note)
    listener.stage("songs", len(songs))
    interrupted, due = False, time.monotonic() + WRITTEN_EVERY

    def save() -> Mapping[str, Path]:
        done.sort(key=lambda forecast: order[forecast.song])
        return write(wish.out, done, about, copy_audio=wish.copy_audio)

    try:
        for forecast in forecasts(songs, models.folders, wish.stretch, pool=pool):
            listener.advance(forecast.song.name)
            if forecast.prediction is None:
                errors.append(forecast.error)
                continue
            done.append(forecast)
            for note in forecast.prediction.notes:
                listener.note(f"{forecast.song.name}: {note}")
            if (begun := time.monotonic()) > due:
                save()
                took = time.monotonic() - begun
                due = time.monotonic() + max(WRITTEN_EVERY, 10 * took)
    except KeyboardInterrupt:
        interrupted = True
    if done:
        files = save()
    return Done(len(done), len(songs), files, tuple(errors), interrupted)
