"""A page as one HTML file: template, styles, scripts, Plotly and data in it, nothing fetched.

Its content security policy names the scripts by their hashes: a script that got in otherwise, in
the name of a file say, does not run, and no address is ever asked.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from plotly.offline import get_plotlyjs

DIGITS = 4
"""Decimals of numbers in a page: they are drawn."""
POLICY = (
    "default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; "
    "img-src data: blob: file: 'self'; media-src data: blob: file: 'self'; "
    "base-uri 'none'; form-action 'none'"
)


def page(
    template: str, *, scripts: Sequence[str], styles: Sequence[str] = (), data: Any, **context: Any
) -> str:
    """Return a page.

    Parameters
    ----------
    template : str
        A file of `templates`, which extends `base.html`; text in it is escaped.
    scripts : sequence of str
        Files of `static`, run in this order after Plotly and `charts.js`.
    styles : sequence of str
        Files of `static`, after `style.css`.
    data : JSON types, NumPy arrays among them
        What the scripts find as `DATA`; NaN becomes null.
    """
    sources = [plotly(), *(static(name) for name in ("charts.js", *scripts))]
    hashes = " ".join(f"'sha256-{_sha256(source)}'" for source in sources)
    return (
        _environment()
        .get_template(template)
        .render(
            policy=POLICY.format(scripts=hashes),
            styles="\n".join(static(name) for name in ("style.css", *styles)),
            scripts=sources,
            data=embedded(data),
            **context,
        )
    )


def embedded(data: Any) -> str:
    """Return JSON that may stand in a script element, whatever its texts hold."""
    text = json.dumps(_plain(data), separators=(",", ":"), allow_nan=False)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


@cache
def static(name: str) -> str:
    """Return a file of `static`."""
    return (files("benchmark.pages") / "static" / name).read_text(encoding="utf-8")


@cache
def plotly() -> str:
    """Return Plotly's script, as its Python package ships it."""
    source: str = get_plotlyjs()
    return source


def _plain(value: Any) -> Any:
    """Return plain types; floats keep four digits after the point, NaN becomes null."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        rounded = np.round(value, DIGITS).astype(object)
        rounded[~np.isfinite(value)] = None
        return rounded.tolist()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return round(value, DIGITS) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


@cache
def _sha256(source: str) -> str:
    return base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("benchmark.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
