"""Whether the pages show the records as they are: a run that found all done draws none again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from benchmark.evaluation.environment import environment
from benchmark.records.atomic import write_whole
from benchmark.records.song import content_hash
from benchmark.runner.workspace import Workspace
from benchmark.tracking.mark import state_of_records


def state(workspace: Workspace) -> str:
    """Return what changes when pages would; "" where this package itself is being changed."""
    here = environment()
    if here["git_dirty"] == "true":
        return ""
    return content_hash(
        [state_of_records(workspace.records), here["mer-benchmark"], here["git_commit"]]
    )


def is_shown(workspace: Workspace, state: str) -> bool:
    """Say whether the pages that were written of this state are still there."""
    try:
        mark = json.loads(_place(workspace).read_text(encoding="utf-8"))
        return (
            bool(state)
            and mark["state"] == state
            and all((workspace.reports / page).exists() for page in mark["pages"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def mark_shown(workspace: Workspace, state: str, pages: Iterable[str]) -> None:
    """Store that these pages show a state."""
    content = json.dumps({"state": state, "pages": list(pages)})
    write_whole(_place(workspace), content.encode(), store=workspace.records.root)


def _place(workspace: Workspace) -> Path:
    return workspace.records.root / "shown.json"
