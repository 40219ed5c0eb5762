"""`data deam`."""

from __future__ import annotations

from benchmark.errors import BenchmarkError


def deam_command() -> None:
    """Being written."""
    raise BenchmarkError("being written")
