from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from doing import Here

from benchmark.execution import Outcome
from benchmark.tuning import drive as driving
from benchmark.tuning.drive import drive


@dataclass(eq=True)
class Call:
    """An errand; two of them may be equal."""

    number: int


def lane(name: str, count: int, said: list[str]) -> Iterator[Any]:
    for number in range(count):
        outcome = yield Call(number)
        said.append(f"{name}{number} {outcome.result or outcome.error}")


@pytest.fixture(autouse=True)
def _errands(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(call: Call) -> str:
        if call.number == 3:
            raise ArithmeticError("three")
        return f"is {call.number}"

    monkeypatch.setattr(driving, "run_errand", run)


@pytest.mark.parametrize("workers", [1, 2, 3, 7])
def test_each_lane_hears_of_its_own_errands_one_after_the_other(workers: int) -> None:
    """One that fails is told, one that has none is over."""
    said: list[str] = []
    drive(
        [lane("a", 5, said), lane("b", 0, said), lane("c", 2, said), lane("d", 1, said)],
        Here(workers=workers),
        threads=1,
    )
    for name, count in (("a", 5), ("c", 2), ("d", 1)):
        mine = [words.partition("\n")[0] for words in said if words.startswith(name)]
        expected = [f"{name}{n} is {n}" for n in range(count)]
        assert mine == [
            words if "3" not in words else f"{name}3 ArithmeticError: three" for words in expected
        ]
    assert len(said) == 8


def test_lanes_take_turns_so_that_each_has_its_share_should_time_run_out() -> None:
    steps: list[str] = []

    def stepping(name: str) -> Iterator[Any]:
        for number in range(3):
            steps.append(f"{name}{number}")
            yield Call(number)

    drive([stepping(name) for name in "abcd"], Here(workers=2), threads=1)
    assert [step[1] for step in steps] == list("000011112222")


class LosesOne(Here):
    """Runs one errand again when nothing else is left, as a pool does whose worker died."""

    def run(self, function: Any, tasks: Any, *, threads: int) -> Iterator[Outcome[Any, Any]]:
        waiting = iter(tasks)
        lost: Sequence[Any] = [next(waiting)]
        while True:
            while (task := next(waiting, None)) is not None:
                yield self._done(function, task)
            if not lost:
                return
            yield from [self._done(function, task) for task in lost]
            lost = ()


def test_an_errand_that_is_run_again_later_is_waited_for() -> None:
    said: list[str] = []
    drive([lane("a", 2, said), lane("b", 2, said)], LosesOne(), threads=1)
    assert said == ["b0 is 0", "b1 is 1", "a0 is 0", "a1 is 1"]
