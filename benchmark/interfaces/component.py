"""A plug-in of any kind: named, versioned, described by its parameters."""

from __future__ import annotations

import dataclasses
from abc import ABC
from collections.abc import Collection, Iterator
from pathlib import PurePath
from typing import Any, ClassVar


class Component(ABC):
    """A plug-in: named after its file, versioned, described by its parameters."""

    name: ClassVar[str]
    version: ClassVar[int] = 1
    libraries: ClassVar[tuple[str, ...]] = ()
    """Distributions whose version can change the numbers; part of every job key."""
    how_to_get: ClassVar[str] = ""
    """How to get those of `libraries` that do not come with this package; said where one lacks."""
    source: ClassVar[str] = ""
    """Whose idea it is: author, year, and where to read it. Reports show it; no key knows it."""

    def describe(self) -> dict[str, Any]:
        """Return name, version and parameters in plain types, as keys and tables need them."""
        parameters = {field.name: _plain(getattr(self, field.name)) for field in self._fields()}
        return {"name": self.name, "version": self.version, "parameters": parameters}

    @classmethod
    def sentence(cls) -> str:
        """Return what it is: the first line of its docstring; empty without one of its own."""
        written = (cls.__doc__ or "").strip()
        made_by_dataclass = written.startswith(f"{cls.__name__}(")
        return "" if made_by_dataclass else written.partition("\n")[0]

    @classmethod
    def about(cls) -> dict[str, str]:
        """Return what reports say of it, whatever its parameters."""
        return {"what": cls.sentence(), "source": cls.source}

    @property
    def parts(self) -> tuple[Component, ...]:
        """The components among its parameters."""
        if not dataclasses.is_dataclass(self):
            return ()
        values = [getattr(self, field.name) for field in self._fields()]
        found = [value if isinstance(value, tuple) else (value,) for value in values]
        return tuple(part for group in found for part in group if isinstance(part, Component))

    def family(self) -> Iterator[Component]:
        """Yield it and, through all levels, the components it consists of."""
        yield self
        for part in self.parts:
            yield from part.family()

    @property
    def label(self) -> str:
        """The name, with the parameters that differ from their defaults: `mfcc(n_mfcc=13)`."""
        return self.label_without(())

    def label_without(self, names: Collection[str]) -> str:
        """Return the label but for some parameters."""
        changed = [
            f"{field.name}={_shown(getattr(self, field.name))}"
            for field in self._fields()
            if getattr(self, field.name) != _default(field) and field.name not in names
        ]
        return f"{self.name}({', '.join(changed)})" if changed else self.name

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """Return the parameters and their defaults, in plain types."""
        return {field.name: _plain(_default(field)) for field in dataclasses.fields(cls)}  # type: ignore[arg-type]

    def _fields(self) -> tuple[dataclasses.Field[Any], ...]:
        return dataclasses.fields(self)  # type: ignore[arg-type]


def _default(field: dataclasses.Field[Any]) -> Any:
    made = field.default_factory
    return field.default if made is dataclasses.MISSING else made()


def _shown(value: Any) -> Any:
    """Return a parameter as a label has it: `of` as a sum, lists as in a file."""
    if isinstance(value, tuple) and any(isinstance(item, Component) for item in value):
        return " + ".join(item.label for item in value)
    if isinstance(value, tuple):
        return f"[{', '.join(str(_shown(item)) for item in value)}]"
    if isinstance(value, float) and float(f"{value:g}") == value:
        return f"{value:g}"
    return value.label if isinstance(value, Component) else _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Component):
        return value.describe()
    return value.as_posix() if isinstance(value, PurePath) else value
