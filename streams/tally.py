"""The counts of this process, by name: what happened to events, never what was in them."""

from __future__ import annotations

from collections import Counter

from schemas.telemetry.metrics import Meter
from streams import metrics
from streams.working import Working

EVENTS = "events"
"""Those that were brought to their end, whichever it was."""
REQUESTS = "requests"
REPEATS = "repeats"
STALE = "stale"
DEAD_LETTERED = "dead_lettered"
INTERNAL_ERRORS = "internal_errors"
WORLD_PAUSES = "world_pauses"

_METRICS = {
    EVENTS: metrics.EVENTS,
    REQUESTS: metrics.REQUESTS,
    REPEATS: metrics.REPEATS,
    STALE: metrics.STALE,
    DEAD_LETTERED: metrics.DEAD_LETTERS,
    INTERNAL_ERRORS: metrics.INTERNAL_ERRORS,
    WORLD_PAUSES: metrics.WORLD_PAUSES,
}


class Tally:
    """Counts since the start of the process; what is counted is a sign of life of the event that it happened to."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self.meter = Meter()
        self.working = Working()

    def add(self, name: str, *labels: str) -> None:
        """Count something that happened; `labels` are those of its metric."""
        self._counts[name] += 1
        self.working.sign()
        self.meter.add(_METRICS[name], *labels)

    def settled(self, topic: str, seconds: float) -> None:
        """Count an event of an input topic that was brought to its end, and how long that took."""
        self.add(EVENTS, topic)
        self.meter.distribution(metrics.SETTLING, topic).add(seconds)

    def counts(self) -> dict[str, int]:
        """Give all counts that are not zero."""
        return dict(self._counts)
