"""Frames to what a model takes: windows, passages, a sequence, a summary, on the label grid."""

from benchmark.views.passages import Passages
from benchmark.views.sequence import Sequence
from benchmark.views.summary import Summary
from benchmark.views.windows import Windows, window_mean

__all__ = ["Passages", "Sequence", "Summary", "Windows", "window_mean"]
