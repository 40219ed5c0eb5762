"""Blocks of a file are the samples that decoding it at once gives; what is no music is named."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from benchmark.audio import blocks, decode
from benchmark.errors import DataError

RATE = 44_100
SECONDS = 2.5


@pytest.fixture(scope="module")
def stereo(tone: Callable[..., np.ndarray]) -> np.ndarray:
    left = tone(SECONDS, rate=RATE)
    return np.stack([left, 0.25 * left], axis=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, stereo: np.ndarray) -> Path:
    """The same music in several formats."""
    place = tmp_path_factory.mktemp("audio")
    for ending in ("wav", "flac", "ogg", "mp3", "aiff"):
        soundfile.write(place / f"song.{ending}", stereo, RATE)
    return place


def heard(path: Path, seconds: float = 60.0) -> np.ndarray:
    return np.concatenate([block.samples for block in blocks(path, seconds=seconds)])


def encode(path: Path, samples: np.ndarray, *, codec: str, rate: int, layout: str) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.layout = layout
        form = stream.codec_context.format.name
        planes = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples.T), format="fltp", layout=layout
        )
        planes.rate, planes.pts = rate, 0
        fitting = av.AudioResampler(format=form, layout=layout, rate=rate)
        for frame in [*fitting.resample(planes), *fitting.resample(None), None]:
            container.mux(stream.encode(frame))
    return path


def spoil(path: Path, *, suffix: str = "") -> Path:
    """Put noise into the middle of a copy of a file."""
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 2000] = np.random.default_rng(0).bytes(2000)
    spoilt = path.with_name(f"spoilt{suffix or path.suffix}")
    spoilt.write_bytes(content)
    return spoilt


@contextmanager
def unprivileged() -> Iterator[None]:
    """Be nobody for a while: root may read everything."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3", "aiff"])
@pytest.mark.parametrize("seconds", [60.0, SECONDS, 0.37, 0.01])
def test_blocks_are_the_decoded_samples(folder: Path, ending: str, seconds: float) -> None:
    path = folder / f"song.{ending}"
    expected = decode(path)
    found = list(blocks(path, seconds=seconds))
    assert {block.rate for block in found} == {expected.rate} == {RATE}
    assert max(len(block.samples) for block in found) <= max(1, int(seconds * RATE))
    samples = np.concatenate([block.samples for block in found])
    assert samples.dtype == np.float32
    np.testing.assert_array_equal(samples, expected.samples)


def test_real_music_comes_in_blocks(shared_datasets: Path) -> None:
    path = min((shared_datasets / "emotify_sample").glob("*.mp3"))
    np.testing.assert_array_equal(heard(path, 7.3), decode(path).samples)


@pytest.mark.parametrize(
    ("ending", "codec", "tolerance"), [("m4a", "aac", 0.12), ("m4a", "alac", 1e-4)]
)
@pytest.mark.parametrize("seconds", [60.0, 0.37])
def test_what_libsndfile_does_not_know_ffmpeg_decodes(
    tmp_path: Path, stereo: np.ndarray, ending: str, codec: str, tolerance: float, seconds: float
) -> None:
    path = encode(tmp_path / f"song.{ending}", stereo, codec=codec, rate=RATE, layout="stereo")
    samples = heard(path, seconds)
    expected = stereo.mean(axis=1)
    assert samples.dtype == np.float32
    assert len(expected) <= len(samples) < len(expected) + 1024
    error = samples[: len(expected)] - expected
    assert np.sqrt(np.square(error).mean()) < tolerance * expected.std()


def test_ffmpeg_averages_six_channels(tmp_path: Path, tone: Callable[..., np.ndarray]) -> None:
    samples = np.stack([tone(1.0, rate=48_000) * k / 6 for k in range(6)], axis=1)
    path = encode(tmp_path / "song.m4a", samples, codec="aac", rate=48_000, layout="5.1")
    error = heard(path)[: len(samples)] - samples.mean(axis=1)
    # AAC leaves out what is high in the channel of low frequencies.
    assert np.sqrt(np.square(error).mean()) < 0.3 * samples.mean(axis=1).std()


def test_libsndfile_averages_six_channels_at_96_khz(
    tmp_path: Path, tone: Callable[..., np.ndarray]
) -> None:
    samples = np.stack([tone(0.5, rate=96_000) * k / 6 for k in range(6)], axis=1)
    soundfile.write(tmp_path / "song.wav", samples, 96_000, subtype="FLOAT")
    (block,) = blocks(tmp_path / "song.wav", seconds=60)
    assert block.rate == 96_000
    np.testing.assert_allclose(block.samples, samples.mean(axis=1), atol=1e-6)


@pytest.mark.parametrize(("real", "called"), [("wav", "mp3"), ("mp3", "wav"), ("m4a", "mp3")])
def test_a_file_is_what_it_holds_not_what_it_is_called(
    folder: Path, tmp_path: Path, stereo: np.ndarray, real: str, called: str
) -> None:
    source = folder / f"song.{real}"
    if real == "m4a":
        encode(source, stereo, codec="aac", rate=RATE, layout="stereo")
    path = tmp_path / f"song.{called}"
    path.write_bytes(source.read_bytes())
    np.testing.assert_array_equal(heard(path), heard(source))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.mp3", b"", r"^a\.mp3: is an empty file$"),
        (
            "a.mp3",
            b"not a song\n" * 1000,
            r"^a\.mp3: cannot be decoded \(libsndfile: Format.+; FFmpeg: Inv.+\)$",
        ),
        ("a.txt", b"not a song\n" * 1000, r"^a\.txt: (holds no audio|cannot be decoded \(.+\))$"),
        *(
            (
                "a.mp3",
                np.random.default_rng(seed).bytes(200_000),
                r"^a\.mp3: (holds no audio|cannot be decoded \(.+\))$",
            )
            for seed in range(3)
        ),
    ],
    ids=["empty", "text as mp3", "text", "random 0", "random 1", "random 2"],
)
def test_what_is_no_audio_is_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        heard(tmp_path / name)


def test_a_picture_called_a_song_holds_no_audio(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        black = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
        container.mux(stream.encode(black))
        container.mux(stream.encode(None))
    with pytest.raises(DataError, match=r"^a\.mp4: holds no audio$"):
        heard(tmp_path / "a.mp4")


def test_a_header_without_music_is_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.flac").write_bytes((folder / "song.flac").read_bytes()[:42])
    with pytest.raises(DataError, match=r"^a\.flac: cannot be decoded \(.+\)$"):
        heard(tmp_path / "a.flac")
    soundfile.write(tmp_path / "a.wav", np.zeros(0), RATE)
    with pytest.raises(DataError, match=r"^a\.wav: holds no audio$"):
        heard(tmp_path / "a.wav")


@pytest.mark.parametrize("seconds", [60.0, 0.1])
def test_samples_that_are_not_finite_are_refused(tmp_path: Path, seconds: float) -> None:
    samples = np.zeros(RATE)
    samples[30_000] = np.nan
    soundfile.write(tmp_path / "a.wav", samples, RATE, subtype="FLOAT")
    with pytest.raises(DataError, match=r"^a\.wav: holds samples that are not finite$"):
        heard(tmp_path / "a.wav", seconds)


@pytest.mark.parametrize("seconds", [60.0, 0.1])
def test_a_flac_with_a_damaged_middle_is_refused_however_it_is_read(
    folder: Path, seconds: float
) -> None:
    """FFmpeg would pass over what is damaged: all that follows would come too early."""
    with pytest.raises(DataError, match=r"^spoilt\.flac: cannot be decoded \(.*lost sync"):
        heard(spoil(folder / "song.flac"), seconds)


def test_an_ogg_with_a_damaged_middle_ends_there(folder: Path) -> None:
    """What libsndfile would go on with after the gap would come too early."""
    path = spoil(folder / "song.ogg")
    expected = decode(path).samples
    assert 0 < len(expected) < SECONDS * RATE
    np.testing.assert_array_equal(heard(path), expected)


def test_an_m4a_with_a_damaged_middle_says_what_ffmpeg_says(
    tmp_path: Path, stereo: np.ndarray
) -> None:
    path = encode(tmp_path / "song.m4a", stereo, codec="aac", rate=RATE, layout="stereo")
    with pytest.raises(DataError, match=r"^spoilt\.m4a: cannot be decoded \(Invalid data found"):
        heard(spoil(path))


def test_a_folder_and_a_missing_file_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").mkdir()
    with pytest.raises(DataError, match=r"^a\.mp3: cannot be decoded \(Is a directory\)$"):
        heard(tmp_path / "a.mp3")
    with pytest.raises(DataError, match=r"^b\.mp3: cannot be decoded \(No such file"):
        heard(tmp_path / "b.mp3")


def test_a_file_that_may_not_be_read_is_named(folder: Path) -> None:
    path = folder / "song.wav"
    path.chmod(0o000)
    try:
        with (
            unprivileged(),
            pytest.raises(DataError, match=r"^song\.wav: cannot be decoded \(Perm"),
        ):
            heard(path)
    finally:
        path.chmod(0o644)
