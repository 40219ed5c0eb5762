"""What is measured in a process of its own, because its memory is, or because it imports much.

`python children.py FUNCTION ARGUMENTS`, these as JSON; the answer is the last line, as JSON.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import rivals
from whole_runs import excerpts

from benchmark.audio import decode
from benchmark.datasets.deam import Deam
from benchmark.evaluation.job import Job, SongInput
from benchmark.evaluation.task import Task, run_task
from benchmark.features.mel import Mel
from benchmark.interfaces import Extractor
from benchmark.models.arousal_cnn import ArousalCnn
from benchmark.models.mean import Mean
from benchmark.models.ridge import Ridge
from benchmark.protocols.song_kfold import SongKfold
from benchmark.records import Song, SongFrames
from benchmark.records.frames_file import FramesFile
from benchmark.watch import watched

RATE = 2e-4
"""Adam's: with its default the seed's network collapses to a constant on so few songs."""
PASSAGES = ArousalCnn(learning_rate=RATE, standardize="song", passage=8)
WAYS = {
    "seed": None,
    "float32": PASSAGES,
    "bfloat16": replace(PASSAGES, precision="bfloat16"),
}
ON_GRID = Mel(hop_length=250)
FITTED = {
    "network 2": replace(PASSAGES, precision="bfloat16", epochs=1),
    "ridge": Ridge(),
}


def trained(seed: int, n_train: int, epochs: int, root: str) -> dict[str, dict[str, float]]:
    """Train all ways on the first songs of a fold: seconds of an epoch, the best epoch's RMSE.

    The RMSE is that on the fold's validation songs, of what is learned: means over windows.
    """
    songs = {song.id: song for song in Deam(root=Path(root)).load().songs}
    fold = SongKfold().draw(list(songs.values()))[0]
    seen = {
        extractor: [
            [framed(songs[name], extractor) for name in names]
            for names in (fold.train[:n_train], fold.validation)
        ]
        for extractor in (Mel(), ON_GRID)
    }
    found = {}
    for way, model in WAYS.items():
        train, held = seen[ON_GRID if model else Mel()]
        ends: list[float] = []
        if model is None:
            losses = seed_fit(train, held, seed=seed, epochs=epochs, ends=ends)
        else:
            with watched(lambda *_, ends=ends: ends.append(time.perf_counter())):
                predictor = replace(model, epochs=epochs).fit(train, held, seed=seed)
            losses = predictor.card.curves["validation_loss"]
        found[way] = {"epoch": float(np.median(np.diff(ends))), "rmse": math.sqrt(min(losses))}
    return found


def seed_fit(
    train: Sequence[SongFrames],
    held: Sequence[SongFrames],
    *,
    seed: int,
    epochs: int,
    ends: list[float],
) -> Sequence[float]:
    """Train as the seed did, on arrays of windows, but with songs apart to stop by."""
    from benchmark.models._keras import fresh_keras

    keras = fresh_keras(seed)
    network = rivals.seed_network(keras, RATE)
    timing = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda *_: ends.append(time.perf_counter())
    )
    stopping = keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)
    history = network.fit(
        *rivals.seed_windows(train, "float32"),
        validation_data=rivals.seed_windows(held, "float32"),
        batch_size=128,
        epochs=epochs,
        callbacks=[timing, stopping],
        verbose=0,
    ).history
    losses: Sequence[float] = history["val_loss"]
    return losses


def fit_memory(name: str, n_songs: int, root: str) -> None:
    """Fit a model on so many songs, whose frames lie in files as a run has them."""
    with tempfile.TemporaryDirectory() as folder:
        kept = [
            replace(song, source=in_file(Path(folder) / f"{number}.npy", song))
            for number, song in enumerate(repeated(n_songs, root, ON_GRID))
        ]
        FITTED[name].fit(kept[10:], kept[:10], seed=0)


def seed_memory(n_songs: int, root: str) -> None:
    """Train ten batches on the windows of so many songs, which lie in memory in float64."""
    from benchmark.models._keras import fresh_keras

    network = rivals.seed_network(fresh_keras(0), RATE)
    inputs, labels = rivals.seed_windows(list(repeated(n_songs, root, Mel())), "float64")
    network.fit(inputs, labels, batch_size=128, epochs=1, steps_per_epoch=10, verbose=0)


def mean_job(root: str) -> list[float]:
    """Return the seconds of a job of `mean` on all songs, some times, after the imports."""
    songs = Deam(root=Path(root)).load().songs
    fold = SongKfold().draw(list(songs))[0]
    job = Job(
        feature=None,
        model=Mean(),
        targets=("arousal",),
        fold=fold,
        seed=0,
        threads=1,
        data="",
    )
    inputs = {song.id: SongInput(song.id, song.times, arousal(song), None) for song in songs}
    task = Task(job, job.description, inputs)
    seconds = []
    for _ in range(20):
        begun = time.perf_counter()
        run_task(task)
        seconds.append(time.perf_counter() - begun)
    return seconds


def arousal(song: Song) -> Any:
    """Return the labels as a model learns them."""
    return song.values(("arousal",))


def framed(song: Song, extractor: Extractor) -> SongFrames:
    """Decode a song and extract its frames."""
    assert song.audio is not None
    frames = extractor.extract(decode(song.audio).resampled(extractor.rate))
    return SongFrames(song.id, frames, extractor.hop, song.times, arousal(song))


def repeated(n_songs: int, root: str, extractor: Extractor) -> Any:
    """Yield songs of 45 s and 60 labels, ten real ones again and again."""
    made = [framed(song, extractor) for song in excerpts(Path(root))[:10]]
    for number in range(n_songs):
        yield replace(made[number % len(made)], id=str(number))


def in_file(path: Path, song: SongFrames) -> FramesFile:
    """Keep the frames of a song in a file."""
    np.save(path, song.frames)
    return FramesFile.found(path)


if __name__ == "__main__":
    answer = globals()[sys.argv[1]](*json.loads(sys.argv[2]))
    sys.stdout.write(f"{json.dumps(answer)}\n")
