"""One piece from MIDI to MP3: FluidSynth's output read through a pipe, cut, and encoded."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmark.acquisition.vgmidi.synthesizer import RATE, SETTINGS, Synthesizer, quiet_home
from benchmark.errors import AcquisitionError

PATIENCE = 60.0
"""Seconds after which FluidSynth is taken to hang; a piece takes it about one."""
CHANNELS, WIDTH = 2, 2
SHORT = 0.5
"""Seconds that a recording may end early; the rest is silence."""
ENCODER = {"format": "MP3", "bitrate_mode": "CONSTANT", "compression_level": 0.45}
"""192 kbit/s. The delay of the encoder stands in the file, and decoders take it off."""


@dataclass(frozen=True)
class Rendering:
    """The task: which MIDI file, cut after how many seconds, by which synthesizer."""

    id: str
    midi: Path
    midi_hash: str
    seconds: float
    synthesizer: Synthesizer

    @property
    def made_of(self) -> str:
        """SHA-256 of all that the recording depends on, except where the files lie."""
        import soundfile

        parts = [self.midi_hash, self.seconds, self.synthesizer.soundfont_hash]
        tools = [self.synthesizer.version, SETTINGS, RATE, ENCODER]
        stated = json.dumps([*parts, *tools, soundfile.__libsndfile_version__])
        return hashlib.sha256(stated.encode()).hexdigest()


def render(task: Rendering, patience: float = PATIENCE) -> bytes:
    """Return the recording as MP3: stereo, 44.1 kHz, exactly `seconds` long.

    Raises
    ------
    AcquisitionError
        If FluidSynth fails, hangs, ends too early, or gives silence.
    """
    import soundfile

    samples = _played(task, patience)
    encoded = io.BytesIO()
    soundfile.write(encoded, samples, RATE, **ENCODER)
    return encoded.getvalue()


def _played(task: Rendering, patience: float) -> npt.NDArray[np.int16]:
    """Return samples (n, 2): FluidSynth is stopped when enough has come."""
    wanted = round(task.seconds * RATE) * CHANNELS * WIDTH
    command = task.synthesizer.command(task.midi)
    hung = threading.Event()
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            env=quiet_home(),
        ) as process:
            assert process.stdout is not None
            watch = threading.Timer(patience, _give_up, (process, hung))
            watch.start()
            try:
                played = process.stdout.read(wanted)
                enough = len(played) == wanted
                if enough:
                    process.kill()
                status = process.wait()
            finally:
                watch.cancel()
                process.kill()
        said.seek(0)
        complaint = said.read(10_000).decode(errors="replace").strip()
    words = f": {complaint.splitlines()[-1]}" if complaint else ""
    if hung.is_set() and not enough:
        raise AcquisitionError(f"FluidSynth did not end within {patience:.0f} s{words}")
    if not enough:
        _check(task, len(played), wanted, status=status, words=words)
    samples = np.frombuffer(played[: len(played) // 4 * 4], dtype="<i2").reshape(-1, CHANNELS)
    if not samples.any():
        raise AcquisitionError(
            f"FluidSynth gave silence; has {task.synthesizer.soundfont} the instruments of "
            f"General MIDI?"
        )
    missing = wanted // (CHANNELS * WIDTH) - len(samples)
    return np.pad(samples, ((0, missing), (0, 0)))


def _give_up(process: subprocess.Popen[bytes], hung: threading.Event) -> None:
    hung.set()
    process.kill()


def _check(task: Rendering, came: int, wanted: int, *, status: int, words: str) -> None:
    """Refuse a recording that a failure has cut short."""
    if status:
        how = f"exit code {status}" if status > 0 else f"signal {-status}"
        raise AcquisitionError(f"FluidSynth failed ({how}){words}")
    second = CHANNELS * WIDTH * RATE
    if came < wanted - SHORT * second:
        raise AcquisitionError(
            f"FluidSynth ended after {came / second:.1f} s of {task.seconds:.1f} s{words}"
        )
