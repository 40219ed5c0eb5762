"""What a study may choose for a parameter: a range of numbers, or one of some values.

`{low: 1, high: 8}` is a range of the parameter's own kind, whole numbers or not; with `log: true`
it is uniform in the logarithm, with `step` it has only so many values. A list is a choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_origin

from benchmark.config.components import component_in
from benchmark.config.validation import Findings, check
from benchmark.errors import did_you_mean

Scalar = bool | int | float | str | None
RANGE = ("low", "high", "log", "step")


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both included; whole ones if both are, and `step` if given."""

    low: float
    high: float
    log: bool = False
    step: float | None = None

    @property
    def whole(self) -> bool:
        return isinstance(self.low, int)

    def holds(self, value: Any) -> bool:
        """Say whether a value is one of these numbers."""
        if isinstance(value, bool) or not isinstance(value, int if self.whole else int | float):
            return False
        steps = (value - self.low) / self.step if self.step else 0.0
        return self.low <= value <= self.high and abs(steps - round(steps)) < 1e-9


@dataclass(frozen=True)
class Choice:
    """One of some values."""

    values: tuple[Scalar, ...]

    def holds(self, value: Any) -> bool:
        """Say whether a value is one of these."""
        return any(value == known and type(value) is type(known) for known in self.values)


Domain = Range | Choice


def read_domain(value: Any, kind: Any, key: str, findings: Findings) -> Domain | None:
    """Return what a parameter of this kind may be; where that makes no sense, note why."""
    of = component_in(kind)
    if of is not None:
        findings.add(key, "names components; a study chooses numbers and words")
        return None
    read = _range if isinstance(value, dict) else _choice
    return read(value, kind, key, findings)


def _choice(value: Any, kind: Any, key: str, findings: Findings) -> Choice | None:
    if not isinstance(value, list) or len(value) < 2:
        findings.add(
            key,
            f"{value!r} should be a list of two or more values, or a range as in "
            f"{{low: 1, high: 8}}",
        )
        return None
    before = len(findings.problems)
    values = [check(kind, item, f"{key}[{number}]", findings) for number, item in enumerate(value)]
    if len(findings.problems) > before:
        return None
    for number, item in enumerate(values):
        if not isinstance(item, Scalar):
            findings.add(f"{key}[{number}]", f"{item!r} is a list; a study chooses single values")
            return None
    if len({(type(item), item) for item in values}) < len(values):
        findings.add(key, f"{value!r} should hold each value only once")
        return None
    return Choice(tuple(values))


def _range(value: dict[Any, Any], kind: Any, key: str, findings: Findings) -> Range | None:
    before = len(findings.problems)
    for name in value:
        if name not in RANGE:
            findings.add(f"{key}.{name}", f"no such key{did_you_mean(str(name), RANGE)}")
    for name in ("low", "high"):
        if name not in value:
            findings.add(f"{key}.{name}", "is missing")
    if len(findings.problems) > before:
        return None
    low, high = (check(kind, value[end], f"{key}.{end}", findings) for end in ("low", "high"))
    log = check(bool, value.get("log", False), f"{key}.log", findings)
    if len(findings.problems) > before:
        return None
    if get_origin(kind) is Literal:
        findings.add(key, f"{value!r} is a range, but only some values are known; list them")
        return None
    number = int if isinstance(low, int) and isinstance(high, int) else float
    if not all(isinstance(end, int | float) and not isinstance(end, bool) for end in (low, high)):
        findings.add(key, f"{value!r} is a range of what is no number; give a list of values")
        return None
    if low >= high or (log and low <= 0):
        findings.add(key, f"{value!r} should go up, and begin above 0 if log: true")
        return None
    step = value.get("step")
    if step is not None:
        step = check(number, step, f"{key}.step", findings)
        if step is None:
            return None
        if step <= 0 or step > high - low or (log and (number is float or step != 1)):
            findings.add(
                f"{key}.step", f"{step!r} should lie between 0 and high - low, without log: true"
            )
            return None
    return Range(number(low), number(high), log, step)
