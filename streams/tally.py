"""The counts of this process, by name: what happened to events, never what was in them."""

from __future__ import annotations

from collections import Counter

EVENTS = "events"
"""Those that were brought to their end, whichever it was."""
REQUESTS = "requests"
REPEATS = "repeats"
STALE = "stale"
DEAD_LETTERED = "dead_lettered"
INTERNAL_ERRORS = "internal_errors"
WORLD_PAUSES = "world_pauses"


class Tally:
    """Counts since the start of the process."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, name: str, count: int = 1) -> None:
        """Count something that happened."""
        self._counts[name] += count

    def counts(self) -> dict[str, int]:
        """Give all counts that are not zero."""
        return dict(self._counts)
