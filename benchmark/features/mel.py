"""Log-mel bands: what the starting project (track_emo_reco) fed its arousal CNN as "MFCC"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Ge, Gt

from benchmark.features._spectrum import MelPower, Spectral, decibels
from benchmark.interfaces import Frames, Staged


@dataclass(frozen=True, kw_only=True)
class Mel(Spectral, Staged):
    """Log-mel spectrogram: 96 bands at 12 kHz, 47 frames a second.

    The mel-filtered power spectrum to decibels as an amplitude, 20 log10(max(S, amin)) re 1,
    without `top_db`. Agrees with `librosa.amplitude_to_db(librosa.feature.melspectrogram(...))`.
    """

    name: ClassVar[str] = "mel"
    source: ClassVar[str] = "track_emo_reco, the starting project of this suite"

    n_mels: Annotated[int, Ge(1)] = 96
    amin: Annotated[float, Gt(0)] = 1e-5

    @property
    def n_bins(self) -> int:
        return self.n_mels

    @property
    def first(self) -> Callable[[Frames], Frames]:
        return MelPower(self.sample_rate, self.n_fft, self.hop_length, self.n_mels)

    def second(self, made: Frames) -> Frames:
        return decibels(made, floor=self.amin, factor=20.0)
