"""Windows of consecutive labels in one piece: what they share is convolved once."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.interfaces import Feature, Frames, Indices, View
from benchmark.records import LABEL_PERIOD, SongFrames
from benchmark.views.windows import Level, Windows


@dataclass(frozen=True)
class Passages(View):
    """Pieces of `labels` consecutive windows, for a network that is convolutional in time.

    Windows of 1.5 s overlap by two thirds: cut apart, each half second is convolved three times. In
    one piece it is convolved once, and the values are the same, if windows begin where the network
    has a row: `pooled` is how many frames it pools to one, and a half second must be a multiple of
    them. With one label, a piece is a window.
    """

    windows: Windows
    labels: int = 1
    pooled: int = 1

    def rows(self, song: SongFrames, which: Indices | None = None) -> Frames:
        return self.windows.rows(song, which)

    def pieces(self, song: SongFrames, first: Indices, *, level: Level) -> Frames:
        """Return the pieces that begin with the labels `first`: (len(first), n_frames, n_bins).

        A piece may go on after the last label of its song.
        """
        more = (self.labels - 1) * self.step(song.hop)
        return self.windows.cut(song, song.times[first], level=level, more=more)

    def step(self, hop: float) -> int:
        """Return the frames from one window to the next."""
        return round(LABEL_PERIOD / hop)

    @property
    def reach(self) -> float:
        return self.windows.reach

    def refusal(self, feature: Feature) -> str:
        refused = self.windows.refusal(feature)
        if refused or self.labels == 1:
            return refused
        step = self.step(feature.hop)
        if abs(step * feature.hop - LABEL_PERIOD) < 1e-9 and step % self.pooled == 0:
            return ""
        return (
            f"passages need half seconds of a multiple of {self.pooled} frames, which a hop of "
            f"{feature.hop:g} s has not; a hop_length of 250 at 12,000 Hz has 24, and passage: 1 "
            f"takes any"
        )
