"""Where studies are kept: SQLite beside the records, or any storage that Optuna knows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import optuna
import sqlalchemy.exc
from filelock import FileLock
from optuna.storages import BaseStorage, JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend

from benchmark.errors import BenchmarkError, without_password

WAITS = 60.0
"""Seconds that SQLite waits for another process to finish writing."""

ATTEMPTS, PAUSE = 5, 0.5
"""How often a server is opened that others open too, and seconds between."""


class StorageError(BenchmarkError):
    """The storage of studies cannot be opened, read or written."""


@dataclass(frozen=True)
class Storage:
    """An address as Optuna takes it; without `://` it is the file of a journal."""

    address: str

    @classmethod
    def named(cls, address: str, folder: Path) -> Storage:
        """Return the storage at an address; where there is none, the default in a folder."""
        if not address:
            return cls(f"sqlite:///{(folder / 'optuna.db').absolute()}")
        return cls(address if "://" in address else str(Path(address).absolute()))

    @property
    def is_far(self) -> bool:
        """Whether it is a server, which processes of other machines reach too."""
        return "://" in self.address and not self.address.startswith("sqlite")

    def __str__(self) -> str:
        return without_password(self.address)

    def open(self) -> BaseStorage:
        """Open it, and create its tables if they are not there yet; raises what `guard` does."""
        with self.guard():
            try:
                return _opened(self.address)
            except (ValueError, KeyError) as error:  # no address, or another kind of file
                raise StorageError(
                    f"studies at {self}: cannot be opened ({error}); the address of a database "
                    f"works, as sqlite:///PATH, or the file of a journal"
                ) from error

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Say in one message what went wrong with the storage.

        Raises
        ------
        StorageError
            If it cannot be used.
        """
        try:
            yield
        except (
            optuna.exceptions.StorageInternalError,
            sqlalchemy.exc.SQLAlchemyError,
            ImportError,
        ) as error:
            reason = getattr(error.__cause__ or error, "orig", None) or error
            line = " ".join(str(reason).split())
            raise StorageError(
                f"studies at {self}: {line}; what has finished is kept: mend it and run the same "
                f"command again, or give another --storage"
            ) from error


@cache
def _opened(address: str) -> BaseStorage:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    if address in ("sqlite://", "sqlite:///:memory:"):
        raise ValueError("a database in memory is another one in each process")
    if "://" not in address:
        path = Path(address)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+") as file:
            file.seek(0)
            if file.read(1) not in (b"", b"{"):  # a SQLite file would be spoilt
                raise ValueError("it is a file, but no journal")
        return JournalStorage(JournalFileBackend(address))
    if not address.startswith("sqlite:///"):
        return optuna.storages.get_storage(_server(address))
    path = Path(address.removeprefix("sqlite:///"))
    path.parent.mkdir(parents=True, exist_ok=True)
    # Two processes that make the tables of one file at once spoil it for one of them.
    with FileLock(path.with_name(f"{path.name}.lock")):
        storage = RDBStorage(address, engine_kwargs={"connect_args": {"timeout": WAITS}})
    return optuna.storages.get_storage(storage)


def _server(address: str) -> RDBStorage:
    """Open a server; processes that make its tables at once get in each other's way."""
    for _ in range(ATTEMPTS - 1):
        with suppress(
            optuna.exceptions.StorageInternalError,
            sqlalchemy.exc.IntegrityError,
            sqlalchemy.exc.ProgrammingError,
        ):
            return RDBStorage(address)
        time.sleep(PAUSE)
    return RDBStorage(address)
