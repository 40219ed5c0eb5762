"""Features of one excerpt, from the MP3 file to the frames of three extractors."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec
from pathlib import Path

import rivals
from measuring import Goal, Row, Section, by_turns

from benchmark.audio import decode
from benchmark.evaluation.preparation import extracted
from benchmark.features.chroma import Chroma
from benchmark.features.mel import Mel
from benchmark.features.mfcc import Mfcc
from benchmark.interfaces import Extractor

SEEDS = (Mel(), Mfcc(), Chroma())
SPARSE = (Mel(), Mfcc(), Chroma(hop_length=3_000))
"""Chroma four times a second, not ten: a frame sees 1.4 s either way."""
N_SLOW = 8
"""Files for those who take seconds."""


def section(files: list[Path]) -> Section:
    """Measure all on the same excerpts, one thread each."""
    bare, ours, sparse, tuned, plain = by_turns(
        [
            decoded,
            partial(framed, extractors=SEEDS),
            partial(framed, extractors=SPARSE),
            rivals.librosa_features,
            partial(rivals.librosa_features, tuning=0.0),
        ],
        files,
    )
    what = "mel + MFCC + chroma of an MP3"
    rows = [
        Row(what, "decode + resample", "s", ours, bare, Goal("at most", 1.25)),
        Row(f"{what}, chroma four times a second", "decode + resample", "s", sparse, bare),
        Row(what, "librosa, one pass each", "s", ours, tuned, Goal("at least", 2.5), faster=True),
        Row(what, "librosa, tuning given", "s", ours, plain, faster=True),
    ]
    few = files[:N_SLOW]
    ours, theirs = by_turns([partial(framed, extractors=SEEDS), rivals.seed_features], few)
    seed = Row(
        what, "the seed, window by window", "s", ours, theirs, Goal("at least", 20), faster=True
    )
    rows.append(seed)
    if find_spec("opensmile"):
        ours, theirs = by_turns(
            [partial(framed, extractors=SEEDS), rivals.opensmile_descriptors], few
        )
        rows.append(
            Row(what, "openSMILE, ComParE", "s", ours, theirs, Goal("at least", 25), faster=True)
        )
    return Section(
        rows,
        [
            f"Features: {len(files)} excerpts of 45 s, 44.1 kHz stereo ({N_SLOW} where a rival is "
            f"slow), by turns in one process with one thread. The seed's recipe has no MFCC. "
            f"librosa estimates the tuning of a song unless it is given."
        ],
    )


def decoded(file: Path) -> None:
    """Do what nobody can do without."""
    decode(file).resampled(rivals.RATE)


def framed(file: Path, *, extractors: tuple[Extractor, ...]) -> None:
    """Do what a run does for a song."""
    for _, frames in extracted(decode(file), extractors):
        if isinstance(frames, Exception):
            raise frames
