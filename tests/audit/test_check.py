"""The verdict of an audit is that of the loader and of a run, whatever was done to a folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
import soundfile
from deam_mutations import TABLES, accident, corruption, harmless, write_folder
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.audit.finding import Audit, Finding
from benchmark.config import load_experiments
from benchmark.datasets.deam import Deam
from benchmark.errors import DataError
from benchmark.evaluation.cache import FeatureCache
from benchmark.execution import Pool
from benchmark.execution.worker import Outcome
from benchmark.records import TARGETS
from benchmark.runner import Listener
from benchmark.runner.prepare import make_plans

Make = Callable[..., Audit]
Find = Callable[[Audit, str], Finding]


def refusal(root: Path, ratings: Any = "dynamic") -> str:
    try:
        Deam(root=root, ratings=ratings).load()
    except DataError as error:
        return str(error).removeprefix(f"dataset.root = {root}: ")
    return ""


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("deam")
    write_folder(root)
    return root


@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@given(
    place=st.sampled_from(list(TABLES)),
    happens=st.sampled_from([harmless, accident, corruption]),
    random=st.randoms(note_method_calls=False),
)
def test_the_audit_of_a_spoilt_table_agrees_with_the_loader(
    tables: Path,
    audited: Make,
    place: str,
    happens: Callable[[Random, str], bytes],
    random: Random,
) -> None:
    sound = (tables / place).read_bytes()
    (tables / place).write_bytes(happens(random, place))
    try:
        audit = audited(tables)
        said, static = refusal(tables), refusal(tables, "static")
    finally:
        (tables / place).write_bytes(sound)
    assert audit.usable == (not said)
    assert audit.refusal == said
    # What the loader stops at is listed, once, among all that is wrong.
    listed = [line for of in audit.of("unusable") for line in (of.text, *of.examples)]
    assert bool(listed) == bool(said)
    assert listed.count(said) == bool(said)
    codes = {finding.code for finding in audit.findings}
    assert "folder.refused" not in codes
    assert "labels.empty" not in codes or said.endswith("holds no rating of any song")
    if not said:
        examples = [of.examples for of in audit.findings if of.code == "static.refused"]
        assert [lines.count(static) for lines in examples] == [1] * bool(static)
    json.dumps(audit.as_json())


@pytest.fixture
def troubled(deam_folder: Any, tone: Callable[..., np.ndarray]) -> Any:
    """Return a folder with songs 1 to 6 and 101 to 108, most with some trouble in their audio."""
    for target in TARGETS:
        table = deam_folder.table(target)
        row = table.read_text().splitlines()[1].partition(",")[2]
        rows = "".join(f"\n{song},{row}" for song in range(101, 109))
        table.write_text(table.read_text() + rows + "\n")
    audio = deam_folder.root / "MEMD_audio"
    (audio / "101.mp3").write_bytes(b"no music")
    deam_folder.write_audio("102.wav", np.zeros(0))
    deam_folder.write_audio("103.wav", tone(2.4))
    deam_folder.write_audio("104.wav", tone(3.143))
    shutil.copy(audio / "2.wav", audio / "105.wav")
    deam_folder.write_audio("106.wav", np.zeros(48_000))
    soundfile.write(audio / "107.wav", np.full(48_000, np.nan), 12_000, subtype="FLOAT")
    deam_folder.write_audio("999.wav", tone(1))
    return deam_folder


def test_an_audit_finds_the_songs_usable_that_a_run_uses(
    troubled: Any, audited: Make, tmp_path: Path
) -> None:
    file = tmp_path / "mean.yaml"
    file.write_text(
        f"version: 1\nname: mean\ndataset: {{name: deam, root: '{troubled.root}'}}\n"
        f"features: []\nmodels: [mean]\ntargets: [arousal]\n"
        f"protocol: {{name: song_kfold, folds: 2}}\n"
    )
    cache = FeatureCache(tmp_path / "cache")
    (plan,) = make_plans(load_experiments([file], ()), cache, pool=Pool(1), listener=Listener())
    audit = audited(troubled.root, decode=True)
    used = {song.id for song in plan.corpus.songs}
    out = {
        song
        for finding in audit.of("left out")
        for song in finding.songs
        if finding.code != "audio.unrated"
    }
    assert used == {"1", "2", "3", "4", "5", "6", "104", "106"}
    assert out == {"101", "102", "103", "105", "107", "108"}
    assert audit.songs["1-1000"] == {"rated": 14, "in_deam": None, "usable": len(used)}
    assert audit.verdict == "usable, 8 of 14 rated songs"


def test_each_trouble_with_audio_has_its_finding(
    troubled: Any, audited: Make, finding: Find
) -> None:
    audit = audited(troubled.root, decode=True)
    undecodable = finding(audit, "audio.undecodable")
    assert undecodable.songs == ("101", "102", "107")
    assert "101.mp3: cannot be decoded" in undecodable.examples[0]
    assert undecodable.examples[1:] == (
        "102.wav: holds no audio",
        "107.wav: holds samples that are not finite",
    )
    short = finding(audit, "audio.short")
    assert short.figures["missing_seconds"] == {"103": pytest.approx(1.1)}
    padded = finding(audit, "audio.padded")
    assert (padded.severity, padded.songs) == ("handled", ("104",))
    assert padded.figures["missing_seconds"]["104"] == pytest.approx(0.357, abs=1e-3)
    assert finding(audit, "audio.same").figures["as"] == {"105": "2"}
    assert finding(audit, "audio.silent").songs == ("106",)
    assert finding(audit, "audio.missing").songs == ("108",)
    assert finding(audit, "audio.unrated").songs == ("999",)


def test_without_decoding_files_are_taken_to_be_sound(
    troubled: Any, audited: Make, finding: Find, codes: Callable[[Audit], set[str]]
) -> None:
    audit = audited(troubled.root)
    assert audit.verdict == "usable, 12 of 14 rated songs (audio was not decoded)"
    assert finding(audit, "audio.same").songs == ("105",)
    assert not codes(audit) & {"audio.undecodable", "audio.short", "audio.rates", "audio.length"}


def test_two_files_of_a_song_are_refused_and_the_audio_is_decoded_all_the_same(
    deam_folder: Any, audited: Make, finding: Find, tone: Callable[..., np.ndarray]
) -> None:
    deam_folder.write_audio("3.flac", tone(seed=9))
    (deam_folder.root / "MEMD_audio" / "5.wav").write_bytes(b"no music")
    audit = audited(deam_folder.root, decode=True)
    assert not audit.usable
    differ = finding(audit, "audio.differ")
    assert (differ.severity, differ.songs) == ("unusable", ("3",))
    assert "3.flac" in differ.examples[0] and "3.wav" in differ.examples[0]
    assert "song 3 has two different audio files" in audit.refusal
    assert finding(audit, "audio.undecodable").songs == ("5",)


def test_a_folder_without_one_usable_song_is_not_usable(
    deam_folder: Any, audited: Make, finding: Find
) -> None:
    for path in (deam_folder.root / "MEMD_audio").iterdir():
        path.write_bytes(path.stem.encode())
    assert not refusal(deam_folder.root)
    audit = audited(deam_folder.root, decode=True)
    assert not audit.usable
    assert finding(audit, "folder.refused").text == "not one of 6 rated songs can be used"
    assert finding(audit, "audio.undecodable").songs == ("1", "2", "3", "4", "5", "6")


def test_a_folder_whose_songs_have_all_no_audio_but_others_do_is_refused_by_both(
    deam_folder: Any, audited: Make, finding: Find
) -> None:
    audio = deam_folder.root / "MEMD_audio"
    for path in list(audio.iterdir()):
        path.rename(audio / f"90{path.name}")
    audit = audited(deam_folder.root)
    assert "no song has both ratings and audio" in refusal(deam_folder.root)
    assert finding(audit, "folder.refused").text == refusal(deam_folder.root)
    assert len(finding(audit, "audio.missing").songs) == 6


def test_a_file_that_ends_the_process_makes_a_folder_unusable_as_it_would_stop_a_run(
    deam_folder: Any, audited: Make, finding: Find
) -> None:
    class Deadly:
        def run(
            self, function: Callable[[Any], Any], tasks: Iterable[Any], *, threads: int
        ) -> Iterator[Outcome[Any, Any]]:
            for task in tasks:
                died = task.name == "3.wav"
                yield Outcome(task, error="died") if died else Outcome(task, function(task))

    audit = audited(deam_folder.root, decode=True, pool=Deadly())
    assert not audit.usable
    assert finding(audit, "audio.crashed").examples == ("died",)
    assert finding(audit, "audio.undecodable").songs == ("3",)


def test_a_folder_that_is_not_there_is_no_finding_but_an_error(
    tmp_path: Path, audited: Make
) -> None:
    (tmp_path / "file").touch()
    for place in ("nowhere", "file"):
        with pytest.raises(DataError, match=f"{place}: no such folder"):
            audited(tmp_path / place)


def test_an_empty_folder_says_what_fetches_deam(tmp_path: Path, audited: Make) -> None:
    audit = audited(tmp_path)
    assert not audit.usable
    assert [finding.code for finding in audit.findings] == ["labels.table", "labels.table"]
    assert audit.fetch.endswith("--parts annotations,metadata,features,audio")


def test_findings_come_most_important_first(troubled: Any, audited: Make) -> None:
    (troubled.root / "metadata" / "metadata_2014.csv").write_text("song_id,artist\nx,Nobody\n")
    severities = [finding.severity for finding in audited(troubled.root).findings]
    assert severities[0] == "unusable"
    order = ["unusable", "left out", "handled", "fact"]
    assert severities == sorted(severities, key=order.index)
    assert set(severities) == set(order)
