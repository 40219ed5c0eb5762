"""`data vgmidi`."""

from __future__ import annotations

from benchmark.errors import BenchmarkError


def vgmidi_command() -> None:
    """Being written."""
    raise BenchmarkError("being written")
