"""Who watches a model learn: a search may end a fit that is not going to win.

A model that trains in epochs says after each how it does; in a cross-validation nobody listens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Watch = Callable[[int, float], None]
"""Hears the number of an epoch (from 1) and its validation loss; what it raises ends the fit."""


def unwatched(epoch: int, loss: float) -> None:
    """Listen to nothing."""


_watch: ContextVar[Watch] = ContextVar("watch", default=unwatched)


def epoch_done(epoch: int, loss: float) -> None:
    """Tell whoever watches; to be called by a model that `trains_in_epochs`, after each."""
    _watch.get()(epoch, loss)


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """Have the fits in this block watched."""
    before = _watch.set(watch)
    try:
        yield
    finally:
        _watch.reset(before)
