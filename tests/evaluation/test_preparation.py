from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, ClassVar

import numpy as np
import pytest
import soundfile

from benchmark.audio import Audio, decode
from benchmark.errors import ChangedError
from benchmark.evaluation import cache as caching
from benchmark.evaluation import preparation, versions
from benchmark.evaluation.cache import AudioFacts, FeatureCache
from benchmark.evaluation.preparation import (
    Preparation,
    Prepared,
    extracted,
    length_note,
    prepare,
)
from benchmark.features.chroma import Chroma
from benchmark.features.mel import Mel
from benchmark.features.mfcc import Mfcc
from benchmark.interfaces import Extractor, Frames, Staged
from benchmark.records import Song

MEL = Mel(n_mels=8)
MFCC = Mfcc(n_mels=8, n_mfcc=4)
HASH = hashlib.sha256(b"any").hexdigest()


@pytest.fixture
def cache(tmp_path: Path) -> FeatureCache:
    return FeatureCache(tmp_path / "cache")


@pytest.fixture
def song(tmp_path: Path, make_song: Callable[..., Song], tone: Callable[..., np.ndarray]) -> Song:
    path = tmp_path / "7.wav"
    soundfile.write(path, tone(4.0), 12_000)
    return replace(
        make_song("7"), audio=path, audio_hash=hashlib.sha256(path.read_bytes()).hexdigest()
    )


def files(cache: FeatureCache) -> list[str]:
    return sorted(path.name for path in cache.root.rglob("*") if path.is_file())


@dataclass(frozen=True, kw_only=True)
class Constant(Extractor):
    """An extractor that does as it is told."""

    name: ClassVar[str] = "constant"

    shape: tuple[int, ...] = (5, 2)
    value: float = 0.0

    rate: ClassVar[int] = 12_000
    hop: ClassVar[float] = 0.1
    support: ClassVar[float] = 0.1
    n_bins: ClassVar[int] = 2

    def extract(self, samples: Frames) -> Frames:
        return np.full(self.shape, self.value, dtype=np.float32)


def test_the_key_is_made_of_content_parameters_and_versions(
    cache: FeatureCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = cache.path(HASH, MEL)
    different = {
        "content": cache.path(HASH[::-1], MEL),
        "parameter": cache.path(HASH, Mel(n_mels=9)),
        "extractor": cache.path(HASH, MFCC),
    }
    changes = {
        "version": (Mel, "version", Mel.version + 1),
        "library": (versions, "_version", lambda name: "0.0.1" if name == "librosa" else "1"),
        "decoding": (versions, "AUDIO_VERSION", versions.AUDIO_VERSION + 1),
    }
    for name, change in changes.items():
        with monkeypatch.context() as changed:
            changed.setattr(*change)
            caching._kind.cache_clear()  # none of it changes while a process runs
            different[name] = cache.path(HASH, MEL)
    caching._kind.cache_clear()
    assert len({path, *different.values()}) == 7
    assert cache.path(HASH, Mel(n_mels=8)) == path


def test_the_key_does_not_depend_on_where_the_cache_lies(
    cache: FeatureCache, tmp_path: Path
) -> None:
    elsewhere = FeatureCache(tmp_path / "elsewhere")
    relative = elsewhere.path(HASH, MEL).relative_to(elsewhere.root)
    assert relative == cache.path(HASH, MEL).relative_to(cache.root)


def test_what_was_extracted_lies_in_the_cache(cache: FeatureCache, song: Song) -> None:
    wanted = Preparation(song, (MEL, MFCC), cache)
    assert wanted.missing()
    assert prepare(wanted) == Prepared()
    assert wanted.heard and not wanted.missing()
    samples, _ = soundfile.read(song.audio, dtype="float32")
    for extractor in (MEL, MFCC):
        stored = np.load(cache.path(song.audio_hash, extractor))
        np.testing.assert_array_equal(stored, extractor.extract(samples))
    assert cache.facts(song.audio_hash) == AudioFacts(seconds=4.0, silent=False)


def test_one_decode_serves_every_extractor(
    cache: FeatureCache, song: Song, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = []
    decode = preparation.decode
    monkeypatch.setattr(
        preparation, "decode", lambda path, **how: decoded.append(path) or decode(path, **how)
    )
    prepare(Preparation(song, (MEL, MFCC, Chroma()), cache))
    assert decoded == [song.audio]


@pytest.mark.parametrize("other", [MFCC, Mel(n_mels=8, amin=1e-3), Mel(n_mels=9), Chroma()])
def test_a_shared_first_step_changes_no_bit(song: Song, other: Extractor) -> None:
    assert song.audio is not None
    audio = decode(song.audio)
    together = dict(extracted(audio, (MEL, other)))
    for extractor in (MEL, other):
        alone = extractor.extract(audio.resampled(extractor.rate))
        np.testing.assert_array_equal(together[extractor], alone, strict=True)


@dataclass(frozen=True)
class Count:
    """A first step: how many samples there are, and how often it was asked."""

    asked: ClassVar[list[int]] = []

    def __call__(self, samples: Frames) -> Frames:
        self.asked.append(len(samples))
        return np.array([len(samples)], dtype=np.float32)


@dataclass(frozen=True, kw_only=True)
class Length(Staged):
    """The number of samples times a factor, of which the number may be shared."""

    name: ClassVar[str] = "length"
    hop: ClassVar[float] = 0.1
    support: ClassVar[float] = 0.1
    n_bins: ClassVar[int] = 1

    rate: int = 12_000
    factor: float = 1.0
    careless: bool = False

    @property
    def first(self) -> Count:
        return Count()

    def second(self, made: Frames) -> Frames:
        if self.careless:
            made *= 0
        return (made * self.factor)[:, None]


def test_a_first_step_is_done_once_a_rate() -> None:
    Count.asked.clear()
    audio = Audio(np.zeros(24_000, dtype=np.float32), 12_000)
    wanted = Length(), Length(factor=2.0), Length(rate=6_000), Length(rate=6_000, factor=3.0)
    values = [float(frames[0, 0]) for _, frames in extracted(audio, wanted)]  # type: ignore[index]
    assert values == [24_000, 48_000, 12_000, 36_000]
    assert Count.asked == [24_000, 12_000]


def test_a_second_step_cannot_spoil_what_others_share() -> None:
    audio = Audio(np.zeros(100, dtype=np.float32), 12_000)
    (_, failed), (_, frames) = extracted(audio, (Length(careless=True), Length()))
    assert "read-only" in str(failed)
    assert frames == np.array([[100]])


def test_only_what_is_missing_is_extracted(cache: FeatureCache, song: Song) -> None:
    prepare(Preparation(song, (MEL,), cache))
    before = cache.path(song.audio_hash, MEL).stat().st_mtime_ns
    both = Preparation(song, (MEL, MFCC), cache)
    assert both.missing()
    prepare(both)
    assert both.heard and not both.missing()
    assert cache.path(song.audio_hash, MEL).stat().st_mtime_ns == before


def test_a_song_without_its_facts_is_decoded_again(cache: FeatureCache, song: Song) -> None:
    wanted = Preparation(song, (MEL,), cache)
    prepare(wanted)
    (facts,) = cache.root.rglob("audio-v*.json")
    facts.write_text("{")
    assert not wanted.heard
    assert prepare(wanted) == Prepared()
    assert wanted.heard and not wanted.missing()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "song 7: 7.wav: cannot be decoded"),
        (b"noise" * 99, "song 7: 7.wav: cannot be decoded"),
    ],
)
def test_an_unusable_song_gives_a_reason_and_no_files(
    cache: FeatureCache, song: Song, content: bytes, reason: str
) -> None:
    song.audio.write_bytes(content)
    song = replace(song, audio_hash=hashlib.sha256(content).hexdigest())
    assert prepare(Preparation(song, (MEL,), cache)).unusable.startswith(reason)
    assert files(cache) == []


def test_a_song_without_audio_gives_a_reason(cache: FeatureCache, make_song: Any) -> None:
    assert prepare(Preparation(make_song("7"), (MEL,), cache)).unusable == (
        "song 7: has no audio file"
    )


@pytest.mark.parametrize(
    ("extractor", "reason"),
    [
        (Constant(value=np.nan), "song 7: DataError: constant.* gave NaN or infinite values"),
        (
            Constant(shape=(5, 3)),
            r"song 7: .* constant.* gave an array \(5, 3\), expected \(n_frames, 2\)",
        ),
        (Constant(shape=(0, 2)), r"song 7: .* constant.* gave an array \(0, 2\)"),
        (Constant(shape=(5,)), r"song 7: .* constant.* gave an array \(5,\)"),
    ],
)
def test_what_an_extractor_may_not_give_is_its_failure_and_not_the_songs(
    cache: FeatureCache, song: Song, extractor: Extractor, reason: str
) -> None:
    done = prepare(Preparation(song, (extractor, MEL), cache))
    assert done.unusable == ""
    assert re.search(reason, done.failures[extractor.label])
    assert Preparation(song, (extractor,), cache).missing()
    assert Preparation(song, (MEL,), cache).heard and not Preparation(song, (MEL,), cache).missing()


def test_a_crash_while_writing_leaves_no_partial_file(
    cache: FeatureCache, song: Song, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(file: IO[bytes], frames: Frames) -> None:
        file.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(caching.np, "save", crash)
    with pytest.raises(KeyboardInterrupt):
        prepare(Preparation(song, (MEL,), cache))
    assert not cache.holds(song.audio_hash, MEL)
    assert not [name for name in files(cache) if name.endswith(".npy")]


@pytest.mark.parametrize(
    ("seconds", "silent", "keep", "note"),
    [
        (4.0, False, True, ""),
        (3.5, False, True, ""),
        (
            3.2,
            False,
            True,
            "song 7: lasts 3.20 s, last label needs audio to 3.5 s; padded with its",
        ),
        (
            2.5,
            False,
            True,
            "song 7: lasts 2.50 s, last label needs audio to 3.5 s; padded with its",
        ),
        (2.4, False, False, "song 7: lasts 2.40 s, .*; more than 1 s are missing, left out"),
        (2.4, True, False, "more than 1 s are missing, left out"),
        (4.0, True, True, "song 7: silent; kept"),
        (3.2, True, True, "song 7: silent; kept; lasts 3.20 s, .*; padded"),
    ],
)
def test_a_song_must_last_as_long_as_its_labels(
    make_song: Callable[..., Song], seconds: float, silent: bool, keep: bool, note: str
) -> None:
    kept, said = length_note(make_song("7"), AudioFacts(seconds, silent))
    assert kept is keep
    assert re.search(note, said) if note else said == ""


def test_a_file_that_changed_since_it_was_hashed_is_kept_under_no_name(
    cache: FeatureCache, song: Song
) -> None:
    """Its frames would be found under the hash of the old file, for ever."""
    soundfile.write(song.audio, np.zeros(48_000), 12_000)
    with pytest.raises(ChangedError, match=r"7\.wav: changed while it was being used; run again"):
        prepare(Preparation(song, (MEL,), cache))
    assert files(cache) == []
