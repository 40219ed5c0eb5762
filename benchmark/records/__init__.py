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
    Tuning,
)
from benchmark.records.sheet import SongSheet
from benchmark.records.song import LABEL_PERIOD, TARGETS, Corpus, Song, SongFrames
from benchmark.records.study import StudyRecord, TrialRecord

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
    "SongSheet",
    "StudyRecord",
    "TrainingCard",
    "TrialRecord",
    "Tuning",
]
