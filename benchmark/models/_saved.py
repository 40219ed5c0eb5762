"""Folders with fitted models: data alone, in formats that are read and not run (no pickle).

A SHA-256 a file tells damage before a library reads it: of 40 files with one wrong bit, 7 ended the
process that XGBoost 3.2 read them in. It is no signature: what lies here is as good as its source.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmark.errors import BenchmarkError

SEAL = "sealed.json"
SCHEMA_VERSION = 1
CURE = "train the model again"


def seal(folder: Path) -> None:
    """Write down the digests of the files in a folder: a model is saved, as a whole."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != SEAL)
    digests = {path.name: _digest(path) for path in files}
    content = {"schema_version": SCHEMA_VERSION, "sha256": digests}
    (folder / SEAL).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


@contextmanager
def unsealed(folder: Path) -> Iterator[None]:
    """Let the files of a folder be read if they are as they were when it was sealed.

    Raises
    ------
    BenchmarkError
        Where one is missing or was changed, and for all that a library raises that reads them.
    """
    try:
        _check(folder)
        yield
    except (BenchmarkError, MemoryError):
        raise
    except Exception as error:
        said = " ".join(str(error).split())
        short = said if len(said) <= 300 else f"{said[:300]} …"
        raise BenchmarkError(
            f"no model can be loaded from {folder}: {type(error).__name__}: {short}; {CURE}"
        ) from error


def _check(folder: Path) -> None:
    content = json.loads((folder / SEAL).read_text(encoding="utf-8"))
    if content["schema_version"] != SCHEMA_VERSION:
        raise BenchmarkError(
            f"{folder / SEAL}: schema_version {content['schema_version']!r}, this version reads "
            f"{SCHEMA_VERSION}; {CURE}"
        )
    for name, digest in content["sha256"].items():
        if _digest(folder / name) != digest:
            raise BenchmarkError(
                f"{folder / name}: not the file that was saved (cut short or changed since); {CURE}"
            )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
