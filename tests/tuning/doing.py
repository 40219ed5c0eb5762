"""Studies in this process: who runs their jobs, listens, and reads what they left behind."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from benchmark.errors import BenchmarkError
from benchmark.execution import Outcome
from benchmark.execution.worker import LIFE, Task
from benchmark.records import JobRecord, StudyRecord, TrialRecord
from benchmark.runner import Listener, Workspace
from benchmark.tuning import Tuned


class Ear(Listener):
    """A listener that remembers."""

    def __init__(self) -> None:
        self.stages: dict[str, int] = {}
        self.steps: list[str] = []
        self.notes: list[str] = []

    def stage(self, title: str, steps: int) -> None:
        self.stages[title] = steps

    def advance(self, step: str) -> None:
        self.steps.append(step)

    def note(self, text: str) -> None:
        self.notes.append(text)


class KilledError(Exception):
    """This process is no more."""


@dataclass
class Here:
    """Runs tasks in this process, in the order it takes them; is killed before one, if told so."""

    workers: int = 1
    is_here: bool = True
    lives: float = float("inf")

    def check(self) -> None: ...

    def places(self, threads: int) -> int:
        return self.workers

    def run(
        self,
        function: Callable[[Any], Any],
        tasks: Iterable[Task | None],
        *,
        threads: int,
        life: int = LIFE,
    ) -> Iterator[Outcome[Task, Any]]:
        waiting, running = iter(tasks), []
        while True:
            while len(running) < self.workers and (task := next(waiting, None)) is not None:
                running.append(task)
            if not running:
                return
            yield self._done(function, running.pop(0))

    def _done(self, function: Callable[[Any], Any], task: Task) -> Outcome[Task, Any]:
        self.lives -= 1
        if self.lives < 0:
            raise KilledError
        try:
            sent = pickle.loads(pickle.dumps(task))
            return Outcome(task, result=pickle.loads(pickle.dumps(function(sent))))
        except BenchmarkError as error:
            return Outcome(task, error=str(error))
        except ArithmeticError as error:
            return Outcome(task, error=f"ArithmeticError: {error}\nTraceback ...")


Studies = Mapping[tuple[str, int | None], StudyRecord]


@dataclass(frozen=True)
class Done:
    """What a call of `tune` said and left behind."""

    tuned: Tuned
    workspace: Workspace
    ear: Ear

    @property
    def studies(self) -> Studies:
        """The studies of this call, by target and fold; that on all songs has none."""
        store = self.workspace.records
        paths = (store.root / "studies").glob("*/study.json")
        records = [store.read_study(path.parent.name) for path in paths]
        return {(one.target, one.fold): one for one in records if one.name in self.ear.steps}

    def study(self, fold: int | None = 0, target: str = "arousal") -> StudyRecord:
        return self.studies[target, fold]

    def row(self) -> tuple[JobRecord, ...]:
        """The jobs that tested what won, fold by fold, of the first target."""
        store = self.workspace.records
        (manifest,) = [one for one in store.manifests() if one.command == "tune"]
        return tuple(store.read(key) for key in manifest.cells[0].jobs)


def chosen(study: StudyRecord) -> list[TrialRecord]:
    """Return trials without when they ran and what they cost."""
    return [replace(trial, started_at=0.0, seconds=0.0) for trial in study.trials]
