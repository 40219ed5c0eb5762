"""Builds the folder: labels first, then what is missing of the audio, piece by piece."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
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
        if (root / MANIFEST).is_file():
            self._recordings = _read(root / MANIFEST)
        elif root.is_dir() and any(root.iterdir()):
            raise AcquisitionError(
                f"--root {root}: holds something else already; give a folder that is new or empty"
            )

    def write_labels(self, material: Material, synthesizer: Synthesizer | None) -> None:
        """Write tables, metadata and ABOUT.md; remove audio that is not of these pieces.

        Audio beside labels is of the same piece at every moment, however the last build ended.
        """
        self._write_manifest()  # from here on the folder is ours
        sweep(self.root)
        for path in (self.root / AUDIO).glob("*.mp3"):
            excerpt = material.excerpts.get(path.stem)
            known = self._recordings.get(path.stem)
            if excerpt is None or known is None or known.midi != excerpt.midi_hash:
                path.unlink()
        write_tables(self.root, material.excerpts)
        write_whole(self.root / "ABOUT.md", about(material, synthesizer).encode())

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

    def _is_done(self, task: Rendering) -> bool:
        known, path = self._recordings.get(task.id), self._audio(task.id)
        if known is None or known.made_of != task.made_of or not path.is_file():
            return False
        return hashlib.sha256(path.read_bytes()).hexdigest() == known.content

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


def _read(path: Path) -> dict[str, Recording]:
    """Return the manifest; one that cannot be read knows of nothing, and all is rendered again."""
    try:
        stored = json.loads(path.read_bytes())
        if stored["schema_version"] != SCHEMA_VERSION:
            return {}
        return {str(song): Recording(**known) for song, known in stored["audio"].items()}
    except (ValueError, LookupError, TypeError, AttributeError):
        return {}
