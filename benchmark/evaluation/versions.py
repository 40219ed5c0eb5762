"""Versions of what computes: part of every key, so an upgrade never mixes with old numbers."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version

from benchmark.audio import AUDIO_VERSION
from benchmark.errors import BenchmarkError
from benchmark.interfaces import Component, Extractor

DECODING = ("soundfile", "soxr")


def versions(*components: Component | None) -> dict[str, str]:
    """Return the versions of the libraries that compute for these components.

    An extractor brings those that decode, and the version of this package's own decoding.

    Raises
    ------
    BenchmarkError
        Where one is not installed.
    """
    names = {"numpy"}
    found = {}
    for component in [part for one in components if one is not None for part in one.family()]:
        names.update(component.libraries)
        _check_installed(component)
        if isinstance(component, Extractor):
            names.update(DECODING)
            found["benchmark.audio"] = str(AUDIO_VERSION)
    return {**found, **{name: _version(name) for name in sorted(names)}}


def _check_installed(component: Component) -> None:
    for name in component.libraries:
        try:
            _version(name)
        except PackageNotFoundError as error:
            hint = f": {component.how_to_get}" if component.how_to_get else ""
            raise BenchmarkError(
                f"{component.name} needs the package {name!r}, which is not installed{hint}"
            ) from error


@cache
def _version(name: str) -> str:
    return version(name)
