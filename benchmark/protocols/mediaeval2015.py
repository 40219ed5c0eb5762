"""Emotion in Music at MediaEval 2015 (Aljanaki, Yang & Soleymani): excerpts train, full songs test.

The 431 development songs are not published as a list. `mediaeval2015.yaml` holds them as they were
reconstructed, with how, and with the four that are in doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, ClassVar, Literal

import numpy as np
import yaml
from annotated_types import Ge, Gt, Lt

from benchmark.errors import DataError
from benchmark.interfaces import Protocol
from benchmark.layout.subsets import LAST_EXCERPT
from benchmark.protocols._draw import fold, units
from benchmark.records import Fold, Song

MISSING = 0.05
"""The share of development songs that may be missing, as where a file does not decode."""


@dataclass(frozen=True, kw_only=True)
class MediaEval2015(Protocol):
    """The full songs (ids above 2000) test; the 431 development excerpts train, or all excerpts.

    `train: dev431` is what MediaEval's participants and Malik et al. 2017 had; `train: all` works
    with any folder in DEAM's layout. The test songs are the same, so both share a table. A share
    (`validation`) of the training songs is set aside for early stopping, stratified by subset.
    """

    name: ClassVar[str] = "mediaeval2015"

    train: Literal["dev431", "all"] = "dev431"
    validation: Annotated[float, Gt(0), Lt(1)] = 0.15
    seed: Annotated[int, Ge(0)] = 0

    @property
    def in_words(self) -> str:
        trained = (
            "the 431 development excerpts of MediaEval 2015" if self.train == "dev431"
            else "all excerpts"
        )  # fmt: skip
        return (
            f"MediaEval 2015: {trained} train ({self.validation:.0%} of them validate, "
            f"draw {self.seed}), the full songs (ids above {LAST_EXCERPT}) test"
        )

    def draw(self, songs: Sequence[Song]) -> tuple[Fold, ...]:
        for song in songs:
            if not song.id.isdecimal():
                raise DataError(f"song {song.id}: its id is no number, as MediaEval's songs have")
        test = sorted(song.id for song in songs if int(song.id) > LAST_EXCERPT)
        tested = {song.work for song in songs if song.id in test}
        excerpts = [
            song for song in songs if int(song.id) <= LAST_EXCERPT and song.work not in tested
        ]
        if self.train == "dev431":
            listed = development_songs()
            excerpts = [song for song in excerpts if song.id in listed]
            if len(excerpts) < (1 - MISSING) * len(listed):
                raise DataError(
                    f"train = dev431: {len(excerpts)} of the {len(listed)} development songs of "
                    f"DEAM are here; is this DEAM, with all its songs? train = all works with any"
                )
        if not test or len(excerpts) < 2:
            raise DataError(
                f"{len(test)} full songs (ids above {LAST_EXCERPT}) to test and {len(excerpts)} "
                f"excerpts to train; 1 and 2 or more work"
            )
        random = np.random.default_rng(self.seed)
        return (fold(0, units(excerpts, "song"), set(test), self.validation, random),)


@cache
def development_songs() -> frozenset[str]:
    """Return the ids of the 431 development songs, the doubtful ones among them."""
    text = files("benchmark.protocols").joinpath("mediaeval2015.yaml").read_text(encoding="utf-8")
    listed = yaml.safe_load(text)
    return frozenset(str(song) for song in (*listed["songs"], *listed["doubtful"]))
