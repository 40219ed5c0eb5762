"""Who hears how far a download or an unpacking is: a screen, or nobody."""

from __future__ import annotations


class BytesListener:
    """Hears how many bytes are there, and does nothing; a screen overrides what it shows."""

    def stage(self, title: str, n_bytes: int | None) -> None:
        """Begin something of so many bytes (None: not known)."""

    def reached(self, n_bytes: int) -> None:
        """So many bytes of it are there, counted from its beginning."""

    def note(self, text: str) -> None:
        """Say something that the user should know, and that does not stop the work."""
