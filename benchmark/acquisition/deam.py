"""DEAM from its authors' server, or from zips that are there, to a folder that the loader reads."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.acquisition.archives import unpack
from benchmark.acquisition.deam_parts import HOME, DeamPart
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
from benchmark.acquisition.supplies import Supplies, Supply, from_folder, from_server
from benchmark.errors import AcquisitionError, FullDiskError, UnreachableError

ZIPS = "zips"
"""The folder, in the root, that zips are fetched to."""
ASIDE = ".unexpected"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is wanted of DEAM, where it goes, and where it comes from.

    `source` is a folder of zips; without one they are fetched from `base`. `other_content` names
    the parts whose zip is taken also where its hash is not the known one.
    """

    root: Path
    parts: tuple[DeamPart, ...]
    base: str
    source: Path | None = None
    other_content: Collection[str] = ()

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


def acquire(wish: Wish, listener: BytesListener) -> Mapping[str, AcquisitionError]:
    """Fetch, verify and unpack what is not there yet; return why parts are still not, by name.

    A part is there as a whole when the ledger says so. Whatever stops this, the same call goes on:
    with the bytes of a zip that have come, and with the files of a zip that are unpacked. A part
    that cannot be had does not keep the others from being fetched.

    Raises
    ------
    FullDiskError
        If there is too little room.
    AcquisitionError
        If the server cannot be reached; or if none of the parts that are due can be had: its zip
        is not there, is not the one that is known, or cannot be unpacked safely.
    """
    with alone(wish.root), full_disk_told(wish.root, what="nothing is whole that was not before"):
        ledger = Ledger.read(wish.root)
        ledger.accept_terms()
        due = wish.due()
        _take_back(wish, due)
        supplies = _supplies(wish, due)
        _require_room(wish, supplies.found, listener)
        failed = dict(supplies.lacking)
        for supply in supplies.found:
            try:
                ledger.enter(supply.part.name, _take_in(supply, wish, listener))
            except FullDiskError:
                raise
            except AcquisitionError as error:
                failed[supply.part.name] = error
    if due and len(failed) == len(due):
        raise AcquisitionError(in_words(wish, failed))
    return failed


def in_words(wish: Wish, failed: Mapping[str, AcquisitionError]) -> str:
    """Say why parts are not there, a line each, and how to go on with those no server gave."""
    lines = [f"{name}: {error}" for name, error in failed.items()]
    unreachable = [name for name, error in failed.items() if isinstance(error, UnreachableError)]
    if unreachable:
        lines.append(by_hand(wish, [part for part in wish.parts if part.name in unreachable]))
    return "\n".join(lines)


def by_hand(wish: Wish, parts: Sequence[DeamPart]) -> str:
    """Return what a user may fetch where this machine cannot, and the command that goes on."""
    names = ",".join(part.name for part in parts)
    root = shlex.quote(str(wish.root))
    return "\n".join(
        [
            "Run the same command again, or fetch by hand what is missing:",
            *(f"  {wish.base.rstrip('/')}/{part.file}" for part in parts),
            f"or what {HOME} offers in their place; and go on with the folder that they lie in:",
            f"  python -m benchmark data deam --root {root} --parts {names} --from FOLDER",
        ]
    )


def _take_back(wish: Wish, due: tuple[DeamPart, ...]) -> None:
    """Have zips that were put aside for their hash lie where they were fetched to."""
    for part in due:
        aside = wish.zips / f"{part.file}{ASIDE}"
        if part.name in wish.other_content and aside.exists():
            aside.replace(wish.zips / part.file)


def _supplies(wish: Wish, due: tuple[DeamPart, ...]) -> Supplies:
    if not due:
        return Supplies((), {})
    if wish.source:
        return from_folder(due, wish.source)
    try:
        return from_server(due, wish.base, wish.zips)
    except UnreachableError as error:
        raise UnreachableError(f"{error}\n{by_hand(wish, due)}") from error


def _require_room(wish: Wish, supplies: tuple[Supply, ...], listener: BytesListener) -> None:
    room = sum(supply.room(wish.root) for supply in supplies)
    listener.note(
        f"disk space wanted: about {in_units(room)}; free: {in_units(free_at(wish.root))}"
    )
    names = ", ".join(supply.part.name for supply in supplies)
    require_room(room, wish.root, what=f"DEAM ({names})")


def _take_in(supply: Supply, wish: Wish, listener: BytesListener) -> Holding:
    """Fetch, verify and unpack a zip, and return what was unpacked."""
    if not supply.is_there:
        download(supply.url, supply.path, listener)
    digest = _verify(supply, wish, listener)
    entries = supply.entries()
    destination = supply.destination(wish.root, entries)
    unpack(supply.path, entries, destination, listener)
    files = {
        str((destination / entry.path).relative_to(wish.root)): entry.size for entry in entries
    }
    return Holding(supply.path.name, digest, digest == supply.part.sha256, files)


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
    elif found != expected and supply.part.name in wish.other_content:
        listener.note(f"{path}: SHA-256 is {found}, expected {expected}; used all the same")
    elif found != expected:
        again = ""
        if supply.url:
            path = path.replace(path.with_name(f"{path.name}{ASIDE}"))
            again = " To fetch it again: the same command"
        raise AcquisitionError(
            f"{path}: SHA-256 is {found}, expected {expected}; it stays there, and nothing of it "
            f"is unpacked. To use it all the same: --allow-other-content {supply.part.name} (the "
            f"hash that is known has one source).{again}"
        )
    return found
