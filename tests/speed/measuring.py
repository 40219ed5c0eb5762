"""Ratios measured side by side: calls by turns in one process, or commands one after another."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

HERE = Path(__file__).parent
LAUNCH = """
import json, os, subprocess, sys, time
begun = time.perf_counter()
process = subprocess.Popen(sys.argv[2:])
_, status, usage = os.wait4(process.pid, 0)
process.returncode = os.waitstatus_to_exitcode(status)
facts = [process.returncode, time.perf_counter() - begun, usage.ru_maxrss]
with open(sys.argv[1], "w") as file:
    json.dump(facts, file)
"""
"""Starts a command from a small process: on Linux a child's peak is at least its parent's."""


@dataclass(frozen=True)
class Goal:
    """How large a ratio may be or must be."""

    direction: Literal["at most", "at least"]
    value: float

    def met(self, ratio: float) -> bool:
        """Tell whether a ratio is as wanted."""
        return ratio <= self.value if self.direction == "at most" else ratio >= self.value


@dataclass(frozen=True)
class Row:
    """Values of ours and of what they are held against, in pairs, and what was wanted of them.

    Without `theirs`, the value itself is what the goal is about. The ratio is ours / theirs, or,
    `faster`, the reverse.
    """

    what: str
    against: str
    unit: str
    ours: Sequence[float]
    theirs: Sequence[float] = ()
    goal: Goal | None = None
    faster: bool = False

    @property
    def ratios(self) -> list[float]:
        """The ratio of each pair: ours / theirs, or how many times faster ours is."""
        if not self.theirs:
            return []
        pairs = zip(self.ours, self.theirs, strict=True)
        if self.faster:
            return [theirs / ours for ours, theirs in pairs]
        return [ours / theirs for ours, theirs in pairs]

    @property
    def met(self) -> bool | None:
        """Whether the median is as wanted; None if nothing was."""
        return self.goal and self.goal.met(statistics.median(self.ratios or self.ours))


@dataclass(frozen=True)
class Section:
    """Rows that were measured together, and remarks on how."""

    rows: Sequence[Row]
    remarks: Sequence[str] = ()


def by_turns(calls: Sequence[Callable[[Path], object]], files: Sequence[Path]) -> list[list[float]]:
    """Return the seconds of each call on each file: all on one, then all on the next.

    A first round over one file is not counted: imports, filterbanks, the file in memory.
    """
    for call in calls:
        call(files[0])
    seconds: list[list[float]] = [[] for _ in calls]
    for file in files:
        for call, kept in zip(calls, seconds, strict=True):
            begun = time.perf_counter()
            call(file)
            kept.append(time.perf_counter() - begun)
    return seconds


@dataclass(frozen=True)
class Process:
    """What a finished command took: seconds, and MB of its largest process at its largest."""

    seconds: float
    megabytes: float
    said: str


def command(*arguments: object, cwd: Path) -> Process:
    """Run a command to its end.

    Raises
    ------
    RuntimeError
        If it fails, with what it said.
    """
    log, facts = cwd / "log.txt", cwd / "facts.json"
    with log.open("w", encoding="utf-8") as file:
        subprocess.run(
            [sys.executable, "-S", "-c", LAUNCH, facts, sys.executable, *map(str, arguments)],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            check=True,
        )
    status, seconds, peak = json.loads(facts.read_text(encoding="utf-8"))
    said = log.read_text(encoding="utf-8")
    if status:
        raise RuntimeError(f"{arguments} ended with {status}:\n{said}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Process(seconds, peak * unit / 1e6, said)


def child(function: str, *arguments: object, cwd: Path) -> tuple[Process, Any]:
    """Run a function of `children.py` in a process of its own; return also what it answered."""
    done = command(HERE / "children.py", function, json.dumps(arguments, default=str), cwd=cwd)
    return done, json.loads(done.said.splitlines()[-1])


def spread(values: Iterable[float], digits: int = 3) -> str:
    """Return the median and, in brackets, the smallest and the largest."""
    kept = sorted(values)
    if not kept:
        return "–"
    middle = number(statistics.median(kept), digits)
    return (
        f"{middle} [{number(kept[0], digits)}, {number(kept[-1], digits)}]" if kept[1:] else middle
    )


def number(value: float, digits: int = 3) -> str:
    """Return a number with so many digits that count, without an exponent."""
    rounded = float(f"{value:.{digits}g}")
    decimals = max(0, digits - 1 - int(f"{rounded:e}".partition("e")[2])) if rounded else 0
    return f"{rounded:,.{decimals}f}"
