from __future__ import annotations

import json
import shutil
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import soundfile
from commands import benchmark, finish, start, wait_for
from vgmidi_clones import (
    curve,
    entry,
    midi,
    write_clone,
    write_program,
    write_ratings,
    write_soundfont,
)

from benchmark.acquisition.vgmidi.build import Site
from benchmark.acquisition.vgmidi.clone import read_clone
from benchmark.acquisition.vgmidi.rendering import Rendering, render
from benchmark.acquisition.vgmidi.synthesizer import RATE, Synthesizer, find_synthesizer
from benchmark.datasets.deam import Deam
from benchmark.errors import AcquisitionError, DataError
from benchmark.execution import Pool


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return write_clone(tmp_path / "clone")


@pytest.fixture
def stand_in(tmp_path: Path) -> Synthesizer:
    """Return a program that gives sound, or fails as the name of the MIDI file says."""
    program = write_program(tmp_path / "bin")
    return Synthesizer(str(program), "2.3.1", write_soundfont(tmp_path), "a soundfont")


def build(clone: Path, root: Path, synthesizer: Synthesizer) -> tuple[list[str], dict[str, str]]:
    """Build as the command does; return what was due, and why it failed by id."""
    material = read_clone(clone)
    site = Site(root)
    site.write_labels(material, synthesizer)
    due = site.due(material, synthesizer)
    outcomes = [(task.id, reason) for task, reason in site.render(due, Pool(1))]
    return [task.id for task in due], {song: reason for song, reason in outcomes if reason}


def files(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def task_of(synthesizer: Synthesizer, path: Path, content: bytes = b"") -> Rendering:
    path.write_bytes(content or midi())
    return Rendering("1", path, "a midi", 17.5, synthesizer)


def test_what_is_built_loads_as_a_folder_in_deams_layout(
    clone: Path, stand_in: Synthesizer, tmp_path: Path
) -> None:
    assert build(clone, tmp_path / "built", stand_in) == (["1", "2"], {})
    corpus = Deam(root=tmp_path / "built", title="VGMIDI").load()
    assert (corpus.notes, corpus.title) == ((), "VGMIDI")
    one = corpus.songs[0]
    assert one.id == "1" and one.groups["artist"] == "Series" and one.groups["album"] == "The Game"
    np.testing.assert_array_equal(one.times, np.arange(15, 18, 0.5))
    np.testing.assert_allclose(one.labels["arousal"], [0.22, 0.22, 0.23, 0.23, 0.23, 0.23])
    np.testing.assert_allclose(one.ratings["valence"][:, 0], [0.17, 0.27])
    assert soundfile.info(one.audio).frames == 20 * RATE
    about = (tmp_path / "built" / "ABOUT.md").read_text()
    assert "Ferreira" in about and "FluidSynth 2.3.1 with tiny.sf2 (SHA-256 a soundfont)" in about
    [deviations] = (tmp_path / "built").rglob("arousal_std.csv")
    assert deviations.read_text().splitlines()[1].startswith("1,0.070711,")
    [raters, _] = sorted((tmp_path / "built").rglob("arousal/*.csv"))
    assert raters.read_text().splitlines()[1].startswith("piece0_1,0.17")


@pytest.mark.parametrize("inside", [".", "labelled", "a/b/labelled"])
def test_ratings_and_music_are_found_wherever_they_lie(tmp_path: Path, inside: str) -> None:
    material = read_clone(write_clone(tmp_path, inside=inside))
    assert list(material.excerpts) == ["1", "2"] and not material.missing


def test_of_two_files_of_a_name_the_one_beside_the_ratings_is_rendered(clone: Path) -> None:
    name = entry("One")["midi"]
    other = clone / "vgmidi" / "unlabelled" / name
    other.parent.mkdir()
    other.write_bytes(midi(19.0))
    assert read_clone(clone).excerpts["1"].midi == clone / "vgmidi/labelled/midi" / name
    beside = clone / "vgmidi/labelled/more" / name
    beside.parent.mkdir()
    beside.write_bytes(midi(19.0))
    assert "differ; keep one of them" in read_clone(clone).missing[0]


def test_a_piece_without_usable_music_is_named_and_the_others_are_there(tmp_path: Path) -> None:
    clone = write_clone(tmp_path / "clone", ["Good", "Gone", "Bad", "Long"], inside=".")
    music = {title: clone / "midi" / entry(title)["midi"] for title in ("Gone", "Bad", "Long")}
    music["Gone"].unlink()
    music["Bad"].write_bytes(b"no music")
    music["Long"].write_bytes(midi(25.0))
    material = read_clone(clone)
    assert list(material.excerpts) == ["1"]
    assert [line.split(": ", 1)[0].split(" (")[0] for line in material.missing] == [
        "Gone",
        "Bad",
        "Long",
    ]
    reasons = ["no such MIDI file", "no MIDI file", "lasts 25.0 s, what was rated 18.0 s"]
    for line, reason in zip(material.missing, reasons, strict=True):
        assert line.endswith(reason) and "of vgmidi_raw_1.json" in line


def test_a_folder_without_ratings_or_music_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no such folder; git clone https://github.com/lucasnfe"):
        read_clone(tmp_path / "nothing")
    with pytest.raises(DataError, match=r"no ratings \(vgmidi_raw_1.json\) below it; git clone"):
        read_clone(tmp_path)
    write_ratings(tmp_path, 1, pieces={"piece1": entry("One")}, annotations={})
    with pytest.raises(DataError, match=r"no piece can be used: One .*no such MIDI file"):
        read_clone(tmp_path)


def test_what_is_left_out_of_the_ratings_is_noted(tmp_path: Path) -> None:
    clone = write_clone(tmp_path)
    write_ratings(
        clone / "vgmidi/labelled/annotations",
        1,
        pieces={"piece0": entry("One")},
        annotations={
            "piece0_1": curve([0.1] * 9),
            "piece0_2": curve([0.1] * 9),
            "piece0_3": curve([0.1] * 10),
            "piece7_1": curve([0.1]),
        },
    )
    (clone / "vgmidi/labelled/annotations/vgmidi_raw_2.json").unlink()
    notes = read_clone(clone).notes
    assert [note.split(": ")[0] for note in notes] == [
        "vgmidi_raw_1.json",
        "vgmidi_raw_2.json",
        "1 raters with more or fewer values than their piece has parts; left out",
    ]
    assert "piece7: rated, but no entry" in notes[0]


def test_what_is_done_is_rendered_again_only_if_what_it_is_made_of_changed(
    clone: Path, stand_in: Synthesizer, tmp_path: Path
) -> None:
    root = tmp_path / "built"
    build(clone, root, stand_in)
    assert build(clone, root, stand_in) == ([], {})
    moved = shutil.copytree(clone, tmp_path / "moved")
    assert build(moved, root, stand_in) == ([], {})
    music = moved / "vgmidi/labelled/midi" / entry("Two")["midi"]
    music.write_bytes(midi(notes=[3.0]))
    assert build(moved, root, stand_in)[0] == ["2"]
    assert build(moved, root, replace(stand_in, soundfont_hash="another"))[0] == ["1", "2"]
    assert build(moved, root, replace(stand_in, version="2.4.0"))[0] == ["1", "2"]
    (root / "MEMD_audio" / "1.mp3").write_bytes(b"cut short")
    assert build(moved, root, replace(stand_in, version="2.4.0"))[0] == ["1"]
    (root / "vgmidi.json").write_text("{")
    assert build(moved, root, stand_in)[0] == ["1", "2"]


def test_audio_is_never_beside_the_labels_of_another_piece(
    clone: Path, stand_in: Synthesizer, tmp_path: Path
) -> None:
    root = tmp_path / "built"
    build(clone, root, stand_in)
    other = write_clone(tmp_path / "other", ["Three"], content=midi(notes=[7.0]))
    site = Site(root)
    site.write_labels(read_clone(other), None)
    assert not [name for name in files(root) if name.endswith((".mp3", "/2.csv"))]


def test_a_piece_that_cannot_be_rendered_is_named_and_the_others_are_done(
    stand_in: Synthesizer, tmp_path: Path
) -> None:
    titles = ["Good", "Refuse", "Crash", "Short", "Silent", "Fine"]
    clone = write_clone(tmp_path / "clone", titles)
    due, failed = build(clone, tmp_path / "built", stand_in)
    assert len(due) == 6
    assert failed == {
        "2": "FluidSynth failed (exit code 3): fluidsynth: error: no such thing",
        "3": "FluidSynth failed (signal 11)",
        "4": "FluidSynth ended after 0.6 s of 20.0 s",
        "5": f"FluidSynth gave silence; has {stand_in.soundfont} the instruments of General MIDI?",
    }
    audio = [name for name in files(tmp_path / "built") if name.startswith("MEMD_audio")]
    assert audio == ["MEMD_audio/1.mp3", "MEMD_audio/6.mp3"]
    assert build(clone, tmp_path / "built", stand_in)[0] == list(failed)


def test_one_that_hangs_is_ended(stand_in: Synthesizer, tmp_path: Path) -> None:
    task = task_of(stand_in, tmp_path / "Hang.mid")
    begun = time.monotonic()
    with pytest.raises(AcquisitionError, match="FluidSynth hangs"):
        render(task, patience=1)
    assert time.monotonic() - begun < 30


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "deam").mkdir()
    (tmp_path / "deam" / "mine.txt").write_text("mine")
    with pytest.raises(AcquisitionError, match="holds something else already"):
        Site(tmp_path / "deam")
    assert files(tmp_path / "deam") == ["mine.txt"]


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


def test_bad_ratings_are_one_message_and_nothing_is_built(tmp_path: Path) -> None:
    path = write_clone(tmp_path / "clone") / "vgmidi/labelled/annotations/vgmidi_raw_1.json"
    stored = json.loads(path.read_text())
    stored["annotations"]["piece1_2"]["valence"][4] = 7
    path.write_text(json.dumps(stored))
    done = command(tmp_path, "--labels-only", path=tmp_path)
    assert done.returncode == 2 and not (tmp_path / "built").exists()
    assert done.stderr.count("\n") == 1 and "annotations, piece1_2, valence, 4: 7" in done.stderr


@pytest.mark.slow
def test_ctrl_c_leaves_whole_files_and_the_next_build_goes_on(tmp_path: Path) -> None:
    write_clone(tmp_path / "clone", [f"Piece {n}" for n in range(6)])
    program = write_program(tmp_path / "bin", seconds=0.3)
    write_soundfont(tmp_path)
    given = ("--soundfont", "tiny.sf2", "--jobs", "1")
    process = command(tmp_path, *given, path=tmp_path / "bin", by=start)
    audio = tmp_path / "built" / "MEMD_audio"
    wait_for(lambda: len(list(audio.glob("*.mp3"))) >= 2)
    process.send_signal(signal.SIGINT)
    stopped = finish(process)
    assert stopped.returncode == 130 and stopped.stderr.startswith("Interrupted. ")
    whole = {path.name: path.read_bytes() for path in audio.iterdir()}
    assert 2 <= len(whole) < 6
    assert all(soundfile.info(audio / name).frames == 20 * RATE for name in whole)
    wait_for(
        lambda: (
            not [
                process
                for process in psutil.process_iter(["cmdline"])
                if str(program) in (process.info["cmdline"] or [])
            ]
        )
    )
    write_program(tmp_path / "bin")
    done = command(tmp_path, *given, path=tmp_path / "bin")
    assert done.returncode == 0 and f"{len(whole)} were there" in done.stdout
    assert {name: (audio / name).read_bytes() for name in whole} == whole


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
