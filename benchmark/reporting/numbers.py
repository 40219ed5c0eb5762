"""Numbers as text: so many decimals, a dash for what is not defined."""

from __future__ import annotations

import math

from benchmark.evaluation.standing import Versus
from benchmark.evaluation.statistics import Interval

NONE = "–"
SPACE = "\N{NO-BREAK SPACE}"


def interval(value: Interval, digits: int = 4) -> str:
    """Return an interval as text."""
    if math.isnan(value.low):
        return NONE
    return f"[{_fixed(value.low, digits)},{SPACE}{_fixed(value.high, digits)}]"


def within(value: float, digits: int, around: Interval, fewer: int) -> str:
    """Return a number and the interval it lies in."""
    return f"{number(value, digits)}{SPACE}{interval(around, fewer)}"


def number(value: float, digits: int = 4) -> str:
    """Return a number, or a dash where it is not defined."""
    return NONE if math.isnan(value) else _fixed(value, digits)


def versus(value: Versus | None) -> str:
    """Return median difference and adjusted p of a comparison."""
    if value is None:
        return NONE
    return f"{signed(value.comparison.median_difference, 4)}, p{SPACE}{probability(value.p)}"


def signed(value: float, digits: int) -> str:
    """Return a difference with its sign; a zero has a plus."""
    return f"{round(value, digits) + 0.0:+.{digits}f}"


def probability(p: float) -> str:
    """Return a p value as text."""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def _fixed(value: float, digits: int) -> str:
    """Return so many decimals, and no minus before a zero."""
    return f"{round(value, digits) + 0.0:.{digits}f}"
