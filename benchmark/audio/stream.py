"""Decodes in blocks: the memory it takes does not grow with the song.

What libsndfile reads gives the samples that `decode` gives; FFmpeg's libraries (PyAV) read what it
does not: AAC, ALAC, WMA, the sound of videos.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmark.audio.decoding import FORMATS, Audio, mono
from benchmark.errors import DataError

if TYPE_CHECKING:
    import av
    import soundfile

ENDINGS = frozenset(
    {*FORMATS, ".aac", ".ac3", ".aifc", ".amr", ".ape", ".au", ".caf", ".m4a", ".m4b", ".mka"}
    | {".mkv", ".mov", ".mp2", ".mp4", ".mpc", ".oga", ".tta", ".w64", ".webm", ".wma", ".wv"}
)
"""What a file is called that is looked into when a folder is searched for songs."""


def blocks(path: Path, *, seconds: float) -> Iterator[Audio]:
    """Yield a file in blocks of about so many seconds, channels averaged.

    Raises
    ------
    DataError
        If the file cannot be decoded, holds no samples, or holds NaN or infinite ones; the blocks
        before that have been yielded.
    """
    import av
    import soundfile

    try:
        heard = False
        for block in _decoded(path, seconds):
            heard = True
            yield block
    except soundfile.LibsndfileError as error:
        raise DataError(f"{path.name}: cannot be decoded ({error.error_string})") from error
    except (av.FFmpegError, OSError) as error:
        raise DataError(f"{path.name}: cannot be decoded ({error.strerror or error})") from error
    if not heard:
        raise DataError(f"{path.name}: holds no audio")


def promised(path: Path) -> float:
    """Return the seconds that the header of a file promises; 0 where that is not known."""
    import soundfile

    try:
        with path.open("rb") as opened:
            seconds: float = soundfile.info(opened).duration
    except soundfile.LibsndfileError:
        return 0.0
    return seconds


def _decoded(path: Path, seconds: float) -> Iterator[Audio]:
    import av
    import soundfile

    if path.stat().st_size == 0:
        raise DataError(f"{path.name}: is an empty file")
    with path.open("rb") as opened:
        try:
            file = soundfile.SoundFile(opened)
        except soundfile.LibsndfileError as error:
            try:
                opened.seek(0)
                # Not by its name, in which a colon would mean a protocol.
                container = av.open(opened, mode="r")
            except av.FFmpegError as other:
                raise DataError(
                    f"{path.name}: cannot be decoded (libsndfile: "
                    f"{error.error_string.rstrip('.')}; FFmpeg: {other.strerror})"
                ) from other
            found = _ffmpeg(container, seconds)
        else:
            found = _libsndfile(file, seconds)
        for block in found:
            if not np.isfinite(block.samples).all():
                raise DataError(f"{path.name}: holds samples that are not finite")
            yield block


def _libsndfile(file: soundfile.SoundFile, seconds: float) -> Iterator[Audio]:
    with file:
        length = max(1, int(seconds * file.samplerate))
        read = length
        while read == length:  # a damaged file may go on after a gap; `decode` ends there
            channels = file.read(length, dtype="float32", always_2d=True)
            read = len(channels)
            if read:
                yield Audio(mono(channels), file.samplerate)


def _ffmpeg(container: av.container.InputContainer, seconds: float) -> Iterator[Audio]:
    import av

    with container:
        if not container.streams.audio:
            return
        stream = container.streams.audio[0]
        rate = stream.codec_context.sample_rate
        planar = av.AudioResampler(format="fltp", layout=stream.layout, rate=rate)
        waiting, length = [], 0
        for frame in container.decode(stream):
            for converted in planar.resample(frame):
                waiting.append(converted.to_ndarray().mean(axis=0))
                length += len(waiting[-1])
            if length >= seconds * rate:
                yield Audio(np.concatenate(waiting), rate)
                waiting, length = [], 0
        for converted in planar.resample(None):
            waiting.append(converted.to_ndarray().mean(axis=0))
        if waiting:
            yield Audio(np.concatenate(waiting), rate)
