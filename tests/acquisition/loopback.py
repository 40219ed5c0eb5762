"""A real HTTP server on this machine that sends files, and breaks off, stalls or changes them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

PIECE = 4096


@dataclass
class Sent:
    """An answer: to which method, name and range, and how many bytes went out so far."""

    method: str
    name: str
    range: str
    status: int
    n_bytes: int = 0


@dataclass
class Loopback:
    """What a server has, how it behaves, and what it has sent.

    The next answers break off after as many bytes as `breaks` says, one after the other. An answer
    waits after `hold` bytes, until that is 0 again.
    """

    files: dict[str, bytes]
    breaks: list[int] = field(default_factory=list)
    hold: int = 0
    ranges: bool = True
    tag: str = '"1"'
    date: str = ""
    content_type: str = "application/zip"
    shift: int = 0
    address: str = ""
    sent: list[Sent] = field(default_factory=list)

    def n_sent(self, name: str) -> int:
        """Return how many bytes of a file went out, all answers together."""
        return sum(sent.n_bytes for sent in self.sent if sent.name == name)

    def gets(self, name: str) -> list[Sent]:
        """Return the answers that a file was asked for with GET."""
        return [sent for sent in self.sent if (sent.method, sent.name) == ("GET", name)]


@contextmanager
def serving(files: dict[str, bytes], **behaviour: object) -> Iterator[Loopback]:
    """Yield a server that runs in a thread, at `address`."""
    loopback = Loopback(dict(files), **behaviour)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(loopback)

        def do_GET(self) -> None:
            self._answer(loopback)

        def handle(self) -> None:
            with suppress(ConnectionError):  # whoever asked has gone
                super().handle()

        def log_message(self, *arguments: object) -> None:
            pass

        def _answer(self, loopback: Loopback) -> None:
            name, asked = self.path.rpartition("/")[2], self.headers.get("Range", "")
            content = loopback.files.get(name)
            if content is None:
                loopback.sent.append(Sent(self.command, name, asked, 404))
                self._head(404, 0)
                return
            status, first = 200, 0
            unchanged = self.headers.get("If-Range", "") in ("", loopback.tag, loopback.date)
            if loopback.ranges and asked and unchanged:
                first = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) + loopback.shift
                status = 206 if first < len(content) else 416
            loopback.sent.append(sent := Sent(self.command, name, asked, status))
            self._head(status, len(content), first)
            if self.command == "GET":
                self._body(loopback, content[first:], sent)

        def _head(self, status: int, total: int, first: int = 0) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(max(0, total - first)))
            self.send_header("Content-Type", loopback.content_type)
            if loopback.tag:
                self.send_header("ETag", loopback.tag)
            if loopback.date:
                self.send_header("Last-Modified", loopback.date)
            if status == 206:
                self.send_header("Content-Range", f"bytes {first}-{total - 1}/{total}")
            if status == 416:
                self.send_header("Content-Range", f"bytes */{total}")
            self.end_headers()

        def _body(self, loopback: Loopback, content: bytes, sent: Sent) -> None:
            most = loopback.breaks.pop(0) if loopback.breaks else len(content)
            self.close_connection = most < len(content)
            for at in range(0, min(most, len(content)), PIECE):
                piece = content[at : min(most, at + PIECE)]
                sent.n_bytes += len(piece)
                self.wfile.write(piece)
                while 0 < loopback.hold <= sent.n_bytes:
                    time.sleep(0.01)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    loopback.address = f"http://127.0.0.1:{server.server_port}/databases/DEAM"
    try:
        yield loopback
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
