"""Leaderboards, computed from records."""

from benchmark.reporting.board import Source, Track, tracks

__all__ = ["Source", "Track", "tracks"]
