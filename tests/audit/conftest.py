"""Audits of folders, made in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmark.audit.check import check
from benchmark.audit.finding import Audit, Finding
from benchmark.execution.worker import Outcome
from benchmark.runner import Listener


class Here:
    """A pool that runs its tasks in this process."""

    def run(
        self, function: Callable[[Any], Any], tasks: Iterable[Any], *, threads: int
    ) -> Iterator[Outcome[Any, Any]]:
        for task in tasks:
            yield Outcome(task, function(task))


@pytest.fixture(scope="session")
def audited() -> Callable[..., Audit]:
    """Return a maker of audits: `audited(root, decode=True)`."""

    def audit(root: Path, *, decode: bool = False, pool: Any = None) -> Audit:
        return check(root, decode=decode, pool=pool or Here(), listener=Listener())

    return audit


@pytest.fixture(scope="session")
def finding() -> Callable[[Audit, str], Finding]:
    """Return who takes the one finding of a code from an audit."""

    def of(audit: Audit, code: str) -> Finding:
        (found,) = [finding for finding in audit.findings if finding.code == code]
        return found

    return of


@pytest.fixture(scope="session")
def codes() -> Callable[[Audit], set[str]]:
    """Return who lists the codes of an audit's findings."""
    return lambda audit: {finding.code for finding in audit.findings}
