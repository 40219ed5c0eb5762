"""Published numbers, and a computed verdict: may one be held against a track, and why not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml
from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass as checked

STRICT = ConfigDict(extra="forbid")


@checked(frozen=True, config=STRICT)
class Number:
    """An RMSE on ratings in [-1, 1], or Pearson's r, and what stands after its ±."""

    rmse: float | None = None
    pearson: float | None = None
    spread: float | None = None


@checked(frozen=True, config=STRICT)
class Published:
    """A system's numbers and what they were measured on."""

    system: str
    source: str
    dataset: str
    train: str
    test: str
    n_test_songs: int
    protocol: str
    averaging: str
    arousal: Number
    valence: Number
    spread_over: str = ""
    note: str = ""


@dataclass(frozen=True)
class Conditions:
    """What a track's numbers were measured on."""

    title: str
    known_as: str
    synthetic: bool
    protocol: str
    protocol_in_words: str
    n_test_songs: int


@cache
def published_numbers() -> tuple[Published, ...]:
    """Return the numbers that ship with the package, the one to compare with first."""
    text = files("benchmark.reporting").joinpath("published.yaml").read_text(encoding="utf-8")
    return TypeAdapter(tuple[Published, ...]).validate_python(yaml.safe_load(text))


def obstacles(published: Published, track: Conditions) -> tuple[str, ...]:
    """Say why a number may not stand beside a track's RMSE; empty if it may.

    The track's headline is the RMSE per song, averaged over songs and folds.
    """
    reasons = []
    if track.synthetic:
        reasons.append("this track is synthetic")
    elif published.dataset != track.known_as:
        reasons.append(f"measured on {published.dataset.upper()}, not on {track.title}")
    if published.protocol != track.protocol:
        reasons.append(f"trained on {published.train}, tested on {published.test}")
    elif published.n_test_songs != track.n_test_songs:
        reasons.append(f"{published.n_test_songs} test songs, this track has {track.n_test_songs}")
    if published.averaging != "per song":
        reasons.append(f"its RMSE is averaged otherwise ({published.averaging})")
    return tuple(reasons)
