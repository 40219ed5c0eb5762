"""Mistakes a user can mend: each says what, which value, where, and what would work."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path


class BenchmarkError(Exception):
    """Anything the command line shows as one message, without a traceback."""


class DataError(BenchmarkError):
    """A dataset folder, table or audio file cannot be used as it is."""


class AcquisitionError(BenchmarkError):
    """A dataset cannot be fetched or unpacked; what is done is kept, and can be gone on with."""


class UnreachableError(AcquisitionError):
    """A server cannot be reached, or does not have what is wanted; it may be fetched by hand."""


class AbsentError(UnreachableError):
    """A server answers, and does not have a file; it may have others."""


class FullDiskError(AcquisitionError):
    """A disk has too little room, so nothing else can be fetched or unpacked either."""


class ChangedError(BenchmarkError):
    """A file is no longer what it was when the run began."""


class RegistryError(BenchmarkError):
    """A component was asked for by a name nobody has registered."""


class TrackingError(BenchmarkError):
    """The MLflow store cannot be opened or filled; the records are not touched by it."""


class ReportError(BenchmarkError):
    """A report cannot be written; it can be made again from the records."""


class ClusterError(BenchmarkError):
    """The cluster cannot be reached, has gone, or cannot run this package's tasks."""


class RecordError(BenchmarkError):
    """A stored record cannot be read or written."""


class CacheError(BenchmarkError):
    """Features cannot be kept on disk."""


@dataclass(frozen=True)
class Problem:
    """One mistake in one experiment file: the key it stands at and what would work."""

    file: Path
    key: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}: {self.key}" if self.key else f"{self.file}"
        return f"{where}: {self.message}"


class ConfigError(BenchmarkError):
    """Every mistake found in the experiment files, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """Return '; did you mean X?' for the nearest known word, else the list of known words."""
    near = get_close_matches(word, known, n=1)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; known: {', '.join(sorted(known))}" if known else ""


def without_password(uri: str) -> str:
    """Return an address as it may be printed and logged."""
    shown = re.sub(r"(?<=://)([^/@:]*):[^/]*@", r"\1:***@", uri)
    return re.sub(r"(password|pwd)=[^&;]*", r"\1=***", shown, flags=re.IGNORECASE)
