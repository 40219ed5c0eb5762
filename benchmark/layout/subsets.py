"""The subsets of DEAM, told by song ids: excerpts of 2013 and of 2014, full songs of 2015."""

from __future__ import annotations

LAST_OF_2013 = 1000
LAST_EXCERPT = 2000
"""Ids up to here are excerpts, those above full songs."""


def subset_of(song: str) -> str:
    """Return the subset that a song belongs to by its id."""
    number = int(song)
    if number <= LAST_OF_2013:
        return "1-1000"
    return "1001-2000" if number <= LAST_EXCERPT else "2001-"
