"""Where the zips of DEAM come from, and the room they take: a server, or a folder of the user's."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.acquisition.archives import Entry, entries_of, missing
from benchmark.acquisition.deam_parts import HOME, DeamPart
from benchmark.acquisition.server import size_at
from benchmark.errors import AbsentError, AcquisitionError


@dataclass(frozen=True)
class Supply:
    """The zip of a part.

    It lies at `path`, or will when it is fetched from `url`. `official` says that it has the name
    of the authors' zip, so that its hash may be known; another holds the part among other things.
    """

    part: DeamPart
    path: Path
    url: str = ""
    official: bool = True
    size: int = 0

    @property
    def is_there(self) -> bool:
        return self.path.is_file()

    def entries(self) -> tuple[Entry, ...]:
        """Return the files of the part; the whole zip is checked."""
        entries = entries_of(self.path)
        if not self.official:
            entries = tuple(e for e in entries if self.part.pattern.search(str(e.path)))
        if not entries:
            raise AcquisitionError(f"{self.path}: holds no file")
        return entries

    def destination(self, root: Path, entries: Collection[Entry]) -> Path:
        """Return the folder to unpack to, so that files lie below the part's, however it nests."""
        tops = {entry.path.parts[0] for entry in entries if len(entry.path.parts) > 1}
        flat = any(len(entry.path.parts) == 1 for entry in entries)
        return root if tops == {self.part.folder} and not flat else root / self.part.folder

    def room(self, root: Path) -> int:
        """Return the bytes of disk still wanted: reckoned until the zip is there, then counted.

        One that cannot be unpacked wants none; what is wrong with it is said when it is its turn.
        """
        if self.is_there:
            try:
                entries = self.entries()
            except AcquisitionError:
                return 0
            return missing(entries, self.destination(root, entries))
        partial = self.path.with_name(f"{self.path.name}.part")
        fetched = partial.stat().st_size if partial.exists() else 0
        return round(self.size * (1 + self.part.growth)) - fetched


@dataclass(frozen=True)
class Supplies:
    """The zips that can be had; and, by the name of its part, why another cannot."""

    found: tuple[Supply, ...]
    lacking: Mapping[str, AcquisitionError]


def from_server(parts: Sequence[DeamPart], base: str, zips: Path) -> Supplies:
    """Return supplies of parts that are fetched from a server into a folder, and ask their sizes.

    Raises
    ------
    UnreachableError
        If the server cannot be reached.
    """
    supplies, lacking = [], {}
    for part in parts:
        path, url = zips / part.file, f"{base.rstrip('/')}/{part.file}"
        try:
            size = 0 if path.is_file() else size_at(url) or part.size
        except AbsentError as error:
            lacking[part.name] = error
        else:
            supplies.append(Supply(part, path, url, size=size))
    return Supplies(tuple(supplies), lacking)


def from_folder(parts: Sequence[DeamPart], folder: Path) -> Supplies:
    """Return supplies of those parts whose zips lie anywhere below a folder.

    A zip is known by the name of the authors', in upper or lower case; of several, one in the size
    of the authors' is taken. For a part without one, a zip is taken that holds its files.

    Raises
    ------
    AcquisitionError
        If there is no such folder, or no zip of any part in it.
    """
    if not folder.is_dir():
        raise AcquisitionError(f"--from {folder}: no such folder; give the one that holds the zips")
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() == ".zip" and p.is_file())
    supplies, lacking = [], {}
    for part in parts:
        named = [path for path in found if path.name.lower() == part.file.lower()]
        named.sort(key=lambda path: path.stat().st_size != part.size)
        others = [] if named else [path for path in found if _holds(path, part)]
        if named or others:
            supplies.append(Supply(part, (named or others)[0], official=bool(named)))
        else:
            lacking[part.name] = AcquisitionError(
                f"no {part.file} below {folder}, nor its files in another zip; it is at "
                f"{HOME}{part.file}"
            )
    if not supplies:
        raise AcquisitionError(
            f"--from {folder}: no zip with {', '.join(part.name for part in parts)} of DEAM below "
            f"it; {', '.join(part.file for part in parts)}, or one zip that holds their files. A "
            f"folder that is unpacked already needs no `data deam`: "
            f"python -m benchmark data check {folder}"
        )
    return Supplies(tuple(supplies), lacking)


def _holds(path: Path, part: DeamPart) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(part.pattern.search(name) for name in archive.namelist())
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
        return False  # some other zip of the user's
