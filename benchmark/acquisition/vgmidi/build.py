"""Builds the folder: labels first, then what is missing of the audio, piece by piece."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmark.acquisition.disk import require_folder
from benchmark.acquisition.vgmidi.about import about
from benchmark.acquisition.vgmidi.clone import Excerpt, Material
from benchmark.acquisition.vgmidi.rendering import Rendering, render
from benchmark.acquisition.vgmidi.synthesizer import Synthesizer
from benchmark.acquisition.vgmidi.tables import write_tables
from benchmark.errors import AcquisitionError
from benchmark.execution import Pool
from benchmark.records.atomic import sweep, write_whole

MANIFEST = "vgmidi.json"
SCHEMA_VERSION = 1
AUDIO = "MEMD_audio"
ASIDE, ASIDE_AS = "set_aside", ".aside"
"""Where recordings go that are of no piece of this clone, and what is added to their names.

So nothing takes them for audio of the dataset.
"""


@dataclass(frozen=True)
class Recording:
    """An audio file as the manifest knows it: its MIDI, all it was made of, and its content."""

    midi: str
    made_of: str
    content: str


class Site:
    """The folder that is built, and its manifest, which says what each audio file was made of."""

    def __init__(self, root: Path) -> None:
        """Open a folder.

        Raises
        ------
        AcquisitionError
            If it holds anything, and not what this command has built; or if it is a file.
        """
        require_folder(root)
        self.root = root
        self._recordings: dict[str, Recording] = {}
        self._spoilt = False
        if (root / MANIFEST).is_file():
            known = _read(root / MANIFEST)
            self._recordings, self._spoilt = known or {}, known is None
        elif root.is_dir() and any(root.iterdir()):
            raise AcquisitionError(
                f"--root {root}: holds something else already; give a folder that is new or empty"
            )

    def write_labels(self, material: Material, synthesizer: Synthesizer | None) -> list[str]:
        """Write tables, metadata and ABOUT.md; return notes on audio that is not of these pieces.

        Such audio is set aside, and taken back when its piece is there again. Audio beside labels
        is of the same piece at every moment, however the last build ended.
        """
        notes = self._set_aside(material)
        sweep(self.root)
        write_tables(self.root, material.excerpts)
        write_whole(self.root / "ABOUT.md", about(material, synthesizer).encode())
        return notes + self._take_back(material)

    def due(self, material: Material, synthesizer: Synthesizer) -> list[Rendering]:
        """Return what is to be rendered: what is not there, or was made of something else."""
        wanted = [
            _rendering(song, material.excerpts[song], synthesizer)
            for song in sorted(material.excerpts, key=int)
        ]
        return [task for task in wanted if not self._is_done(task)]

    def render(self, tasks: list[Rendering], pool: Pool) -> Iterator[tuple[Rendering, str]]:
        """Render, and yield each task with why it failed, or nothing; as they finish.

        A file is there as a whole or not at all; what is rendered is kept if this is interrupted.
        """
        for outcome in pool.run(render, tasks, threads=1):
            task = outcome.task
            if outcome.result is None:
                yield task, outcome.error.splitlines()[0]
                continue
            content = hashlib.sha256(outcome.result).hexdigest()
            self._recordings[task.id] = Recording(task.midi_hash, task.made_of, content)
            self._write_manifest()  # first: a file that is there is known, one that is not is due
            write_whole(self._audio(task.id), outcome.result, store=self.root)
            yield task, ""

    def _set_aside(self, material: Material) -> list[str]:
        """Move away what is not known to be of these pieces; say how much, and why."""
        aside = self.root / ASIDE
        others = [
            path
            for path in (self.root / AUDIO).glob("*.mp3")
            if not self._is_of(material.excerpts.get(path.stem), path.stem)
        ]
        if others and self._spoilt:
            write_whole(aside / f"{MANIFEST}{ASIDE_AS}", (self.root / MANIFEST).read_bytes())
        self._write_manifest()  # from here on the folder is ours
        if not others:
            return []
        aside.mkdir(exist_ok=True)
        for path in others:
            path.replace(aside / f"{path.name}{ASIDE_AS}")
        if self._spoilt:
            return [
                f"{self.root / MANIFEST} could not be read, so nobody knows what {len(others)} "
                f"recordings were made of; they and it are set aside in {aside}"
            ]
        return [
            f"{len(others)} recordings are of pieces or music that this clone does not have; they "
            f"are set aside in {aside}, and taken back with a clone that has them"
        ]

    def _take_back(self, material: Material) -> list[str]:
        """Move back what was set aside and is of these pieces; say how much."""
        back = 0
        for song, excerpt in material.excerpts.items():
            aside, audio = self.root / ASIDE / f"{song}.mp3{ASIDE_AS}", self._audio(song)
            if (
                aside.is_file()
                and self._is_of(excerpt, song)
                and _hash(aside) == self._recordings[song].content
            ):
                audio.parent.mkdir(exist_ok=True)
                aside.replace(audio)
                back += 1
        with suppress(OSError):
            (self.root / ASIDE).rmdir()  # if nothing is left there
        return [f"{back} recordings that were set aside are taken back"] if back else []

    def _is_of(self, excerpt: Excerpt | None, song: str) -> bool:
        known = self._recordings.get(song)
        return excerpt is not None and known is not None and known.midi == excerpt.midi_hash

    def _is_done(self, task: Rendering) -> bool:
        known, path = self._recordings.get(task.id), self._audio(task.id)
        if known is None or known.made_of != task.made_of or not path.is_file():
            return False
        return _hash(path) == known.content

    def _audio(self, song: str) -> Path:
        return self.root / AUDIO / f"{song}.mp3"

    def _write_manifest(self) -> None:
        stored = {
            "schema_version": SCHEMA_VERSION,
            "audio": {song: vars(known) for song, known in self._recordings.items()},
        }
        write_whole(self.root / MANIFEST, json.dumps(stored, indent=1).encode())


def _rendering(song: str, excerpt: Excerpt, synthesizer: Synthesizer) -> Rendering:
    return Rendering(song, excerpt.midi, excerpt.midi_hash, excerpt.seconds, synthesizer)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read(path: Path) -> dict[str, Recording] | None:
    """Return the manifest, or None if it cannot be read, or is of another version."""
    try:
        stored = json.loads(path.read_bytes())
        if stored["schema_version"] != SCHEMA_VERSION:
            return None
        return {str(song): Recording(**known) for song, known in stored["audio"].items()}
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
