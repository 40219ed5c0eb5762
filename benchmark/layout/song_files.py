"""Files with frames of songs, one a song, found by name and read when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmark.interfaces import Frames
from benchmark.layout.files import files_below, only, song_of


@dataclass(frozen=True, eq=False)
class SongFiles(Mapping[str, Frames]):
    """Frames (n_frames, n_bins) by song id; a file is read each time its song is asked for.

    So one song at a time is in memory, whatever the size of the dataset.
    """

    paths: Mapping[str, Path]
    read: Callable[[str], Frames]

    def __getitem__(self, song: str) -> Frames:
        if song not in self.paths:
            raise KeyError(song)
        return self.read(song)

    def __contains__(self, song: object) -> bool:
        return song in self.paths

    def __iter__(self) -> Iterator[str]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.paths)


def files_of_songs(root: Path, *, folder: str, suffix: str) -> dict[str, Path]:
    """Return, in the order of ids, `<song_id><suffix>` of every folder of that name below `root`.

    Raises
    ------
    DataError
        Where a song has two files that differ.
    """
    found: dict[str, list[Path]] = {}
    for path in files_below(root):
        song = song_of(path)
        if song and path.suffix.lower() == suffix and path.parent.name == folder:
            found.setdefault(song, []).append(path)
    return {
        song: only(f"files {folder}/{song}{suffix}", found[song], root)
        for song in sorted(found, key=int)
    }
