"""DEAM from its authors' server, or from zips that are there, to a folder that the loader reads."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from benchmark.acquisition.archives import unpack
from benchmark.acquisition.deam_parts import DeamPart
from benchmark.acquisition.disk import (
    free_at,
    full_disk_told,
    in_units,
    require_folder,
    require_room,
)
from benchmark.acquisition.download import download
from benchmark.acquisition.ledger import Holding, Ledger, alone
from benchmark.acquisition.progress import BytesListener
from benchmark.acquisition.supplies import Supply, from_folder, from_server
from benchmark.errors import AcquisitionError, UnreachableError

ZIPS = "zips"
"""The folder, in the root, that zips are fetched to."""
ASIDE = ".unexpected"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is wanted of DEAM, where it goes, and where it comes from.

    `source` is a folder of zips; without one they are fetched from `base`. `other_content` takes
    zips whose hash is not the known one.
    """

    root: Path
    parts: tuple[DeamPart, ...]
    base: str
    source: Path | None = None
    other_content: bool = False

    def __post_init__(self) -> None:
        """Refuse a root that cannot be one, before anything is asked."""
        require_folder(self.root)

    @property
    def zips(self) -> Path:
        return self.root / ZIPS

    def due(self) -> tuple[DeamPart, ...]:
        """Return the parts that are not there as a whole."""
        ledger = Ledger.read(self.root)
        return tuple(part for part in self.parts if not ledger.holds(part.name))


def acquire(wish: Wish, listener: BytesListener) -> tuple[DeamPart, ...]:
    """Fetch, verify and unpack what is not there yet; return the parts a folder of zips lacks.

    A part is there as a whole when the ledger says so. Whatever stops this, the same call goes on:
    with the bytes of a zip that have come, and with the files of a zip that are unpacked.

    Raises
    ------
    AcquisitionError
        If there is too little room, if a zip cannot be had, is not the one that is known, or
        cannot be unpacked safely.
    """
    with alone(wish.root), full_disk_told(wish.root, what="nothing is whole that was not before"):
        ledger = Ledger.read(wish.root)
        ledger.accept_terms()
        due = wish.due()
        if wish.other_content:
            _take_back(wish, due)
        supplies = _supplies(wish, due)
        room = sum(supply.room(wish.root) for supply in supplies)
        listener.note(
            f"disk space wanted: about {in_units(room)}; free: {in_units(free_at(wish.root))}"
        )
        require_room(room, wish.root, what=f"DEAM ({', '.join(s.part.name for s in supplies)})")
        for supply in supplies:
            if not supply.is_there:
                _fetch(supply, wish, listener)
            digest = _verify(supply, wish, listener)
            entries = supply.entries()
            destination = supply.destination(wish.root, entries)
            unpack(supply.path, entries, destination, listener)
            files = {
                str((destination / entry.path).relative_to(wish.root)): entry.size
                for entry in entries
            }
            known = digest == supply.part.sha256
            ledger.enter(supply.part.name, Holding(supply.path.name, digest, known, files))
    supplied = [supply.part for supply in supplies]
    return tuple(part for part in due if part not in supplied)


def _take_back(wish: Wish, due: tuple[DeamPart, ...]) -> None:
    """Have zips that were put aside for their hash lie where they were fetched to."""
    for part in due:
        aside = wish.zips / f"{part.file}{ASIDE}"
        if aside.exists():
            aside.replace(wish.zips / part.file)


def _supplies(wish: Wish, due: tuple[DeamPart, ...]) -> tuple[Supply, ...]:
    if not due:
        return ()
    if wish.source:
        return from_folder(due, wish.source)
    try:
        return from_server(due, wish.base, wish.zips)
    except UnreachableError as error:
        raise UnreachableError(f"{error}\n{by_hand(wish)}") from error


def _fetch(supply: Supply, wish: Wish, listener: BytesListener) -> None:
    try:
        download(supply.url, supply.path, listener)
    except UnreachableError as error:
        raise UnreachableError(f"{error}\n{by_hand(wish)}") from error


def by_hand(wish: Wish) -> str:
    """Return what a user may fetch where this machine cannot, and the command that goes on."""
    due = wish.due()
    names = ",".join(part.name for part in due)
    root = shlex.quote(str(wish.root))
    return "\n".join(
        [
            "Run the same command again, or fetch by hand what is missing:",
            *(f"  {wish.base.rstrip('/')}/{part.file}" for part in due),
            "and go on with the folder that they lie in:",
            f"  python -m benchmark data deam --root {root} --parts {names} --from FOLDER",
        ]
    )


def _verify(supply: Supply, wish: Wish, listener: BytesListener) -> str:
    """Return the SHA-256 of a zip that may be used."""
    import pooch

    path, expected = supply.path, supply.part.sha256
    size = path.stat().st_size
    listener.stage(f"verify {path.name}", size)
    found: str = pooch.file_hash(str(path))
    listener.reached(size)
    if not supply.official or not expected:
        listener.note(f"{path}: no hash of it is known; taken as it is")
    elif found != expected and wish.other_content:
        listener.note(f"{path}: SHA-256 is {found}, expected {expected}; used all the same")
    elif found != expected:
        again = ""
        if supply.url:
            path = path.replace(path.with_name(f"{path.name}{ASIDE}"))
            again = " To fetch it again: the same command"
        raise AcquisitionError(
            f"{path}: SHA-256 is {found}, expected {expected}; it stays there, and nothing of it "
            f"is unpacked. To use it all the same: --allow-other-content (the hash that is known "
            f"has one source).{again}"
        )
    return found
