"""Published numbers, and a computed verdict: may one be held against a track, and why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass as checked

STRICT = ConfigDict(extra="forbid")
FULL_SONGS = "2001-"
"""The subset of DEAM that is no excerpts."""
SONGS = {"full": "full songs", "excerpts": "excerpts", "mixed": "excerpts and full songs"}
FLAWS = {
    "optimistic": "its test songs helped in training",
    "leaky": "its models had met its test songs",
}


@checked(frozen=True, config=STRICT)
class Number:
    """An RMSE, or Pearson's r where that is all there is, and what stands after its ±.

    `constant` is the pooled RMSE of a constant predictor on the same kind of songs, if known.
    """

    rmse: float | None = None
    pearson: float | None = None
    spread: float | None = None
    constant: float | None = None

    @property
    def skill(self) -> float | None:
        """Return 1 - MSE / MSE of the constant; None where either is unknown."""
        if self.rmse is None or self.constant is None:
            return None
        return 1 - self.rmse**2 / self.constant**2


@checked(frozen=True, config=STRICT, kw_only=True)
class Published:
    """A system's numbers, where they stand, and what they were measured on.

    Raises
    ------
    ValueError
        If the two targets are not measured alike, if a constant has no source or stands beside an
        RMSE that is not pooled, or if a flaw is not said in words.
    """

    system: str
    citation: str
    confidence: Literal["read in the source", "quoted by others"]
    dataset: Literal["deam"]
    train: str
    n_train_songs: int | None = None
    test: str
    n_test_songs: int | None = None
    protocol: Literal["holdout", "mediaeval2015", "seed_split", "song_kfold"]
    songs: Literal["full", "excerpts"]
    averaging: Literal["per song", "pooled", "not stated"]
    averaging_note: str = ""
    scale: Literal["[-1, 1]"]
    spread_over: str = ""
    flaw: Literal["", "optimistic"] = ""
    flaw_in_words: str = ""
    arousal: Number
    valence: Number
    constant_source: str = ""
    note: str = ""
    caveats: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for measure in ("rmse", "constant"):
            given = [getattr(number, measure) is not None for number in self._numbers]
            if len(set(given)) > 1:
                raise ValueError(f"{self.system}: {measure} is given for one target only")
        if any(number.constant is not None for number in self._numbers):
            if self.averaging != "pooled":
                raise ValueError(
                    f"{self.system}: a constant is pooled, so averaging = {self.averaging!r} gives "
                    f"no skill; leave the constant out"
                )
            if not self.constant_source:
                raise ValueError(f"{self.system}: constant without constant_source")
        if bool(self.flaw) != bool(self.flaw_in_words):
            raise ValueError(
                f"{self.system}: flaw = {self.flaw!r} with flaw_in_words = {self.flaw_in_words!r}; "
                f"give both or neither"
            )

    def number(self, target: str) -> Number:
        """Return the number of a target."""
        return {"arousal": self.arousal, "valence": self.valence}[target]

    @property
    def has_rmse(self) -> bool:
        """Say whether the numbers are RMSE."""
        return all(number.rmse is not None for number in self._numbers)

    @property
    def has_skill(self) -> bool:
        """Say whether skill is known."""
        return all(number.skill is not None for number in self._numbers)

    @property
    def _numbers(self) -> tuple[Number, Number]:
        return self.arousal, self.valence


@dataclass(frozen=True)
class Conditions:
    """What a track's numbers were measured on.

    The headline is the RMSE per song or, where labels rate whole songs, the RMSE over songs.
    """

    title: str
    known_as: str
    synthetic: bool
    protocol: str
    n_test_songs: int
    flaw: Literal["", "optimistic", "leaky"] = ""
    songs: Literal["full", "excerpts", "mixed"] = "excerpts"
    whole_songs: bool = False


@dataclass(frozen=True)
class Verdict:
    """Whether a published number may stand beside a track, why not, and what to keep in mind."""

    kind: Literal["comparable", "comparable in skill only", "not comparable"]
    reasons: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()

    def __str__(self) -> str:
        reasons = f": {'; '.join(self.reasons)}" if self.reasons else ""
        caveats = f" ({'; '.join(self.caveats)})" if self.caveats else ""
        return f"{self.kind}{reasons}{caveats}"


@cache
def published_numbers() -> tuple[Published, ...]:
    """Return the numbers that ship with the package, the one to compare with first."""
    text = files("benchmark.reporting").joinpath("published.yaml").read_text(encoding="utf-8")
    return TypeAdapter(tuple[Published, ...]).validate_python(yaml.safe_load(text))


def verdict(published: Published, track: Conditions) -> Verdict:
    """Judge whether a number may be held against a track's RMSE, or against its skill alone.

    Skill sets an RMSE against a constant on the same songs, so it outlives another split or another
    averaging, but neither other data, nor another kind of songs, nor a flaw of the track.
    """
    bars, limits = _bars(published, track), _limits(published, track)
    if not bars and not limits:
        return Verdict("comparable", caveats=published.caveats)
    if bars or not published.has_skill:
        return Verdict("not comparable", bars + limits)
    constant = f"its skill is against a constant from {published.constant_source}"
    return Verdict("comparable in skill only", limits, (constant, *published.caveats))


def kind_of_songs(subsets: Sequence[str]) -> Literal["full", "excerpts", "mixed"]:
    """Return what songs of DEAM are, from the subsets they come from."""
    full = {subset == FULL_SONGS for subset in subsets}
    return "mixed" if len(full) > 1 else "full" if full == {True} else "excerpts"


def _bars(published: Published, track: Conditions) -> tuple[str, ...]:
    """Return the reasons that rule out any comparison."""
    reasons = []
    if track.synthetic:
        reasons.append("this track is synthetic")
    elif published.dataset != track.known_as:
        reasons.append(f"measured on {published.dataset.upper()}, not on {track.title}")
    elif track.whole_songs:
        reasons.append("its ratings are dynamic, those of this track one a song")
    elif {published.songs, track.songs} == {"full", "excerpts"}:
        reasons.append(f"its test songs are {SONGS[published.songs]}, here {SONGS[track.songs]}")
    if not published.has_rmse:
        reasons.append("it has no RMSE, only Pearson's r")
    if track.flaw and track.flaw != published.flaw:
        reasons.append(f"this track is {track.flaw} ({FLAWS[track.flaw]}), the number is not")
    return tuple(reasons)


def _limits(published: Published, track: Conditions) -> tuple[str, ...]:
    """Return the reasons that leave skill to compare, where it is known."""
    reasons = []
    if published.flaw:
        bound = "skill is an upper" if published.has_skill else "RMSE is a lower"
        reasons.append(f"{published.flaw_in_words}: its {bound} bound")
    if track.songs == "mixed":
        reasons.append(f"its test songs are {SONGS[published.songs]}, here {SONGS[track.songs]}")
    if published.protocol != track.protocol:
        reasons.append(f"trained on {published.train}, tested on {published.test}")
    elif published.n_test_songs not in (None, track.n_test_songs):
        reasons.append(f"{published.n_test_songs} test songs, this track has {track.n_test_songs}")
    if published.averaging == "pooled":
        reasons.append(f"its RMSE is pooled {published.averaging_note}".rstrip() + ", not per song")
    elif published.averaging == "not stated":
        reasons.append("how its RMSE is averaged is not stated")
    return tuple(reasons)
