from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from vgmidi_clones import midi, write_program, write_soundfont

from benchmark.acquisition.vgmidi.rendering import Rendering, render
from benchmark.acquisition.vgmidi.synthesizer import RATE, Synthesizer, find_synthesizer
from benchmark.errors import AcquisitionError


@pytest.fixture
def stand_in(tmp_path: Path) -> Synthesizer:
    """Return a program that gives sound, or fails as the name of the MIDI file says."""
    program = write_program(tmp_path / "bin")
    return Synthesizer(str(program), "2.3.1", write_soundfont(tmp_path), "a soundfont")


def task_of(synthesizer: Synthesizer, path: Path, content: bytes = b"") -> Rendering:
    path.write_bytes(content or midi())
    return Rendering("1", path, "a midi", 17.5, synthesizer)


def test_one_that_hangs_is_ended(stand_in: Synthesizer, tmp_path: Path) -> None:
    task = task_of(stand_in, tmp_path / "Hang.mid")
    begun = time.monotonic()
    with pytest.raises(AcquisitionError, match="FluidSynth hangs"):
        render(task, patience=1)
    assert time.monotonic() - begun < 30


def test_what_is_missing_is_said_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    soundfont = write_soundfont(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(AcquisitionError, match=r"not installed.*apt install.*brew.*--labels-only"):
        find_synthesizer(soundfont)
    write_program(tmp_path / "bin")
    monkeypatch.setattr("benchmark.acquisition.vgmidi.synthesizer.FOLDERS", (str(tmp_path),))
    with pytest.raises(AcquisitionError, match=r"no soundfont FluidR3_GM.sf2.*--soundfont FILE"):
        find_synthesizer(None)
    soundfont.rename(tmp_path / "FluidR3_GM.sf2")
    found = find_synthesizer(None)
    assert (found.version, found.soundfont.name) == ("2.3.1", "FluidR3_GM.sf2")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"RIFF\0\0\0\0WAVE", r"no soundfont \(.sf2 or .sf3\)"),
        (b"", "no soundfont"),
        (None, "read"),
    ],
)
def test_what_is_no_soundfont_is_refused_before_anything_is_rendered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, reason: str
) -> None:
    write_program(tmp_path / "bin")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    if content is not None:
        (tmp_path / "given.sf2").write_bytes(content)
    with pytest.raises(AcquisitionError, match=rf"--soundfont .*given\.sf2: .*{reason}"):
        find_synthesizer(tmp_path / "given.sf2")


@pytest.mark.parametrize(
    ("version", "reason"),
    [("1.1.11", "plays MIDI without a tempo too fast"), ("x", "which version")],
)
def test_a_program_that_is_too_old_or_another_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, reason: str
) -> None:
    write_program(tmp_path / "bin", version=version)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(AcquisitionError, match=reason):
        find_synthesizer(write_soundfont(tmp_path))


@pytest.fixture(scope="session")
def fluidsynth() -> Synthesizer:
    try:
        return find_synthesizer(None)
    except AcquisitionError as error:
        pytest.skip(str(error))


def test_a_note_sounds_where_the_midi_has_it(fluidsynth: Synthesizer, tmp_path: Path) -> None:
    notes = [0.0, 5.0, 16.0]
    path = tmp_path / "audio.mp3"
    path.write_bytes(render(task_of(fluidsynth, tmp_path / "a.mid", midi(notes=notes))))
    samples, rate = soundfile.read(path)
    assert (rate, samples.shape) == (RATE, (round(17.5 * RATE), 2))
    level = np.abs(samples).max(axis=1)
    for note in notes:
        begin = round(note * RATE)
        onset = np.flatnonzero(level[begin:] > 0.01)[0] / RATE
        assert onset < 0.02
        assert level[max(0, begin - RATE // 10) : begin].max(initial=0) < 0.005


def test_a_users_own_settings_do_not_change_what_is_rendered(
    fluidsynth: Synthesizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = task_of(fluidsynth, tmp_path / "a.mid")
    before = render(task)
    (tmp_path / ".fluidsynth").write_text("gain 5\nset synth.reverb.active 0\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert render(task) == before


def test_a_file_that_fluidsynth_refuses_is_an_error(
    fluidsynth: Synthesizer, tmp_path: Path
) -> None:
    with pytest.raises(AcquisitionError, match="FluidSynth failed"):
        render(task_of(fluidsynth, tmp_path / "a.mid", b"no music"))
