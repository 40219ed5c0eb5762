from __future__ import annotations

from threading import Thread

import pytest

from benchmark.watch import epoch_done, watched


class EnoughError(Exception):
    """What a watcher raises to end a fit."""


def test_whoever_watches_hears_every_epoch() -> None:
    heard: list[tuple[int, float]] = []
    with watched(lambda epoch, loss: heard.append((epoch, loss))):
        epoch_done(1, 0.5)
        epoch_done(2, 0.25)
    assert heard == [(1, 0.5), (2, 0.25)]


def test_nobody_need_listen() -> None:
    heard: list[int] = []
    epoch_done(1, 0.5)
    with watched(lambda epoch, loss: heard.append(epoch)):
        pass
    epoch_done(2, 0.25)
    assert heard == []


def test_the_innermost_watcher_alone_hears() -> None:
    outer: list[int] = []
    inner: list[int] = []
    with watched(lambda epoch, loss: outer.append(epoch)):
        epoch_done(1, 0.5)
        with watched(lambda epoch, loss: inner.append(epoch)):
            epoch_done(2, 0.5)
        epoch_done(3, 0.5)
    assert (outer, inner) == ([1, 3], [2])


def test_what_a_watcher_raises_ends_the_fit_and_the_watching() -> None:
    heard: list[int] = []

    def impatient(epoch: int, loss: float) -> None:
        heard.append(epoch)
        if epoch == 2:
            raise EnoughError

    def fit() -> None:
        for epoch in (1, 2, 3):
            epoch_done(epoch, 0.5)

    with pytest.raises(EnoughError), watched(impatient):
        fit()
    epoch_done(4, 0.5)
    assert heard == [1, 2]


def test_a_fit_in_another_thread_is_not_overheard() -> None:
    """Trials that are judged side by side do not hear each other's epochs."""
    heard: list[int] = []
    other: list[int] = []

    def fit() -> None:
        with watched(lambda epoch, loss: other.append(epoch)):
            epoch_done(7, 0.5)

    with watched(lambda epoch, loss: heard.append(epoch)):
        thread = Thread(target=fit)
        thread.start()
        thread.join()
        epoch_done(1, 0.5)
    assert (heard, other) == ([1], [7])
