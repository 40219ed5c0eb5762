"""`data check`."""

from __future__ import annotations

from benchmark.errors import BenchmarkError


def check_command() -> None:
    """Being written."""
    raise BenchmarkError("being written")
