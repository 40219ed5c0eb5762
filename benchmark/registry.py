"""Finds components by name: one file, one component; third parties through entry points.

The file name is the name (as in mirdata): `benchmark/models/ridge.py` holds the model `ridge`. An
installed package adds its own with an entry point in the group `benchmark.models` (or `.features`,
`.datasets`, `.protocols`).
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from benchmark.errors import RegistryError, did_you_mean
from benchmark.interfaces import Component, Dataset, Feature, Model, Protocol

GROUPS: dict[str, type[Component]] = {
    "features": Feature,
    "models": Model,
    "datasets": Dataset,
    "protocols": Protocol,
}


@cache
def _found(group: str) -> dict[str, EntryPoint | str]:
    package = importlib.import_module(f"benchmark.{group}")
    found: dict[str, EntryPoint | str] = {
        module.name: f"{package.__name__}.{module.name}"
        for module in pkgutil.iter_modules(package.__path__)
        if not module.name.startswith("_")
    }
    for point in entry_points(group=f"benchmark.{group}"):
        if point.name in found:
            raise RegistryError(
                f"{group}: the name {point.name!r} of {point.value} is taken by "
                f"{found[point.name]}; rename one of them"
            )
        found[point.name] = point
    return found


def names(group: str) -> tuple[str, ...]:
    """Return the names registered in `group`, sorted."""
    return tuple(sorted(_found(group)))


@cache
def component(group: str, name: str) -> type[Component]:
    """Return the class called `name` in `group`.

    Raises
    ------
    RegistryError
        If nobody has registered it, or its file does not hold exactly one component.
    """
    found = _found(group)
    if name not in found:
        raise RegistryError(f"no {group[:-1]} {name!r}{did_you_mean(name, names(group))}")
    place = found[name]
    if not isinstance(place, str):  # MLflow brings along an EntryPoint class of its own
        try:
            loaded = place.load()
        except Exception as error:
            raise RegistryError(
                f"{group[:-1]} {name!r} ({place.value}) cannot be loaded: "
                f"{type(error).__name__}: {error}; mend or uninstall its package"
            ) from error
        if not (isinstance(loaded, type) and issubclass(loaded, GROUPS[group])):
            raise RegistryError(f"{place.value}: not a {GROUPS[group].__name__}")
        if loaded.name != name:
            raise RegistryError(f"{place.value}: is registered as {name!r}, named {loaded.name!r}")
        return loaded
    module = importlib.import_module(place)
    own = [
        thing
        for thing in vars(module).values()
        if isinstance(thing, type)
        and issubclass(thing, GROUPS[group])
        and thing.__module__ == module.__name__
    ]
    if len(own) != 1 or own[0].name != name:
        raise RegistryError(
            f"{place}: must hold one {GROUPS[group].__name__} with name = {name!r}, "
            f"holds {[f'{c.__name__} (name = {c.name!r})' for c in own]}"
        )
    return own[0]
