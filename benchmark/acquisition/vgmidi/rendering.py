"""One piece from MIDI to MP3: FluidSynth's output read through a pipe, cut, and encoded."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmark.acquisition.vgmidi.synthesizer import RATE, SETTINGS, Synthesizer
from benchmark.errors import AcquisitionError

RENDERING_VERSION = 1
"""Raise it when the same MIDI would be rendered to other audio."""
PATIENCE = 60
"""Seconds after which FluidSynth is taken to hang; a piece takes it about one."""
WITH_ALARM = """\
import os, signal, sys
signal.signal(signal.SIGALRM, signal.SIG_DFL)
signal.alarm(int(sys.argv[1]))
os.execv(sys.argv[2], sys.argv[2:])
"""
"""Becomes another program, which ends itself in time, also when nobody waits for it any more."""
CHANNELS, WIDTH = 2, 2
FULL_SCALE = 32768
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
        tools = [RENDERING_VERSION, self.synthesizer.version, SETTINGS, RATE, ENCODER]
        stated = json.dumps([*parts, *tools, soundfile.__libsndfile_version__])
        return hashlib.sha256(stated.encode()).hexdigest()


def render(task: Rendering, patience: int = PATIENCE) -> bytes:
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


def _played(task: Rendering, patience: int) -> npt.NDArray[np.float32]:
    """Return samples (n, 2) in [-1, 1]: FluidSynth is stopped when enough has come."""
    wanted = round(task.seconds * RATE) * CHANNELS * WIDTH
    command = [sys.executable, "-I", "-c", WITH_ALARM, str(patience)]
    with tempfile.TemporaryDirectory() as home, Path(home, "said").open("w+b") as said:
        with subprocess.Popen(
            [*command, *task.synthesizer.command(task.midi)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            env={**os.environ, "HOME": home, "XDG_CONFIG_HOME": home},  # none of a user's settings
        ) as process:
            assert process.stdout is not None
            played = process.stdout.read(wanted)
            enough = len(played) == wanted
            if enough:
                process.kill()
            status = process.wait()
        said.seek(0)
        complaint = said.read(10_000).decode(errors="replace").strip()
    if not enough:
        words = f": {complaint.splitlines()[-1]}" if complaint else ""
        _check(task, len(played), wanted, status=status, words=words)
    samples = np.frombuffer(played[: len(played) // 4 * 4], dtype="<i2").reshape(-1, CHANNELS)
    if not samples.any():
        raise AcquisitionError(
            f"FluidSynth gave silence; has {task.synthesizer.soundfont} the instruments of "
            f"General MIDI?"
        )
    missing = wanted // (CHANNELS * WIDTH) - len(samples)
    # libsndfile 1.2 encodes 16-bit samples to MP3 as noise, and floats as they should be.
    return np.pad(samples, ((0, missing), (0, 0))).astype(np.float32) / np.float32(FULL_SCALE)


def _check(task: Rendering, came: int, wanted: int, *, status: int, words: str) -> None:
    """Refuse a recording that a failure has cut short."""
    if status == -signal.SIGALRM:
        raise AcquisitionError(f"FluidSynth hangs: it was ended after its time{words}")
    if status:
        how = f"exit code {status}" if status > 0 else f"signal {-status}"
        raise AcquisitionError(f"FluidSynth failed ({how}){words}")
    second = CHANNELS * WIDTH * RATE
    if came < wanted - SHORT * second:
        raise AcquisitionError(
            f"FluidSynth ended after {came / second:.1f} s of {task.seconds:.1f} s{words}"
        )
