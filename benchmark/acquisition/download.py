"""Downloads through pooch that go on where they stopped, as RFC 9110 (2022, 13.1.5 and 14) has it.

What has come lies beside the file as `<file>.part`, and in `<file>.part.json` what the server said
of it. It is continued only if the server says, by `If-Range`, that the file is still the same.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.acquisition.disk import full_disk_told, in_units
from benchmark.acquisition.progress import BytesListener
from benchmark.acquisition.server import HEADERS, TIMEOUT, length_of, session_with, why
from benchmark.errors import UnreachableError

if TYPE_CHECKING:
    from requests import Response

BLOCK = 1 << 14
"""Bytes taken at a time, and lost at most when a connection breaks."""
TRIES = 5
"""Breaks of a connection in a row, with less than PROGRESS bytes between them, that end it."""
PROGRESS = 1 << 20


@dataclass(frozen=True)
class Begun:
    """What a server said of a file when it began to send it; `validator` is its ETag or date."""

    url: str
    validator: str
    total: int | None


def download(url: str, path: Path, listener: BytesListener, *, pause: float = 1.0) -> None:
    """Fetch a file, continuing what lies there of it; if the whole file does, do nothing.

    Parameters
    ----------
    url : str
        Where it is.
    path : Path
        Where it goes, by a rename when it is whole.
    listener : BytesListener
        Hears how many bytes are there, and of connections that break.
    pause : float
        Seconds before a broken connection is tried again; doubled from one try to the next.

    Raises
    ------
    UnreachableError
        If the server cannot be reached, or does not have the file; if the connection breaks TRIES
        times in a row. What has come by then stays.
    AcquisitionError
        If the disk is full. What has come by then stays.
    """
    import pooch

    if path.exists():
        return
    pooch.get_logger().setLevel("WARNING")  # it would print hashes among the progress bars
    fetch = _Continuing(path.with_name(f"{path.name}.part"), listener, pause)
    drafts = path.with_name(f"{path.name}.drafts")  # pooch's: it leaves some where it is killed
    whole = drafts / path.name
    try:
        pooch.retrieve(url, known_hash=None, fname=path.name, path=drafts, downloader=fetch)
    finally:
        if whole.exists():
            whole.replace(path)
        shutil.rmtree(drafts, ignore_errors=True)


@dataclass
class _Continuing:
    """A downloader as pooch takes them, that continues `partial`."""

    partial: Path
    listener: BytesListener
    pause: float

    def __call__(self, url: str, output_file: str, pooch: object) -> None:
        import requests

        self.listener.stage(f"fetch {self.partial.stem}", None)
        self._answered, breaks = False, 0
        while True:
            before = self._size()
            try:
                with full_disk_told(self.partial.parent, what=f"{self.partial.stem} is not whole"):
                    self._continue(url)
                break
            except requests.RequestException as error:
                if not self._answered:
                    raise UnreachableError(f"{url}: {why(error)}") from error
                breaks = 1 if self._size() - before >= PROGRESS else breaks + 1
                here = in_units(self._size())
                if breaks == TRIES:
                    raise UnreachableError(
                        f"{url}: {why(error)}, {TRIES} times in a row; {here} of it are "
                        f"kept, and the same command goes on from there"
                    ) from error
                self.listener.note(f"{self.partial.stem}: {why(error)} after {here}; trying again")
                time.sleep(self.pause * 2 ** (breaks - 1))
        self.partial.replace(output_file)
        self._begun.unlink(missing_ok=True)

    def _continue(self, url: str) -> None:
        begun = self._state(url)
        have = self._size() if begun.validator else 0
        if have and have == begun.total:
            return
        headers = {**HEADERS}
        if have:
            headers |= {"Range": f"bytes={have}-", "If-Range": begun.validator}
        with (
            session_with(url) as session,
            session.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer,
        ):
            if have and answer.status_code in (206, 416) and not _follows(answer, begun, have):
                self._begun.unlink()  # not what was asked for: from the beginning, then
                self._continue(url)
                return
            answer.raise_for_status()
            self._answered = True
            if not have or answer.status_code != 206:
                if self._size():
                    self.listener.note(
                        f"{self.partial.stem}: has changed on the server, or cannot be continued "
                        f"there; it is fetched from its beginning"
                    )
                have, begun = 0, self._begin(url, answer)
            self._receive(answer, have, begun)

    def _begin(self, url: str, answer: Response) -> Begun:
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            raise UnreachableError(f"{url}: the server sends a web page instead of a zip")
        self.partial.write_bytes(b"")
        tag = answer.headers.get("ETag", "")
        if tag.startswith("W/"):
            tag = ""
        begun = Begun(url, tag or answer.headers.get("Last-Modified", ""), length_of(answer))
        self._begun.write_text(json.dumps(asdict(begun)), encoding="utf-8")
        return begun

    def _receive(self, answer: Response, have: int, begun: Begun) -> None:
        import requests

        self.listener.stage(f"fetch {self.partial.stem}", begun.total)
        self.listener.reached(have)
        with self.partial.open("ab") as file:
            for block in answer.iter_content(BLOCK):
                file.write(block)
                self.listener.reached(have := have + len(block))
        if begun.total is not None and have != begun.total:
            raise requests.ConnectionError(f"{have} of {begun.total} bytes came")

    def _size(self) -> int:
        return self.partial.stat().st_size if self.partial.exists() else 0

    @property
    def _begun(self) -> Path:
        return self.partial.with_name(f"{self.partial.name}.json")

    def _state(self, url: str) -> Begun:
        unknown = Begun(url, validator="", total=None)
        try:
            begun = Begun(**json.loads(self._begun.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return unknown
        return begun if begun.url == url else unknown


def _follows(answer: Response, begun: Begun, have: int) -> bool:
    """Say whether a part of a file is what comes next of it."""
    sent = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("Content-Range", ""))
    return (
        sent is not None
        and int(sent[1]) == have
        and (sent[2] == "*" or begun.total is None or int(sent[2]) == begun.total)
    )
