"""What travels and what is kept: frozen data, numpy and the standard library only."""

from benchmark.records.fold import Fold, LabelSplit
from benchmark.records.job import (
    CellPlan,
    JobRecord,
    Manifest,
    Predictions,
    RaterErrors,
    Shared,
    TrainingCard,
)
from benchmark.records.song import LABEL_PERIOD, TARGETS, Corpus, Song, SongFrames

__all__ = [
    "LABEL_PERIOD",
    "TARGETS",
    "CellPlan",
    "Corpus",
    "Fold",
    "JobRecord",
    "LabelSplit",
    "Manifest",
    "Predictions",
    "RaterErrors",
    "Shared",
    "Song",
    "SongFrames",
    "TrainingCard",
]
