"""Small zips, in the nesting of DEAM's own, and such as nobody should unpack."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

N_SONGS = 3
N_AUDIO = 200_000
"""Bytes of a song: noise, which no zip makes smaller."""
AVERAGED = "annotations/annotations averaged per song"


def zipped(files: Mapping[str, bytes], *, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of files by name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, packing)
    return buffer.getvalue()


def zip_at(path: Path, files: Mapping[str, bytes]) -> Path:
    """Write a zip."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zipped(files))
    return path


def deam_files() -> dict[str, dict[str, bytes]]:
    """Return what is in each of DEAM's zips, of three songs."""
    random = np.random.default_rng(0)
    tables = {}
    for target in ("arousal", "valence"):
        rows = ["song_id, sample_15000ms, sample_15500ms"]
        rows += [f"{song},0.{song},-0.{song}" for song in range(1, N_SONGS + 1)]
        place = f"{AVERAGED}/dynamic (per second annotations)/{target}.csv"
        tables[place] = "\n".join(rows).encode()
    songs = range(1, N_SONGS + 1)
    metadata = "song_id,Artist\n" + "\n".join(f"{song},Artist {song}" for song in songs)
    features = b"frameTime;F0final_sma_stddev\n15.0;1.5\n15.5;2.5\n"
    return {
        "DEAM_Annotations.zip": tables,
        "metadata.zip": {"metadata/metadata_2013.csv": metadata.encode()},
        "features.zip": {f"features/{song}.csv": features for song in songs},
        "DEAM_audio.zip": {f"MEMD_audio/{song}.mp3": random.bytes(N_AUDIO) for song in songs},
    }


def deam_zips() -> dict[str, bytes]:
    """Return DEAM's zips by name."""
    return {name: zipped(files) for name, files in deam_files().items()}
