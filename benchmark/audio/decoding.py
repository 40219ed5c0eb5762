"""Decodes any file libsndfile reads to mono samples at a given rate; no external program."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmark.errors import ChangedError, DataError

AUDIO_VERSION = 1
"""Raise it when the same file would decode to other samples: it is part of every key."""
FORMATS = (".mp3", ".wav", ".flac", ".ogg", ".opus", ".aif", ".aiff")

SILENCE = 1e-5
"""-100 dB of full scale: music of which no sample is as loud is silent."""


@dataclass(frozen=True)
class Audio:
    """Mono samples, float32, with the rate (Hz) they were decoded at."""

    samples: npt.NDArray[np.float32]
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate

    @property
    def silent(self) -> bool:
        """No sample as loud as `SILENCE`."""
        return bool(max(self.samples.max(), -self.samples.min()) < SILENCE)

    def resampled(self, rate: int) -> npt.NDArray[np.float32]:
        """Return the samples at `rate` Hz (soxr, high quality)."""
        import soxr

        if rate == self.rate:
            return self.samples
        resampled: npt.NDArray[np.float32] = soxr.resample(self.samples, self.rate, rate)
        return resampled


def decode(path: Path, *, content: str = "") -> Audio:
    """Decode a file and average its channels. With `content`, only if that is its SHA-256.

    Raises
    ------
    DataError
        If the file cannot be decoded, holds no samples, or holds NaN or infinite ones.
    ChangedError
        If the file is another than that of `content`.
    """
    import soundfile

    try:
        encoded = path.read_bytes()
        if content and hashlib.sha256(encoded).hexdigest() != content:
            raise ChangedError(f"{path.name}: changed while it was being used; run again")
        channels, rate = soundfile.read(io.BytesIO(encoded), dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, OSError) as error:
        raise DataError(f"{path.name}: cannot be decoded ({error})") from error
    if len(channels) == 0:
        raise DataError(f"{path.name}: holds no audio")
    samples = mono(channels)
    if not np.isfinite(samples).all():
        raise DataError(f"{path.name}: holds samples that are not finite")
    return Audio(samples, rate)


def mono(channels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Average channels (n_samples, n_channels): bit for bit their mean.

    NumPy's `mean` over two channels takes longer than decoding them.
    """
    if channels.shape[1] != 2:
        average: npt.NDArray[np.float32] = channels.mean(axis=1)
        return average
    samples = channels[:, 0] + channels[:, 1]
    samples *= np.float32(0.5)
    return samples
