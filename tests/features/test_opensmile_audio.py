"""openSMILE from audio: the values of DEAM's recipe, the same in whatever blocks a song comes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmark.audio import decode
from benchmark.errors import BenchmarkError
from benchmark.features import opensmile_audio
from benchmark.features.opensmile_audio import RATE, OpensmileAudio, load_opensmile
from benchmark.features.opensmile_means import TABLE
from benchmark.prediction.frames import FrameStream

FEATURE = OpensmileAudio()
MEDIAEVAL = """
[componentInstances:cComponentManager]
instance[dataMemory].type=cDataMemory
\\{{\\cm[source{{?}}:source]}}
\\{{{descriptors}}}
[componentInstances:cComponentManager]
instance[moments].type=cFunctionals
[moments:cFunctionals]
reader.dmLevel={levels}
writer.dmLevel=func
copyInputName=1
frameMode=fixed
frameSize=1
frameStep=0.5
frameCenterSpecial=left
functionalsEnabled=Moments
Moments.variance=0
Moments.stddev=1
Moments.skewness=0
Moments.kurtosis=0
Moments.amean=1
\\{{\\cm[sink{{?}}:sink]}}
"""
"""SD and mean of all descriptors and deltas over 1 s every 0.5 s, left to openSMILE."""


@pytest.fixture(scope="module", params=["synthetic", "real"])
def song(request: pytest.FixtureRequest, tone: Callable[..., np.ndarray]) -> np.ndarray:
    """Half a minute at 44.1 kHz: made here, and real where the real data is."""
    if request.param == "synthetic":
        return tone(30.0, rate=RATE)
    folder = request.getfixturevalue("shared_datasets") / "emotify_sample"
    return decode(folder / "pop10.mp3").resampled(RATE)


@pytest.fixture(scope="module")
def frames(song: np.ndarray) -> np.ndarray:
    return FEATURE.extract(song)


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> object:
    """Return openSMILE itself with DEAM's windows."""
    opensmile = load_opensmile()
    folder = Path(opensmile.__file__).parent / "core" / "config" / "is09-13"
    levels = [f"is13_{part}" for part in ("lld_nzsmo", "lldA_smo", "lldB_smo")]
    config = MEDIAEVAL.format(
        descriptors=folder / "IS13_ComParE_core.lld.conf.inc",
        levels=";".join([*levels, *(f"{level}_de" for level in levels)]),
    )
    path = tmp_path_factory.mktemp("opensmile") / "mediaeval.conf"
    path.write_text(config)
    return opensmile.Smile(str(path), "func", sampling_rate=RATE)


def test_columns_are_in_the_order_of_deam(theirs: object, shared_datasets: Path) -> None:
    (path,) = shared_datasets.rglob(TABLE)
    with path.open(encoding="utf-8") as file:
        means = file.readline().strip().split(",")[1:]
    expected = [
        name.replace("_amean", moment) for name in means for moment in ("_stddev", "_amean")
    ]
    assert expected[0] == "F0final_sma_stddev"
    assert [n.replace("pcm_fftMag_mfcc", "mfcc") for n in expected] == theirs.feature_names


def test_45_s_have_the_88_rows_that_deam_has(theirs: object) -> None:
    noise = 0.1 * np.random.default_rng(0).normal(size=45 * RATE).astype(np.float32)
    assert theirs.process_signal(noise, RATE).shape == (88, 260)


def test_frames_are_those_of_opensmile(
    theirs: object, song: np.ndarray, frames: np.ndarray
) -> None:
    """But for the deltas of the voice, and jitter, shimmer and harmonics to noise: 20 of 260."""
    table = theirs.process_signal(song, RATE)
    expected = table.to_numpy()
    assert table.index[3][0].total_seconds() == 1.5
    off = np.abs(frames[: len(expected)] - expected) / (expected.std(axis=0) + 1e-9)
    other = {
        name.rpartition("_")[0].replace("_sma", "")
        for name, worst in zip(table.columns, np.percentile(off, 99, axis=0), strict=True)
        if worst > 0.01
    }
    memory = {"jitterLocal", "jitterDDP", "shimmerLocal", "logHNR"}
    voice = {"F0final", "voicingFinalUnclipped", *memory}
    assert other <= memory | {f"{name}_de" for name in voice}
    assert len(expected) == len(frames) - 3


def test_deltas_of_pitch_do_not_fade_in_the_course_of_a_song() -> None:
    """A siren: openSMILE's own deltas of its pitch are 20 times less after 28 s than at 1 s."""
    at = np.arange(30 * RATE) / RATE
    pitch = 250 + 50 * np.sin(2 * np.pi * at)
    siren = 0.3 * np.sign(np.sin(2 * np.pi * np.cumsum(pitch) / RATE)).astype(np.float32)
    spread = FEATURE.extract(siren)[:, 2 * 65]  # SD of the delta of F0final
    assert spread[50:55].mean() == pytest.approx(spread[4:9].mean(), rel=0.2)
    assert spread.min() > 0.5


def test_a_song_in_blocks_has_the_frames_of_the_whole(song: np.ndarray, frames: np.ndarray) -> None:
    stream = FrameStream(FEATURE)
    length = 7 * RATE + 123
    parts = [song[at : at + length] for at in range(0, len(song), length)]
    found = [stream.push(part, last=False) for part in parts]
    assert sum(len(made) for made in found) >= 2 * (29 - FEATURE.support / 2)
    found.append(stream.push(song[:0], last=True))
    np.testing.assert_allclose(np.concatenate(found), frames, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("seconds", [0.02, 0.1, 0.5, 1.0])
def test_a_short_sound_has_a_frame_for_each_half_second(
    tone: Callable[..., np.ndarray], seconds: float
) -> None:
    found = FEATURE.extract(tone(seconds, rate=RATE))
    assert found.shape == (1 + int(2 * seconds), 260)
    assert np.isfinite(found).all()


def test_full_scale_is_not_taken_for_its_opposite() -> None:
    """openSMILE hears 16 bits, in which 1.0 would wrap around to -1.0."""
    square = np.repeat([1.0, 0.5], 50)[None].repeat(441, axis=0).ravel().astype(np.float32)
    quieter = np.minimum(square, np.float32(32767 / 32768))
    np.testing.assert_array_equal(FEATURE.extract(square), FEATURE.extract(quieter))


def test_without_the_package_the_error_says_what_to_install_and_its_licence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "opensmile", None)
    opensmile_audio._smile.cache_clear()
    message = (
        r"opensmile_audio needs the package 'opensmile', which is not installed: pip install "
        r"'mer-benchmark\[opensmile\]' \(its licence is free for private, educational and research "
        r"use, not for products\)"
    )
    with pytest.raises(BenchmarkError, match=message):
        FEATURE.extract(np.zeros(RATE, dtype=np.float32))
    opensmile_audio._smile.cache_clear()


AFTER_TENSORFLOW = """
import tensorflow
import numpy as np
from benchmark.features.opensmile_audio import OpensmileAudio
print(OpensmileAudio().extract(np.ones(44_100, dtype=np.float32)).shape)
"""


@pytest.mark.slow
def test_it_lives_in_one_process_with_tensorflow() -> None:
    """Its library would find TensorFlow's C++ library and end the process."""
    answer = subprocess.run(
        [sys.executable, "-c", AFTER_TENSORFLOW], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "(3, 260)"
