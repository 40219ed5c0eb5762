"""What travels and what is kept: frozen data, numpy and the standard library only."""

from benchmark.records.job import (
    CellPlan,
    Fold,
    JobRecord,
    Manifest,
    Predictions,
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
    "Manifest",
    "Predictions",
    "Song",
    "SongFrames",
    "TrainingCard",
]
