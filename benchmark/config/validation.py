"""One value against one type, with a message that shows the value and what would work."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from benchmark.errors import Problem

FINITE = ConfigDict(allow_inf_nan=False)


@dataclass(frozen=True)
class Findings:
    """Collects the mistakes of one file."""

    file: Path
    problems: list[Problem]

    def add(self, key: str, message: str) -> None:
        self.problems.append(Problem(self.file, key, message))


def check(kind: Any, value: Any, key: str, findings: Findings) -> Any:
    """Return `value` as `kind`; where it is none, note why and return None.

    Numbers may come as text (PyYAML reads `1e-3` as a string), truth values may not come as
    numbers.
    """
    try:
        checked = TypeAdapter(kind, config=FINITE).validate_python(value)
    except ValidationError as error:
        details = error.errors()
        for detail in details:
            if detail["type"] == "too_short" and len(details) > 1:
                continue  # pydantic counts valid items only; why they are not is said already
            place = "".join(f"[{part}]" for part in detail["loc"] if isinstance(part, int))
            message = detail["msg"].removeprefix("Input ")
            findings.add(f"{key}{place}", f"{detail['input']!r} {message}")
        return None
    if _holds_bool(value) and not _holds_bool(checked):
        findings.add(key, f"{value!r} should be a number, not a truth value")
        return None
    return checked


def _holds_bool(value: Any) -> bool:
    return isinstance(value, bool) or (
        isinstance(value, list | tuple) and any(_holds_bool(item) for item in value)
    )
