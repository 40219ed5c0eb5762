"""A server on this machine that has DEAM's zips, small."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from loopback import Loopback, serving
from zips import deam_zips


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving(deam_zips()) as loopback:
        yield loopback
