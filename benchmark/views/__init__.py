"""Frames to what a model takes: `Windows`, `Sequence` and `Summary`, all on the label grid."""

from benchmark.views.sequence import Sequence
from benchmark.views.summary import Summary
from benchmark.views.windows import Windows, window_mean

__all__ = ["Sequence", "Summary", "Windows", "window_mean"]
