"""Versions of what computes: part of every key, so an upgrade never mixes with old numbers."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

from benchmark.audio import AUDIO_VERSION
from benchmark.interfaces import Component, Extractor

DECODING = ("soundfile", "soxr")


def versions(*components: Component | None) -> dict[str, str]:
    """Return the versions of the libraries that compute for these components.

    An extractor brings those that decode, and the version of this package's own decoding.
    """
    names = {"numpy"}
    found = {}
    for component in components:
        if component is not None:
            names.update(component.libraries)
        if isinstance(component, Extractor):
            names.update(DECODING)
            found["benchmark.audio"] = str(AUDIO_VERSION)
    return {**found, **{name: _version(name) for name in sorted(names)}}


@cache
def _version(name: str) -> str:
    return version(name)
