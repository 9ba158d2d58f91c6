"""A writer of releases that keeps what it was given."""

from __future__ import annotations

from schemas.releases import ModelRelease


class FakeWriter:
    """Keeps releases in memory."""

    def __init__(self) -> None:
        self.written: list[ModelRelease] = []

    def write(self, release: ModelRelease) -> None:
        """Keep one release."""
        self.written.append(release)
