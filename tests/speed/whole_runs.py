"""Whole commands: two processes against one, ten times the songs, a job that computes nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import numpy.typing as npt
from measuring import Goal, Process, Row, Section, child, command

from benchmark.datasets.deam import Deam
from benchmark.records import TARGETS, Song

SUITE = """
version: 1
name: suite
dataset: {{name: deam, root: {root}}}
features: [mfcc, mel, chroma]
models: [mean, ridge, xgboost_summary]
targets: [arousal]
protocol: {{name: song_kfold, folds: 5}}
"""
TEN_TIMES = """
version: 1
name: songs
dataset: {{name: deam, root: {root}}}
features: [mfcc, mel, chroma]
models: [{{name: valence_lstm, epochs: 1}}]
targets: [arousal]
protocol: {{name: song_kfold, folds: 5, only: [0]}}
"""
FEW, MANY = 100, 1_000
FIRST, HALF = 100, 550
"""Songs before the first are not counted; as many are compared before and after the half."""
N_LABELS = 60


def section(root: Path, work: Path) -> Section:
    """Run on the real folder, then on one that has its excerpts again and again."""
    one, two = (ran(SUITE, root, work, "--jobs", jobs).seconds for jobs in (1, 2))
    _, mean = child("mean_job", root, cwd=work)
    few, _, _ = repeated(root, work, FEW)
    many, ends, megabytes = repeated(root, work, MANY)
    times, what = MANY // FEW, "features, an epoch of an LSTM"
    rows = [
        Row(
            "whole suite, --jobs 2",
            "--jobs 1",
            "s",
            [two],
            [one],
            Goal("at least", 1.7),
            faster=True,
        ),
        Row("a mean job, imports apart", "nothing", "s", mean, goal=Goal("at most", 0.15)),
        Row(
            f"{times}x the songs: {what}",
            f"{FEW} songs",
            "s",
            [many.seconds],
            [few.seconds],
            Goal("at most", 1.05 * times),
        ),
        Row(
            f"{times}x the songs: peak memory",
            f"{FEW} songs",
            "MB",
            [many.megabytes],
            [few.megabytes],
            Goal("at most", 1.2),
        ),
        Row(
            f"features of a song, songs {HALF + 1} to {MANY:,}",
            f"songs {FIRST} to {HALF}",
            "s",
            [(ends[-1] - ends[HALF - 1]) / (MANY - HALF)],
            [(ends[HALF - 1] - ends[FIRST - 1]) / (HALF - FIRST)],
            Goal("at most", 1.1),
        ),
    ]
    remarks = [
        f"Whole commands start in an empty folder: features, jobs, MLflow, reports. Suite: mfcc, "
        f"mel, chroma x mean, ridge, xgboost_summary, arousal, 5 folds, one thread a job. "
        f"{MANY:,} songs are real excerpts of 45 s under new ids, whose frames take "
        f"{megabytes:,.0f} MB. Memory is that of the largest process."
    ]
    return Section(rows, remarks)


def ran(text: str, root: Path, work: Path, *options: object) -> Process:
    """Run an experiment in an empty folder."""
    folder = work / "run"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "experiment.yaml").write_text(text.format(root=root), encoding="utf-8")
    return command("-m", "benchmark", "run", "experiment.yaml", *options, cwd=folder)


def repeated(
    root: Path, work: Path, n_songs: int
) -> tuple[Process, npt.NDArray[np.float64], float]:
    """Run on so many songs; return also when each had its frames, and their MB."""
    data = work / f"songs{n_songs}"
    lay_out(root, data, n_songs)
    process = ran(TEN_TIMES, data, work, "--jobs", 2)
    features = work / "run" / "data" / "features"
    frames = [path.stat() for path in features.glob("??/*/*.npy")]
    ends = np.sort([path.stat().st_mtime for path in features.glob("??/*/chroma-*.npy")])
    assert len(ends) == n_songs
    shutil.rmtree(data)
    return process, ends, sum(file.st_size for file in frames) / 1e6


def lay_out(root: Path, data: Path, n_songs: int) -> None:
    """Make a folder in DEAM's layout whose songs are excerpts of another, again and again.

    A few bytes after the last frame of an MP3 are no music, but another file.
    """
    found = excerpts(root)
    songs = [found[number % len(found)] for number in range(n_songs)]
    (data / "MEMD_audio").mkdir(parents=True)
    for number, song in enumerate(songs, 1):
        content = song.audio.read_bytes() + f"{number:08d}".encode()
        (data / "MEMD_audio" / f"{number}.mp3").write_bytes(content)
    header = ["song_id", *(f"sample_{1000 * time:.0f}ms" for time in songs[0].times)]
    for target in TARGETS:
        rows = [[number, *song.labels[target]] for number, song in enumerate(songs, 1)]
        lines = [",".join(map(str, row)) for row in (header, *rows)]
        (data / f"{target}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def excerpts(root: Path) -> list[Song]:
    """Return the songs of a folder that are MP3s with the 60 labels of DEAM's excerpts."""
    return [
        song
        for song in Deam(root=root).load().songs
        if song.audio is not None
        and song.audio.suffix == ".mp3"
        and len(song.times) == N_LABELS
        and all(np.isfinite(values).all() for values in song.labels.values())
    ]
