"""What a server says: whether it has a file, of which size, and in words why it was not had."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from benchmark.errors import AbsentError, UnreachableError

if TYPE_CHECKING:
    from requests import Response, Session

TIMEOUT = (15, 60)
"""Seconds until a server is reached, and between two pieces of an answer."""
HEADERS = {"Accept-Encoding": "identity"}
"""Zips are not packed once more on their way, or sizes and ranges would be of something else."""


def size_at(url: str) -> int | None:
    """Return the size of a file on a server in bytes; None where it does not say.

    Raises
    ------
    AbsentError
        If the server does not have the file.
    UnreachableError
        If it cannot be reached.
    """
    import requests

    try:
        with (
            session_with(url) as session,
            session.head(url, headers=HEADERS, allow_redirects=True, timeout=TIMEOUT) as answer,
        ):
            if answer.status_code in (404, 410):
                raise AbsentError(f"{url}: the server answers {answer.status_code} {answer.reason}")
            return length_of(answer) if answer.ok else None
    except requests.RequestException as error:
        raise UnreachableError(f"{url}: {why(error)}") from error


def session_with(url: str) -> Session:
    """Return a session that asks no proxy for what is on this very machine."""
    import requests

    session = requests.Session()
    host = urlsplit(url).hostname or ""
    try:
        session.trust_env = not ip_address(host).is_loopback
    except ValueError:
        session.trust_env = host != "localhost"
    return session


def length_of(answer: Response) -> int | None:
    """Return how many bytes an answer announces; None where it does not say."""
    length = answer.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() else None


def why(error: Exception) -> str:
    """Return what lies at the bottom of an error of requests, in a few words."""
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"the server answers {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return "the server does not answer"
    if isinstance(error, requests.exceptions.SSLError):
        return "the server's certificate cannot be trusted"
    below: BaseException | None = error
    while below is not None:
        if isinstance(below, OSError) and below.strerror:
            return f"the connection failed ({below.strerror})"
        below = below.__cause__ or below.__context__
    if isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError):
        return "the connection broke"
    return str(error)
