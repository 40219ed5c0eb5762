"""Pages as one file: data that cannot break out, scripts named by their hashes, nothing fetched."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.pages.page import embedded
from benchmark.pages.songs import SongsPage, render

TEXTS = st.text() | st.sampled_from(
    ["</script>", "<!--<script", "]]>", "&amp;", "\u2028", "\ud800"]
)


@given(st.dictionaries(TEXTS, TEXTS | st.lists(TEXTS)))
def test_embedded_data_is_the_data(data: dict) -> None:
    assert json.loads(embedded(data)) == data


@given(TEXTS)
def test_embedded_text_cannot_leave_its_script(text: str) -> None:
    assert not re.search("[<>&\u2028\u2029\ud800-\udfff]", embedded(text))


def test_numbers_are_plain_short_and_finite() -> None:
    data = {
        "array": np.array([[0.123456, np.nan], [np.inf, -1.0]]),
        "number": np.float32(0.5),
        "count": np.int64(3),
        "true": np.bool_(True),
        "none": None,
        "tuple": (1, float("nan")),
    }

    assert json.loads(embedded(data)) == {
        "array": [[0.1235, None], [None, -1.0]],
        "number": 0.5,
        "count": 3,
        "true": True,
        "none": None,
        "tuple": [1, None],
    }


@pytest.fixture(scope="module")
def html(song) -> str:
    return render(SongsPage("<b>Title</b>", ["one & <i>two</i>"], [song("1")]))


def test_the_policy_names_exactly_the_scripts_of_the_page(html: str) -> None:
    policy = re.search('http-equiv="Content-Security-Policy" content="([^"]*)"', html)[1]
    scripts = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in scripts
    ]

    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"].split() == hashes
    assert len(scripts) > 2


def test_the_page_names_no_file_and_no_address_to_load(html: str) -> None:
    outside_scripts = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)

    assert not re.search(r"<(link|iframe|script\s+src|img)|@import|url\(|https?:", outside_scripts)


def test_texts_of_the_page_are_escaped(html: str) -> None:
    assert "<title>&lt;b&gt;Title&lt;/b&gt;</title>" in html
    assert "one &amp; &lt;i&gt;two&lt;/i&gt;" in html
