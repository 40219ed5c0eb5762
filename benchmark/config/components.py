"""A component from its entry in a file: `mfcc` or `{name: mfcc, n_mfcc: 13}`."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar, get_type_hints

from benchmark import registry
from benchmark.config.validation import Findings, check
from benchmark.errors import BenchmarkError, did_you_mean
from benchmark.interfaces import Component

C = TypeVar("C", bound=Component)


def build(kind: type[C], group: str, entry: Any, key: str, findings: Findings) -> C | None:
    """Return the component an entry names, its parameters checked against its fields."""
    if isinstance(entry, str):
        entry = {"name": entry}
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        findings.add(key, f"{entry!r} should be a name, or a mapping with a name and parameters")
        return None
    name = entry["name"]
    try:
        component = registry.component(group, name)
    except BenchmarkError as error:
        findings.add(key, str(error))
        return None
    hints = get_type_hints(component, include_extras=True)
    fields = [field.name for field in dataclasses.fields(component)]  # type: ignore[arg-type]
    before = len(findings.problems)
    values = {}
    for parameter, value in entry.items():
        place = f"{key}.{parameter}"
        if parameter == "name":
            continue
        if parameter not in fields:
            findings.add(
                place, f"no parameter {parameter!r} in {name}{did_you_mean(str(parameter), fields)}"
            )
        else:
            values[parameter] = check(hints[parameter], value, place, findings)
    if len(findings.problems) > before:
        return None
    try:
        built = component(**values)
    except (ValueError, TypeError) as error:
        findings.add(key, str(error))
        return None
    assert isinstance(built, kind)
    return built


def build_all(
    kind: type[C], group: str, entries: Any, key: str, findings: Findings
) -> tuple[C, ...]:
    """Return the components of a list of entries; one mistake does not hide the others."""
    if not isinstance(entries, list):
        findings.add(key, f"{entries!r} should be a list of {group}")
        return ()
    built: list[C] = []
    for number, entry in enumerate(entries):
        named = entry.get("name") if isinstance(entry, dict) else entry
        component = build(kind, group, entry, f"{key}[{number}] ({named})", findings)
        if component is None:
            continue
        if component in built:
            findings.add(f"{key}[{number}]", f"{component.label} stands here twice")
        built.append(component)
    return tuple(built)
