"""Frames to what a model takes: windows, passages, a sequence, a summary, on the label grid."""

from benchmark.views.passages import Passages
from benchmark.views.scales import Lengths, Scales, Seconds, around
from benchmark.views.sequence import Sequence
from benchmark.views.several import Several
from benchmark.views.summary import Summary
from benchmark.views.windows import Windows, window_mean

__all__ = [
    "Lengths",
    "Passages",
    "Scales",
    "Seconds",
    "Sequence",
    "Several",
    "Summary",
    "Windows",
    "around",
    "window_mean",
]
