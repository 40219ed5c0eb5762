"""Audio files: which song each belongs to, and what decoding one tells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmark.audio import ENDINGS, SILENCE, blocks
from benchmark.errors import DataError
from benchmark.execution import Pool
from benchmark.execution.listener import Listener
from benchmark.layout.files import TEST_SONGS, content_hash, song_of_audio

BLOCK = 30.0
"""Seconds decoded at a time: the memory it takes does not grow with the song."""


@dataclass(frozen=True)
class AudioFiles:
    """The audio of a folder.

    `of_song` has the files of each song, with the SHA-256 of each: more than one where copies lie
    there. `unread` says why a file could not be read. `others` sound like audio by their endings,
    and belong to no song; `test_songs` are music of others, and no part of the dataset.
    """

    of_song: Mapping[str, Sequence[tuple[Path, str]]] = field(default_factory=dict)
    unread: Mapping[Path, str] = field(default_factory=dict)
    others: Sequence[Path] = ()
    test_songs: Sequence[Path] = ()


@dataclass(frozen=True)
class Heard:
    """What decoding a file told; `error` says why it could not be, and `crashed` how badly."""

    path: Path
    seconds: float = 0.0
    rate: int = 0
    channels: int = 0
    silent: bool = False
    error: str = ""
    crashed: bool = False


def find_audio(files: Iterable[Path], known: Mapping[Path, str]) -> AudioFiles:
    """Find the audio files, by the rules of the dataset `deam`.

    `known` has the SHA-256 of those that were read already; the others are read.
    """
    of_song: dict[str, list[tuple[Path, str]]] = defaultdict(list)
    unread: dict[Path, str] = {}
    others: list[Path] = []
    test_songs: list[Path] = []
    for path in files:
        song = song_of_audio(path)
        if song:
            try:
                content = known.get(path) or content_hash(path)
            except DataError as error:
                unread[path] = f"song {song}: {error}"
            else:
                of_song[song].append((path, content))
        elif path.suffix.lower() in ENDINGS:
            (test_songs if path.parent.name == TEST_SONGS else others).append(path)
    return AudioFiles(of_song, unread, others, test_songs)


def listen(paths: Sequence[Path], *, pool: Pool, listener: Listener) -> dict[Path, Heard]:
    """Decode files side by side, in processes of their own."""
    heard = {}
    if paths:
        listener.stage("audio", len(paths))
    for outcome in pool.run(hear, paths, threads=1) if paths else ():
        heard[outcome.task] = outcome.result or Heard(
            outcome.task, error=outcome.error.splitlines()[0], crashed=True
        )
        listener.advance(outcome.task.name)
    return heard


def hear(path: Path) -> Heard:
    """Decode a file block by block; a song is usable by this exactly if `decode` takes it."""
    import soundfile

    try:
        with path.open("rb") as opened:
            about = soundfile.info(opened)
        samples, silent = 0, True
        for block in blocks(path, seconds=BLOCK):
            samples += len(block.samples)
            silent = silent and float(abs(block.samples).max()) < SILENCE
    except soundfile.LibsndfileError as error:
        return Heard(path, error=f"{path.name}: cannot be decoded ({error.error_string})")
    except (DataError, OSError) as error:
        return Heard(path, error=str(error))
    return Heard(path, samples / about.samplerate, about.samplerate, about.channels, silent)
