"""Trials of many studies, until each has its number or time is up."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from benchmark.execution import Executor
from benchmark.records.store import RecordStore
from benchmark.runner import Listener
from benchmark.tuning.campaign import Campaign, Order
from benchmark.tuning.drive import drive
from benchmark.tuning.judging import Errands, judged, lane
from benchmark.tuning.presence import Presence
from benchmark.tuning.study import Study
from benchmark.tuning.trial import Trial

POLL = 1.0
"""Seconds between two looks at trials that another process is running."""


@dataclass
class Searching:
    """The studies of some campaigns as this process works on them."""

    campaigns: Sequence[Campaign]
    store: RecordStore
    executor: Executor
    order: Order
    listener: Listener
    _places: dict[int, int] = field(default_factory=dict)

    def search(self) -> None:
        """Run trials; those that a killed process left are gone on with."""
        seconds = self.order.seconds
        self._deadline = time.monotonic() + seconds if seconds is not None else float("inf")
        missing = [each.wanted - study.n_ended() for each, study in self._studies()]
        self.listener.stage("trials", sum(max(0, count) for count in missing))
        with Presence(self._beat) as self._presence:
            while self._in_time() and (todo := self._todo()):
                for threads, some in groupby(todo, key=_threads):
                    self._side_by_side(list(some), threads)
                if self._in_time() and self._todo():
                    time.sleep(POLL)  # another process is running the rest

    def _todo(self) -> list[tuple[Campaign, Study]]:
        todo = [
            (each, study)
            for each, study in self._studies()
            if study.n_running() or study.n_ended() < each.wanted
        ]
        return sorted(todo, key=_threads)

    def _side_by_side(self, some: Sequence[tuple[Campaign, Study]], threads: int) -> None:
        """Run one trial of each study at a time, or several where there is room for more."""
        if threads not in self._places:
            self._places[threads] = self.executor.places(threads)
        # Of all studies, those that have ended among them: so many lanes whenever one goes on.
        alike = sum(study.subject.threads == threads for _, study in self._studies())
        count = max(1, self._places[threads] // alike)
        if count > 1:
            self.listener.note(
                f"{count} trials of a study at a time: which ones depends on how long each takes; "
                f"with --jobs {alike} the same are tried every time"
            )
        lanes = [self._lane(*one) for one in some for _ in range(count)]
        drive(lanes, self.executor, threads=threads)

    def _lane(self, campaign: Campaign, study: Study) -> Errands:
        def begin() -> Trial | None:
            return study.next(campaign.wanted, self._presence) if self._in_time() else None

        def judge(trial: Trial) -> Errands:
            reachable = self.executor.is_here or self.order.storage.is_far
            return judged(trial, campaign.bench, self.store, reachable=reachable)

        return lane(begin, judge, self._ended)

    def _ended(self, trial: Trial) -> None:
        self.listener.advance(str(trial))
        if trial.reason:
            self.listener.note(f"{trial} failed: {trial.reason}")

    def _in_time(self) -> bool:
        return time.monotonic() < self._deadline

    def _beat(self) -> None:
        for _, study in self._studies():
            study.beat(self._presence)

    def _studies(self) -> Iterable[tuple[Campaign, Study]]:
        for each in self.campaigns:
            for study in each.studies.values():
                yield each, study


def _threads(one: tuple[Campaign, Study]) -> int:
    return one[1].subject.threads
