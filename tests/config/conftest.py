from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

PLAIN = """\
version: 1
name: plain
dataset: demo
features: [mel, {name: chroma}]
models: [mean, ridge, {name: xgboost_summary, n_estimators: 3}]
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Return a writer of an experiment file: the plain one, or what is given."""

    def writer(text: str = PLAIN, name: str = "plain.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return writer
