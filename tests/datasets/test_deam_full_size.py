"""DEAM as large as it is: the released label tables, its number of files, short audio."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmark.records import TARGETS

SECONDS = 20
MEGABYTES = 500
RATERS = 10
WORKERS_FROM = 1001
"""Tables per rater of the songs before have no column WorkerId."""

LOAD = """
import json, pathlib, sys, time
from benchmark.datasets.deam import Deam
begun = time.perf_counter()
corpus = Deam(root=pathlib.Path(sys.argv[1])).load()
status = pathlib.Path("/proc/self/status").read_text()
print(json.dumps({
    "seconds": time.perf_counter() - begun,
    "megabytes": int(status.split("VmHWM:")[1].split()[0]) / 1024,
    "title": corpus.title,
    "songs": len(corpus.songs),
    "audio": len({song.audio_hash for song in corpus.songs}),
    "raters": sum(len(of) for song in corpus.songs for of in song.ratings.values()),
    "labels": sum(len(song.times) for song in corpus.songs),
    "notes": corpus.notes,
}))
"""


@pytest.mark.slow
def test_all_of_deam_loads_in_20_seconds_and_500_megabytes(
    shared_datasets: Path, tmp_path: Path
) -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("the memory of a process is read from /proc")
    root = generated(shared_datasets / "deam", tmp_path / "DEAM")
    done = subprocess.run(
        [sys.executable, "-c", LOAD, root], capture_output=True, text=True, check=True
    )
    loaded = json.loads(done.stdout)
    assert loaded["seconds"] < SECONDS
    assert loaded["megabytes"] < MEGABYTES
    assert (loaded["title"], loaded["songs"], loaded["audio"]) == ("DEAM", 1802, 1802)
    assert loaded["labels"] == 130_002
    assert loaded["raters"] == len(TARGETS) * RATERS * 1802
    assert not [note for note in loaded["notes"] if "cannot be read" in note]


def generated(released: Path, root: Path) -> Path:
    """Make a folder of DEAM's size in the nesting of the official zips."""
    annotations = root / "annotations" / "annotations"
    averaged = "annotations averaged per song"
    annotations.mkdir(parents=True)
    (annotations / averaged).symlink_to(released / "annotations" / averaged)
    (root / "metadata").symlink_to(released / "metadata")
    table = next((annotations / averaged).rglob("arousal.csv"))
    random = np.random.default_rng(0)
    cells = np.array([f"{value:.6f}" for value in random.uniform(-1, 1, 5000)])
    audio = root / "MEMD_audio"
    audio.mkdir()
    raters = annotations / "annotations per each rater" / "dynamic (per second annotations)"
    for target in TARGETS:
        (raters / target).mkdir(parents=True)
    names, *rows = [line.split(",") for line in table.read_text().splitlines()]
    for row in rows:
        soundfile.write(audio / f"{row[0]}.wav", random.uniform(-1, 1, 400), 8000)
        n_labels = len(",".join(row[1:]).rstrip(",").split(","))
        named = int(row[0]) >= WORKERS_FROM
        header = (["WorkerId"] if named else []) + names[1 : n_labels + 1]
        for target in TARGETS:
            drawn = random.choice(cells, (RATERS, n_labels))
            lines = [
                ",".join([f"worker{rater}"] * named + list(ratings))
                for rater, ratings in enumerate(drawn)
            ]
            (raters / target / f"{row[0]}.csv").write_text("\n".join([",".join(header), *lines]))
    return root
