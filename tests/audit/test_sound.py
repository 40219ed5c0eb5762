from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmark.audio import decode
from benchmark.audit.finding import Audit, Finding
from benchmark.audit.sound import hear
from benchmark.errors import DataError
from benchmark.records import TARGETS

Make = Callable[..., Audit]
Find = Callable[[Audit, str], Finding]
Codes = Callable[[Audit], set[str]]


@pytest.fixture(scope="module")
def encoded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return two seconds of stereo noise, and silence, as each kind of file."""
    folder = tmp_path_factory.mktemp("audio")
    noise = np.random.default_rng(0).normal(0, 0.1, (44_100, 2))
    files = {}
    for name, samples in (("noise", noise), ("silence", 0 * noise)):
        for ending in ("mp3", "wav", "flac", "ogg"):
            path = folder / f"{name}.{ending}"
            soundfile.write(path, samples, 22_050)
            files[path.name] = path.read_bytes()
    return files


@settings(
    max_examples=150,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    name=st.sampled_from(
        [f"{what}.{end}" for what in ("noise", "silence") for end in ("mp3", "wav", "flac", "ogg")]
    ),
    cut=st.floats(0, 1),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=4),
)
def test_what_decoding_in_blocks_tells_is_what_a_run_decodes(
    encoded: dict[str, bytes],
    tmp_path: Path,
    name: str,
    cut: float,
    flips: list[tuple[float, int]],
) -> None:
    content = bytearray(encoded[name][: round(cut * len(encoded[name]))] or encoded[name])
    for place, value in flips:
        content[int(place * len(content))] = value
    path = tmp_path / f"1{Path(name).suffix}"
    path.write_bytes(content)
    heard = hear(path)
    try:
        audio = decode(path)
    except DataError:
        assert heard.error
    else:
        assert heard.error == ""
        assert (heard.seconds, heard.rate, heard.silent) == (
            audio.seconds,
            audio.rate,
            audio.silent,
        )
        assert heard.channels in (1, 2)


def test_a_file_that_only_other_libraries_decode_is_one_that_a_run_cannot_use(
    tmp_path: Path,
) -> None:
    av = pytest.importorskip("av")
    path = tmp_path / "1.mp3"  # AAC, whatever its name says
    with av.open(str(path), "w", format="adts") as container:
        stream = container.add_stream("aac", rate=44_100)
        frame = av.AudioFrame.from_ndarray(
            np.zeros((1, 4096), dtype=np.float32), format="fltp", layout="mono"
        )
        frame.sample_rate = 44_100
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    with pytest.raises(DataError, match="cannot be decoded"):
        decode(path)
    assert "1.mp3: cannot be decoded" in hear(path).error


@pytest.fixture
def mixed(empty_deam: Any, tone: Callable[..., np.ndarray]) -> Any:
    """Return a folder with the oddities of DEAM's audio, each file of 4 s but for song 272."""
    formats = {
        **dict.fromkeys((2, 3, 4, 5, 272), (44100, 2)),
        **dict.fromkeys((10, 1198), (48000, 2)),
        1010: (22_050, 1),
        1024: (16_000, 2),
        811: (44_100, 1),
    }
    for target in TARGETS:
        rows = {song: [0.1, 0.2, 0.3] for song in formats}
        empty_deam.write_table(target, rows, starts=(2500, 3000, 3500))
    for song, (rate, channels) in formats.items():
        samples = tone(3.643 if song == 272 else 4.0, rate=rate, seed=song)
        stereo = np.stack([samples] * channels, axis=1)
        empty_deam.write_audio(f"{song}.flac", stereo, rate=rate)
    return empty_deam


def test_rates_and_channels_unlike_most_are_named_song_by_song(
    mixed: Any, audited: Make, finding: Find
) -> None:
    audit = audited(mixed.root, decode=True)
    rates = finding(audit, "audio.rates")
    assert rates.severity == "handled"
    assert rates.figures["files"] == {"16000": 1, "22050": 1, "44100": 6, "48000": 2}
    assert rates.figures["of_song"] == {
        "10": 48_000,
        "1010": 22_050,
        "1024": 16_000,
        "1198": 48_000,
    }
    assert rates.songs == ("10", "1010", "1024", "1198")
    assert "(44,100 Hz): 2 at 48,000 Hz, 1 at 22,050 Hz, 1 at 16,000 Hz" in rates.text
    channels = finding(audit, "audio.channels")
    assert channels.figures["of_song"] == {"811": 1, "1010": 1}
    assert channels.text.startswith("2 songs with other channels than most (2): 2 with 1")


def test_a_file_that_ends_before_its_last_label_does_is_padded(
    mixed: Any, audited: Make, finding: Find
) -> None:
    audit = audited(mixed.root, decode=True)
    padded = finding(audit, "audio.padded")
    assert padded.figures["missing_seconds"] == {"272": pytest.approx(0.357, abs=1e-3)}
    assert audit.verdict == "usable, 10 of 10 rated songs"


def test_songs_of_one_format_are_no_finding(deam_folder: Any, audited: Make, codes: Codes) -> None:
    assert not codes(audited(deam_folder.root, decode=True)) & {"audio.rates", "audio.channels"}


def test_files_of_other_names_and_kinds_are_told(
    deam_folder: Any, audited: Make, finding: Find
) -> None:
    audio = deam_folder.root / "MEMD_audio"
    for name in ("cover.mp3", "7.m4a", "notes.txt", "._3.wav"):
        (audio / name).write_bytes(b"?")
    others = finding(audited(deam_folder.root), "audio.others")
    assert others.severity == "left out"
    names = {Path(name).name for name in others.figures["files"]}
    assert names == {"cover.mp3", "7.m4a", "._3.wav"}


def test_equal_copies_are_handled_and_broken_links_are_told(
    deam_folder: Any, audited: Make, finding: Find
) -> None:
    audio = deam_folder.root / "MEMD_audio"
    shutil.copy(audio / "2.wav", deam_folder.root / "2.wav")
    (audio / "7.wav").symlink_to(audio / "nowhere.wav")
    for place in (audio, deam_folder.root):
        (place / "3.wav").write_bytes(b"no music")
    audit = audited(deam_folder.root, decode=True)
    assert audit.verdict == "usable, 5 of 6 rated songs"
    assert finding(audit, "audio.copies").songs == ("2", "3")
    assert "7.wav cannot be read" in finding(audit, "audio.unread").examples[0]


def test_music_to_predict_is_a_fact_and_no_audio_of_a_song(
    deam_folder: Any, audited: Make, finding: Find, codes: Codes
) -> None:
    (deam_folder.root / "test_songs").mkdir()
    for name in ("2.wav", "7.mp3", "cover.m4a"):
        (deam_folder.root / "test_songs" / name).write_bytes(b"music")
    audit = audited(deam_folder.root, decode=True)
    assert audit.verdict == "usable, 6 of 6 rated songs"
    fact = finding(audit, "audio.test_songs")
    assert fact.severity == "fact"
    assert fact.text.startswith("3 audio files in a folder test_songs")
    assert not codes(audit) & {"audio.others", "audio.differ", "audio.unrated"}


def test_without_decoding_each_file_is_read_once(
    deam_folder: Any, audited: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    read_bytes = Path.read_bytes

    def counted(path: Path) -> bytes:
        read.append(path)
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", counted)
    audited(deam_folder.root)
    audio = [path.name for path in read if path.parent.name == "MEMD_audio"]
    assert sorted(audio) == [f"{song}.wav" for song in range(1, 7)]
