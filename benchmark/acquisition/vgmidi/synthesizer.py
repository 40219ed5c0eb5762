"""FluidSynth and its soundfont: where they are on this machine, and what to install if not."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmark.errors import AcquisitionError

SOUNDFONT = "FluidR3_GM.sf2"
FOLDERS = (
    "/usr/share/sounds/sf2",
    "/usr/share/soundfonts",
    "/usr/local/share/sounds/sf2",
    "/usr/local/share/soundfonts",
    "/opt/homebrew/share/soundfonts",
    "/opt/local/share/sounds/sf2",
    "/Library/Audio/Sounds/Banks",
    "~/Library/Audio/Sounds/Banks",
    "~/.local/share/soundfonts",
)
"""Where Linux distributions, Homebrew, MacPorts and macOS keep soundfonts."""
INSTALL = (
    "Debian: apt install fluidsynth fluid-soundfont-gm; macOS: brew install fluid-synth, and "
    f"{SOUNDFONT} (the file in that package of Debian's) in ~/Library/Audio/Sounds/Banks, or "
    "--soundfont FILE; --labels-only does without both, and renders nothing"
)
RATE = 44_100
SETTINGS = {
    "synth.gain": "0.2",
    "synth.polyphony": "256",
    "synth.midi-bank-select": "gs",
    "synth.min-note-length": "10",
    "synth.reverb.active": "1",
    "synth.reverb.room-size": "0.2",
    "synth.reverb.damp": "0.0",
    "synth.reverb.width": "0.5",
    "synth.reverb.level": "0.9",
    "synth.chorus.active": "1",
    "synth.chorus.nr": "3",
    "synth.chorus.level": "2.0",
    "synth.chorus.speed": "0.3",
    "synth.chorus.depth": "8.0",
    "synth.cpu-cores": "1",
    "synth.dynamic-sample-loading": "1",
    "synth.lock-memory": "0",
}
"""FluidSynth 2.3's own values, stated: other versions have others, and users their own."""
ASKING = 30.0
"""Seconds within which a program says its version."""


@dataclass(frozen=True)
class Synthesizer:
    """FluidSynth as it is installed, with a soundfont (its SHA-256 in `soundfont_hash`)."""

    program: str
    version: str
    soundfont: Path
    soundfont_hash: str

    def command(self, midi: Path) -> list[str]:
        """Return what renders a MIDI file to standard output: stereo, 16 bits, little-endian."""
        settings = [word for pair in SETTINGS.items() for word in ("-o", "=".join(pair))]
        output = ["-F", "/dev/stdout", "-T", "raw", "-O", "s16", "-E", "little", "-r", str(RATE)]
        quiet = ["-n", "-i", "-q", "-f", os.devnull]
        return [self.program, *quiet, *output, *settings, str(self.soundfont), str(midi)]


def find_synthesizer(soundfont: Path | None) -> Synthesizer:
    """Return FluidSynth with the soundfont given, or with FluidR3_GM where it is installed.

    Any General MIDI soundfont sounds; numbers are comparable where it is the same one.

    Raises
    ------
    AcquisitionError
        If one of them is missing or cannot be used; it says what to install.
    """
    program = shutil.which("fluidsynth")
    if program is None:
        raise AcquisitionError(f"FluidSynth is not installed, which renders MIDI. {INSTALL}")
    version = _version(program)
    if soundfont is None:
        places = [Path(folder).expanduser() / SOUNDFONT for folder in FOLDERS]
        soundfont = next((place for place in places if place.is_file()), None)
    if soundfont is None:
        raise AcquisitionError(f"no soundfont {SOUNDFONT} where they usually lie. {INSTALL}")
    try:
        with soundfont.open("rb") as file:
            head = file.read(12)
            file.seek(0)
            content = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise AcquisitionError(
            f"--soundfont {soundfont}: cannot be read ({error.strerror})"
        ) from error
    if head[:4] != b"RIFF" or head[8:] != b"sfbk":
        raise AcquisitionError(f"--soundfont {soundfont}: no soundfont (.sf2 or .sf3)")
    return Synthesizer(program, version, soundfont.absolute(), content)


def _version(program: str) -> str:
    try:
        said = subprocess.run(
            [program, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=ASKING,
            check=False,
        ).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AcquisitionError(f"{program}: cannot be run ({error}). {INSTALL}") from error
    found = re.search(r"version (\d+)(?:\.\d+)*", said)
    if not found:
        raise AcquisitionError(f"{program}: does not say which version it is. {INSTALL}")
    if int(found[1]) < 2:
        raise AcquisitionError(
            f"{program}: FluidSynth {found[0]} plays MIDI without a tempo too fast; 2.0 or later"
        )
    return found[0].removeprefix("version ")
