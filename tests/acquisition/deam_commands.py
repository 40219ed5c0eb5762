"""`data deam` with small zips: the command, and what is there when all of it is."""

from __future__ import annotations

import json
from pathlib import Path

from loopback import Loopback
from zips import N_SONGS, deam_files

from benchmark.acquisition.deam_parts import PARTS
from benchmark.datasets.deam import Deam

AUDIO = "DEAM_audio.zip"
DEAM = ("data", "deam", "--accept-terms")
ROOT = Path("data/deam")
OTHER = "annotations,metadata,audio"


def from_mirror(server: Loopback, *arguments: str) -> tuple[str, ...]:
    """Return a command; the hashes of small zips are none that is known."""
    return (*DEAM, "--mirror", server.address, "--allow-other-content", OTHER, *arguments)


def assert_complete(root: Path) -> None:
    """Assert that every file is there in its place, and that the loader reads them."""
    files = {name: content for of in deam_files().values() for name, content in of.items()}
    there = {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and path.parent.name != "zips"
    }
    ledger = json.loads(there.pop("acquired.json"))
    assert there == files
    assert ledger["parts"].keys() == {part.name for part in PARTS}
    corpus = Deam(root=root).load()
    assert [song.id for song in corpus.songs] == [str(n + 1) for n in range(N_SONGS)]
    assert all(song.audio and song.groups["artist"] for song in corpus.songs)
