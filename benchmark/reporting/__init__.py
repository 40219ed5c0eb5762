"""Leaderboards and the protocol report, computed from records."""

from benchmark.reporting.board import Source, Track, one_table, tracks

__all__ = ["Source", "Track", "one_table", "tracks"]
