"""The `targets:` of a file: a list, each with models of its own, or `joint`: one model for both."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from annotated_types import MinLen

from benchmark.config.validation import Findings, check
from benchmark.errors import did_you_mean
from benchmark.records import TARGETS

JOINT = "joint"
LISTED = Annotated[tuple[Literal["arousal", "valence"], ...], MinLen(1)]


def read_targets(entry: Any, findings: Findings) -> tuple[str, ...] | None:
    """Return the targets an entry names; where it names none, note why and return None."""
    if entry == JOINT:
        return TARGETS
    if entry in TARGETS:
        findings.add("targets", f"{entry!r} should be a list, as in [{entry}], or {JOINT}")
        return None
    if isinstance(entry, str):
        hint = did_you_mean(entry, (JOINT, *TARGETS))
        findings.add("targets", f"{entry!r} should be {JOINT} or a list of targets{hint}")
        return None
    if isinstance(entry, list) and JOINT in entry:
        findings.add(
            "targets",
            f"{entry!r} should be {JOINT} alone: one model for both targets; to hold it against "
            f"models of one target, give these a file of their own",
        )
        return None
    targets: tuple[str, ...] | None = check(LISTED, entry, "targets", findings)
    if targets and len(set(targets)) < len(targets):
        findings.add("targets", f"{entry!r} should hold each value only once")
    return targets
