"""Leaderboards, computed from records."""
