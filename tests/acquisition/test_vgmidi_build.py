from __future__ import annotations

import json
import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import soundfile
from vgmidi_clones import (
    curve,
    entry,
    midi,
    write_clone,
    write_program,
    write_ratings,
    write_soundfont,
)

from benchmark.acquisition.vgmidi.build import Recording, Site
from benchmark.acquisition.vgmidi.clone import read_clone
from benchmark.acquisition.vgmidi.synthesizer import RATE, Synthesizer
from benchmark.datasets.deam import Deam
from benchmark.errors import AcquisitionError
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


def test_what_is_done_is_rendered_again_only_if_what_it_is_made_of_changed(
    clone: Path, stand_in: Synthesizer, tmp_path: Path
) -> None:
    root = tmp_path / "built"

    def due(clone: Path, synthesizer: Synthesizer) -> list[str]:
        site, material = Site(root), read_clone(clone)
        site.write_labels(material, synthesizer)
        return [task.id for task in site.due(material, synthesizer)]

    build(clone, root, stand_in)
    assert due(clone, stand_in) == []
    moved = shutil.copytree(clone, tmp_path / "moved")
    assert due(moved, stand_in) == []
    assert due(moved, replace(stand_in, soundfont_hash="another")) == ["1", "2"]
    assert due(moved, replace(stand_in, version="2.4.0")) == ["1", "2"]
    music = moved / "vgmidi/labelled/midi" / entry("Two")["midi"]
    music.write_bytes(midi(notes=[3.0]))
    assert build(moved, root, stand_in) == (["2"], {})
    assert due(moved, stand_in) == []
    (root / "MEMD_audio" / "1.mp3").write_bytes(b"cut short")
    assert due(moved, stand_in) == ["1"]
    (root / "vgmidi.json").write_text("{")
    assert due(moved, stand_in) == ["1", "2"]


def label_only(clone: Path, root: Path) -> list[str]:
    return Site(root).write_labels(read_clone(clone), None)


def audio(root: Path) -> dict[str, bytes]:
    """Return the recordings, those that are set aside among them."""
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*.mp3*")}


def test_audio_is_never_beside_the_labels_of_another_piece_and_never_lost(
    clone: Path, stand_in: Synthesizer, tmp_path: Path
) -> None:
    root = tmp_path / "built"
    build(clone, root, stand_in)
    before = audio(root)
    other = write_clone(tmp_path / "other", ["Three"], content=midi(notes=[7.0]))
    [note] = label_only(other, root)
    assert note.startswith("2 recordings are of pieces or music that this clone does not have")
    assert f"set aside in {root / 'set_aside'}" in note
    assert not [name for name in files(root) if name.endswith((".mp3", "/2.csv"))]
    aside = {
        "MEMD_audio/1.mp3": "set_aside/1.mp3.aside",
        "MEMD_audio/2.mp3": "set_aside/2.mp3.aside",
    }
    assert audio(root) == {aside[name]: content for name, content in before.items()}
    songs = Deam(root=root, title="VGMIDI").load().songs
    assert [(song.id, song.audio) for song in songs] == [("1", None)]

    assert label_only(clone, root) == ["2 recordings that were set aside are taken back"]
    assert audio(root) == before and not (root / "set_aside").exists()
    assert label_only(clone, root) == []
    assert build(clone, root, stand_in) == ([], {})


def test_a_clone_without_a_file_of_ratings_costs_no_recording(clone: Path, tmp_path: Path) -> None:
    root, folder = tmp_path / "built", clone / "vgmidi/labelled"
    described = entry("Other")
    (folder / "midi" / described["midi"]).write_bytes(midi(notes=[2.0]))
    second = write_ratings(
        folder / "annotations",
        2,
        pieces={"piece0": described},
        annotations={"piece0_1": curve([0.1] * 9), "piece0_2": curve([0.2] * 9)},
    )
    label_only(clone, root)
    (root / "MEMD_audio").mkdir()
    known = {}
    for song, excerpt in read_clone(clone).excerpts.items():
        content = song.encode()
        (root / "MEMD_audio" / f"{song}.mp3").write_bytes(content)
        known[song] = vars(Recording(excerpt.midi_hash, "", sha256(content).hexdigest()))
    (root / "vgmidi.json").write_text(json.dumps({"schema_version": 1, "audio": known}))
    before = audio(root)
    assert sorted(before) == [f"MEMD_audio/{song}.mp3" for song in ("1", "2", "501")]
    stored = second.read_bytes()
    second.unlink()
    [note] = label_only(clone, root)
    assert note.startswith("1 recordings are of pieces or music")
    assert set(audio(root)) == {"MEMD_audio/1.mp3", "MEMD_audio/2.mp3", "set_aside/501.mp3.aside"}
    second.write_bytes(stored)
    assert label_only(clone, root) == ["1 recordings that were set aside are taken back"]
    assert audio(root) == before
    (root / "MEMD_audio/501.mp3").unlink()
    (root / "set_aside").mkdir()
    (root / "set_aside/501.mp3.aside").write_bytes(b"of a build before the last")
    assert label_only(clone, root) == []
    assert "set_aside/501.mp3.aside" in audio(root)


@pytest.mark.parametrize("spoilt", ["{", '{"schema_version": 2, "audio": {}}'])
def test_a_manifest_that_cannot_be_read_costs_no_recording(
    clone: Path, tmp_path: Path, spoilt: str
) -> None:
    root = tmp_path / "built"
    label_only(clone, root)
    (root / "MEMD_audio").mkdir()
    (root / "MEMD_audio" / "1.mp3").write_bytes(b"of whom")
    (root / "vgmidi.json").write_text(spoilt)
    [note] = label_only(clone, root)
    assert "vgmidi.json could not be read, so nobody knows what 1 recordings were made of" in note
    assert audio(root) == {"set_aside/1.mp3.aside": b"of whom"}
    assert (root / "set_aside" / "vgmidi.json.aside").read_text() == spoilt
    assert label_only(clone, root) == []


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


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "deam").mkdir()
    (tmp_path / "deam" / "mine.txt").write_text("mine")
    with pytest.raises(AcquisitionError, match="holds something else already"):
        Site(tmp_path / "deam")
    assert files(tmp_path / "deam") == ["mine.txt"]


@pytest.mark.parametrize("root", ["own.yaml", "own.yaml/data", "dangling"])
def test_a_root_that_is_a_file_is_one_message(tmp_path: Path, root: str) -> None:
    (tmp_path / "own.yaml").write_text("mine")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(AcquisitionError, match=rf"--root .*{root}: .* is no folder; give"):
        Site(tmp_path / root)
