"""What a prediction leaves in a folder: tables, a page, and a figure of characteristic songs."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import pandas as pd

from benchmark import circumplex
from benchmark.errors import ReportError
from benchmark.pages.song_facts import plane_facts
from benchmark.pages.songs import Curve, SongCurves, SongsPage, render
from benchmark.prediction.figure import draw
from benchmark.prediction.files import as_text
from benchmark.prediction.forecast import Forecast, summary
from benchmark.records import TARGETS
from benchmark.records.atomic import write_whole


def write(
    folder: Path, done: Sequence[Forecast], about: Sequence[str], *, copy_audio: bool
) -> dict[str, Path]:
    """Write everything about songs that have curves; return the paths by what they are.

    Raises
    ------
    ReportError
        If the folder cannot be written.
    """
    paths = {
        "page": folder / "index.html",
        "curves": folder / "curves.csv",
        "curves as Parquet": folder / "curves.parquet",
        "words": folder / "words.csv",
        "songs": folder / "songs.csv",
        "figure": folder / "characteristic.png",
    }
    done = [forecast for forecast in done if forecast.prediction]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        curves = curve_table(done)
        write_whole(paths["curves"], curves.to_csv(index=False).encode())
        write_whole(paths["curves as Parquet"], _parquet(curves))
        write_whole(paths["songs"], song_table(done).to_csv(index=False).encode())
        words = word_table(done)
        if len(words.columns):
            write_whole(paths["words"], words.to_csv(index=False).encode())
        else:
            paths.pop("words").unlink(missing_ok=True)  # of an earlier call
        songs = [_curves(forecast, _audio(forecast, folder, copy_audio)) for forecast in done]
        page = render(SongsPage("Emotion curves", about, songs))
        write_whole(paths["page"], page.encode())
        write_whole(paths["figure"], draw(songs))
    except OSError as error:
        raise ReportError(
            f"{error.filename or folder}: cannot be written ({error.strerror or error}); another "
            f"--out works"
        ) from error
    return paths


def see_that_it_can_be_written(folder: Path) -> None:
    """Raise a ReportError now rather than when everything has been predicted."""
    try:
        write_whole(folder / ".written", b"")
        (folder / ".written").unlink()
    except OSError as error:
        raise ReportError(
            f"{folder}: cannot be written ({error.strerror or error}); another --out works"
        ) from error


def curve_table(done: Sequence[Forecast]) -> pd.DataFrame:
    """Return song, time (seconds) and a column per target, a row per half second."""
    tables = []
    for forecast in done:
        assert forecast.prediction
        values = {target: curve.round(4) for target, curve in forecast.prediction.values.items()}
        table = pd.DataFrame({"time": forecast.prediction.times, **values})
        table.insert(0, "song", forecast.song.name)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def word_table(done: Sequence[Forecast]) -> pd.DataFrame:
    """Return a row per second: means of its labels, angle (degrees), intensity, emotion word.

    Empty, without columns, where a target is missing.
    """
    tables = []
    for forecast in done:
        assert forecast.prediction
        values = forecast.prediction.values
        if not set(TARGETS) <= set(values):
            return pd.DataFrame()
        times = forecast.prediction.times
        seconds, arousal = circumplex.by_second(times, values["arousal"])
        _, valence = circumplex.by_second(times, values["valence"])
        tables.append(
            pd.DataFrame(
                {
                    "song": forecast.song.name,
                    "second": seconds.astype(int),
                    "arousal": arousal.round(4),
                    "valence": valence.round(4),
                    "angle": circumplex.angle(arousal, valence).round(1),
                    "intensity": circumplex.intensity(arousal, valence).round(4),
                    "word": circumplex.words(arousal, valence),
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def song_table(done: Sequence[Forecast]) -> pd.DataFrame:
    """Return a row per song: file, seconds, mean and SD of each target, word and intensity."""
    rows = []
    for forecast in done:
        assert forecast.prediction
        means = summary(forecast.prediction)
        row: dict[str, object] = {
            "song": forecast.song.name,
            "file": as_text(forecast.song.path),
            "seconds": round(forecast.prediction.seconds, 2),
            **{name: round(value, 4) for name, value in means.items()},
        }
        values = forecast.prediction.values
        if set(TARGETS) <= set(values):
            facts = plane_facts(forecast.prediction.times, *(values[target] for target in TARGETS))
            row["word"] = facts.word
            row["intensity"] = round(facts.intensity, 4)
        row["note"] = "; ".join(forecast.prediction.notes)
        rows.append(row)
    return pd.DataFrame(rows)


def _curves(forecast: Forecast, audio: str) -> SongCurves:
    assert forecast.prediction
    notes = "; ".join(forecast.prediction.notes)
    return SongCurves(
        name=forecast.song.name,
        audio=audio,
        times=forecast.prediction.times,
        curves={t: Curve(predicted=curve) for t, curve in forecast.prediction.values.items()},
        about={"note": notes} if notes else {},
    )


def _audio(forecast: Forecast, folder: Path, copy: bool) -> str:
    """Return the address of a song's audio from the page, in a copy if so asked."""
    path = forecast.song.path.resolve()
    if copy:
        place = folder / "audio" / forecast.song.name.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        if not (place.exists() and place.samefile(path)):  # a copy that is predicted again
            shutil.copyfile(path, place)
        path = place.resolve()
    return quote(os.fsencode(Path(os.path.relpath(path, folder.resolve())).as_posix()))


def _parquet(table: pd.DataFrame) -> bytes:
    content = io.BytesIO()
    table.to_parquet(content, index=False)
    return content.getvalue()
