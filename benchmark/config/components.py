"""A component from its entry in a file: `mfcc` or `{name: mfcc, n_mfcc: 13}`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

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
            values[parameter] = _value(hints[parameter], value, place, findings)
    if len(findings.problems) > before:
        return None
    try:
        built = component(**values)
    except (ValueError, TypeError) as error:
        findings.add(key, str(error))
        return None
    if not isinstance(built, kind):
        findings.add(key, f"{name} cannot stand here: it is no {kind.__name__}")
        return None
    return built


def component_in(hint: Any) -> type[Component] | None:
    """Return the kind of component a parameter is, or holds several of; None of any other."""
    kind = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    of = get_args(kind)[0] if get_origin(kind) is tuple else kind
    return of if isinstance(of, type) and issubclass(of, Component) else None


def _value(hint: Any, value: Any, place: str, findings: Findings) -> Any:
    """Return the value of a parameter; of one that is a component, or several, what it names."""
    of = component_in(hint)
    if of is None:
        return check(hint, value, place, findings)
    group = next(name for name, base in registry.GROUPS.items() if issubclass(of, base))
    if of is hint:
        return build(of, group, value, place, findings)
    return build_all(of, group, value, place, findings)


def entry_of(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entry of a file for a component as `Component.describe` has it."""
    parameters = described["parameters"].items()
    return {"name": described["name"], **{name: _plain_entry(value) for name, value in parameters}}


def _plain_entry(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain_entry(item) for item in value]
    return entry_of(value) if _is_description(value) else value


def parts_of(described: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the descriptions of the components among the parameters of a description."""
    values = described["parameters"].values()
    found = [value if isinstance(value, list) else [value] for value in values]
    return [item for group in found for item in group if _is_description(item)]


def _is_description(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() >= {"name", "version", "parameters"}


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
