"""What work in stages tells whoever watches it: the command line draws progress bars from it."""

from __future__ import annotations


class Listener:
    """Hears about stages, steps and notes; this one keeps silent."""

    def stage(self, title: str, steps: int) -> None:
        """Begin a stage of `steps` steps."""

    def advance(self, step: str) -> None:
        """One step of the stage is done."""

    def note(self, text: str) -> None:
        """Something the user should read."""
