"""`--set key=value`: replaces any key of every file given, before validation.

`dataset.root=PATH`, `protocol.folds=3`, `search.inner.folds=5`, `seeds=[0,1]`; a component in a
list by its name: `models.arousal_cnn.epochs=3`, `protocol.holdout.test=0.2`. Values are read as
YAML.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmark.errors import Problem

COMPONENT_LISTS = ("features", "models", "protocol")


@dataclass(frozen=True)
class Override:
    """One setting: where it goes and what it says."""

    text: str
    path: tuple[str, ...]
    value: Any


def parse_overrides(settings: Sequence[str], problems: list[Problem]) -> tuple[Override, ...]:
    """Read `key=value` settings; note those that are none."""
    overrides = []
    for text in settings:
        key, equals, value = text.partition("=")
        path = tuple(key.strip().split("."))
        if not equals or not all(path):
            problems.append(Problem(Path("--set"), text, "should be key=value, as in seeds=[0,1]"))
            continue
        try:
            overrides.append(Override(text, path, yaml.safe_load(value)))
        except (yaml.YAMLError, ValueError):  # a ValueError for 0x_ or 2026-13-45
            problems.append(Problem(Path("--set"), text, f"{value!r} is not a YAML value"))
    return tuple(overrides)


def apply(raw: dict[Any, Any], override: Override) -> bool:
    """Put an override into a file's mapping; return whether it named something there."""
    head, *rest = override.path
    if not rest:
        raw[head] = override.value
        return True
    if head in COMPONENT_LISTS and isinstance(raw.get(head), list):
        hit = False
        for number, entry in enumerate(raw[head]):
            component = {"name": entry} if isinstance(entry, str) else entry
            if isinstance(component, dict) and component.get("name") == rest[0] and len(rest) > 1:
                raw[head][number] = component
                hit = _put(component, rest[1:], override.value) or hit
        return hit
    if isinstance(raw.get(head), str) or (head == "protocol" and head not in raw):
        raw[head] = {"name": raw.get(head, "song_kfold")}
    return isinstance(raw.get(head), dict) and _put(raw[head], rest, override.value)


def _put(mapping: dict[Any, Any], path: Sequence[str], value: Any) -> bool:
    """Put a value where a path leads; mappings on the way must be there, but for the last."""
    *places, last = path
    for place in places:
        inner = mapping.get(place)
        if not isinstance(inner, dict):
            return False
        mapping = inner
    mapping[last] = value
    return True
