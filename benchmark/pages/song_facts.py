"""What the page of songs says of each song in numbers and words, and which songs it shows first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark import circumplex

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TargetFacts:
    """One target of a song; NaN where a number needs more labels than there are.

    Attributes
    ----------
    mean, sd : float
        Of the curve shown, over time; SD with ddof 1.
    rmse : float
        Of the prediction, on the labels that are rated.
    """

    mean: float
    sd: float
    rmse: float


@dataclass(frozen=True)
class PlaneFacts:
    """A song in the valence-arousal plane.

    Attributes
    ----------
    word, intensity : str, float
        Of its mean point; "" and NaN where no label has both values.
    shares : sequence of float
        Of its seconds, the share nearest each word of `circumplex.WORDS`; empty where none has one.
    """

    word: str
    intensity: float
    shares: Sequence[float]


@dataclass(frozen=True)
class Characteristic:
    """A song that stands out, by its place in the list: why, and the number that says so."""

    song: int
    target: str
    reason: str
    number: str
    value: float

    @property
    def title(self) -> str:
        """The reason in words: "Highest arousal"."""
        return f"{self.reason} {self.target}".capitalize()

    @property
    def text(self) -> str:
        """The number in words; only a mean can be below zero."""
        if self.number == "sd":
            return f"SD {self.value:.2f}"
        value = f"{self.value:+.2f}".replace("-", "\N{MINUS SIGN}")
        return f"mean {value if round(self.value, 2) else '0.00'}"


def target_facts(*, predicted: Floats | None, annotated: Floats | None) -> TargetFacts:
    """Return the facts of one target; arrays are (n_labels,), ratings in [-1, 1]."""
    curve = shown(predicted=predicted, annotated=annotated)
    values = curve[np.isfinite(curve)]
    rmse = np.nan
    if predicted is not None and annotated is not None:
        errors = predicted - annotated
        errors = errors[np.isfinite(errors)]
        rmse = float(np.sqrt(np.mean(errors**2))) if errors.size else np.nan
    return TargetFacts(
        mean=float(values.mean()) if values.size else np.nan,
        sd=float(values.std(ddof=1)) if values.size > 1 else np.nan,
        rmse=rmse,
    )


def shown(*, predicted: Floats | None, annotated: Floats | None) -> Floats:
    """Return the curve that stands for a target: the prediction, else the annotation."""
    if predicted is not None:
        return predicted
    return annotated if annotated is not None else np.empty(0)


def plane_facts(times: Floats, arousal: Floats, valence: Floats) -> PlaneFacts:
    """Return the facts of a song in the plane; arrays are (n_labels,), times in seconds."""
    known = np.isfinite(arousal) & np.isfinite(valence)
    if not known.any():
        return PlaneFacts(word="", intensity=np.nan, shares=())
    middle = np.array([arousal[known].mean()]), np.array([valence[known].mean()])
    return PlaneFacts(
        word=circumplex.words(*middle)[0],
        intensity=float(circumplex.intensity(*middle)[0]),
        shares=_shares(times[known], arousal[known], valence[known]),
    )


def characteristic(facts: Sequence[Mapping[str, TargetFacts]]) -> list[Characteristic]:
    """Return per target the songs with the highest and lowest mean and the highest SD.

    Parameters
    ----------
    facts : sequence of mapping of target to TargetFacts
        One a song; of songs with the same number the first is taken.
    """
    found = []
    for target in dict.fromkeys(target for song in facts for target in song):
        for reason, number, sign in (
            ("highest", "mean", 1),
            ("lowest", "mean", -1),
            ("most varied", "sd", 1),
        ):
            values = np.array(
                [getattr(s[target], number) if target in s else np.nan for s in facts]
            )
            if np.isfinite(values).any():
                song = int(np.nanargmax(sign * values))
                found.append(Characteristic(song, target, reason, number, float(values[song])))
    return found


def _shares(times: Floats, arousal: Floats, valence: Floats) -> Sequence[float]:
    """Return the share of seconds nearest each word; a second is the mean of its labels."""
    found = circumplex.words(
        *(circumplex.by_second(times, values)[1] for values in (arousal, valence))
    )
    named = [word for word in found if word]
    return [named.count(word) / len(named) for word in circumplex.WORDS] if named else ()
