"""What a record says about where it was computed: commit, versions, machine. No part of any key."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path


@cache
def environment() -> Mapping[str, str]:
    """Return commit and dirty flag (of this package's own files), versions, machine.

    They are those of this process, and do not change while it lives.
    """
    commit, dirty = _git()
    return {
        "git_commit": commit,
        "git_dirty": dirty,
        "mer-benchmark": version("mer-benchmark"),
        "python": platform.python_version(),
        "platform": platform.platform(),
    }


def _git() -> tuple[str, str]:
    folder = Path(__file__).resolve().parent

    def ask(*words: str) -> str:
        answer = subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, text=True, check=True
        )
        return answer.stdout.strip()

    try:
        top = Path(ask("rev-parse", "--show-toplevel"))
        if top != folder.parents[1]:
            return "unknown", "unknown"
        changed = ask("status", "--porcelain", "--", str(folder.parent))
        return ask("rev-parse", "HEAD"), str(bool(changed)).lower()
    except (OSError, subprocess.CalledProcessError):
        return "unknown", "unknown"
