"""What has been done in a dataset's folder: terms accepted, parts unpacked, from which zip."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from benchmark.errors import AcquisitionError
from benchmark.records.atomic import write_whole

LEDGER = "acquired.json"
LOCK = ".acquiring.lock"
SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Holding:
    """A part that is unpacked: name and SHA-256 of its zip, bytes of each file below the root."""

    zip: str
    sha256: str
    verified: bool
    files: Mapping[str, int]


@dataclass
class Ledger:
    """`acquired.json` in the root. A part is entered last, so one that is cut short is not there.

    A ledger that cannot be read is an empty one: files are then compared with those in the zips.
    """

    root: Path
    terms_accepted: str = ""
    parts: dict[str, Holding] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Path) -> Ledger:
        """Return the ledger of a folder, which need not be there."""
        try:
            stored = json.loads((root / LEDGER).read_text(encoding="utf-8"))
            if stored["schema_version"] != SCHEMA_VERSION:
                return cls(root)
            parts = {
                name: Holding(**{**holding, "files": dict(holding["files"])})
                for name, holding in stored["parts"].items()
            }
            return cls(root, str(stored["terms_accepted"]), parts)
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return cls(root)

    def accept_terms(self) -> None:
        """Remember, beside the data, that its terms were accepted, and when."""
        if not self.terms_accepted:
            self.terms_accepted = time.strftime("%Y-%m-%d")
            self._write()

    def enter(self, part: str, holding: Holding) -> None:
        """Remember that a part is there as a whole."""
        self.parts[part] = holding
        self._write()

    def holds(self, part: str) -> bool:
        """Say whether a part was unpacked, and its files are there in the size they had.

        A power cut may have emptied some that were whole.
        """
        return part in self.parts and all(
            (self.root / name).is_file() and (self.root / name).stat().st_size == size
            for name, size in self.parts[part].files.items()
        )

    def unpacked(self) -> set[str]:
        """Return the names of the zips whose files are there."""
        return {holding.zip for part, holding in self.parts.items() if self.holds(part)}

    def _write(self) -> None:
        stored = {
            "schema_version": SCHEMA_VERSION,
            "terms_accepted": self.terms_accepted,
            "parts": {name: asdict(holding) for name, holding in self.parts.items()},
        }
        write_whole(self.root / LEDGER, json.dumps(stored, indent=1).encode())


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Keep a second process from fetching into the same folder at once."""
    root.mkdir(parents=True, exist_ok=True)
    lock = FileLock(root / LOCK, fallback_to_soft=False)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise AcquisitionError(
            f"{root}: another process is fetching into it; wait for it"
        ) from None
    except (OSError, NotImplementedError):  # no locks on this disk
        yield
        return
    try:
        yield
    finally:
        with suppress(OSError):
            (root / LOCK).unlink()
        lock.release()
