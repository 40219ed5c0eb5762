"""Says in what two descriptions of a job or a study differ: why it is not the one wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

WORDS = {
    "data": "the data (songs, labels or audio)",
    "fold": "the fold",
    "folds": "the inner folds",
    "features": "the features, or what may be chosen of them",
    "models": "the models, or what may be chosen of them",
}
"""What a user calls parts that are hashes and lists of ids."""


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Return the parts that differ: "libraries.numpy 2.1.0 -> 2.2.0, the data (...)"."""
    return ", ".join(dict.fromkeys(_differences(before, after, "")))


def _differences(before: Mapping[str, Any], after: Mapping[str, Any], path: str) -> Iterator[str]:
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if not path and name in WORDS:
            yield WORDS[name]
        elif isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from _differences(old, new, f"{path}{name}.")
        else:
            yield f"{path}{name} {_word(old)} -> {_word(new)}"


def _word(value: Any) -> str:
    return "none" if value is None else str(value)
