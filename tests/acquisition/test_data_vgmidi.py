from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest
import soundfile
from commands import benchmark, finish, start, wait_for
from vgmidi_clones import write_clone, write_program, write_soundfont

from benchmark.acquisition.vgmidi.synthesizer import RATE
from benchmark.cli.data import vgmidi


def command(tmp_path: Path, *arguments: str, path: Path, **settings: Any) -> Any:
    """Run the command with one place on PATH before those of the system."""
    given = ["data", "vgmidi", "--from", "clone", "--root", "built", *arguments]
    run = settings.pop("by", benchmark)
    return run(*given, cwd=tmp_path, PATH=f"{path}:/usr/bin:/bin", **settings)


def test_the_command_says_what_it_built_and_names_what_failed(tmp_path: Path) -> None:
    write_clone(tmp_path / "clone", ["Good", "Crash"])
    write_program(tmp_path / "bin")
    write_soundfont(tmp_path)
    done = command(tmp_path, "--soundfont", "tiny.sf2", "--jobs", "2", path=tmp_path / "bin")
    assert done.returncode == 1 and "Traceback" not in done.stdout + done.stderr
    assert "labels: 2 pieces (2 excerpts, 0 full songs)" in done.stdout
    assert "audio: 1 pieces rendered, 0 were there" in done.stdout
    assert "song 2: Crash (" in done.stderr and "signal 11" in done.stderr


def test_labels_alone_need_no_synthesizer(tmp_path: Path) -> None:
    write_clone(tmp_path / "clone")
    done = command(tmp_path, "--labels-only", path=tmp_path / "nowhere")
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "built").rglob("arousal.csv"))) == 1
    assert not list((tmp_path / "built").rglob("*.mp3"))


def test_recordings_that_are_set_aside_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clone, root = write_clone(tmp_path / "clone"), tmp_path / "built"
    vgmidi.vgmidi_command(clone, root=root, labels_only=True)
    (root / "MEMD_audio").mkdir()
    (root / "MEMD_audio" / "7.mp3").write_bytes(b"of a piece that is gone")
    assert "set aside" not in capsys.readouterr().out
    vgmidi.vgmidi_command(clone, root=root, labels_only=True)
    assert "1 recordings are of pieces or music that" in capsys.readouterr().out
    assert (root / "set_aside" / "7.mp3.aside").is_file()


def test_bad_ratings_are_one_message_and_nothing_is_built(tmp_path: Path) -> None:
    path = write_clone(tmp_path / "clone") / "vgmidi/labelled/annotations/vgmidi_raw_1.json"
    stored = json.loads(path.read_text())
    stored["annotations"]["piece1_2"]["valence"][4] = 7
    path.write_text(json.dumps(stored))
    done = command(tmp_path, "--labels-only", path=tmp_path)
    assert done.returncode == 2 and not (tmp_path / "built").exists()
    assert done.stderr.count("\n") == 1 and "annotations, piece1_2, valence, 4: 7" in done.stderr


def test_ctrl_c_leaves_whole_files_and_the_next_build_goes_on(tmp_path: Path) -> None:
    write_clone(tmp_path / "clone", ["One", "Two", "Wait", "Four"])
    program = write_program(tmp_path / "bin")
    write_soundfont(tmp_path)
    given = ("--soundfont", "tiny.sf2", "--jobs", "1")
    process = command(tmp_path, *given, path=tmp_path / "bin", by=start)
    audio = tmp_path / "built" / "MEMD_audio"
    wait_for(lambda: len(list(audio.glob("*.mp3"))) == 2 or process.poll() is not None)
    process.send_signal(signal.SIGINT)
    stopped = finish(process)
    assert stopped.returncode == 130 and stopped.stderr.startswith("Interrupted. ")
    whole = {path.name: path.read_bytes() for path in audio.iterdir()}
    assert sorted(whole) == ["1.mp3", "2.mp3"]
    assert all(soundfile.info(audio / name).frames == 20 * RATE for name in whole)
    program.with_name("fluidsynth.go").touch()
    wait_for(
        lambda: (
            not [
                process
                for process in psutil.process_iter(["cmdline"])
                if str(program) in (process.info["cmdline"] or [])
            ]
        )
    )
    done = command(tmp_path, *given, path=tmp_path / "bin")
    assert done.returncode == 0 and "audio: 2 pieces rendered, 2 were there" in done.stdout
    assert {name: (audio / name).read_bytes() for name in whole} == whole
